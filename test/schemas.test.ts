import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonSchemas } from '../src/results/schemas.ts';

test.each([...jsonSchemas()])('schemas/%s is what the code says (node scripts/schemas.mjs)', (name, schema) => {
  const stored: unknown = JSON.parse(readFileSync(`schemas/${name}`, 'utf8'));
  expect(stored).toEqual(JSON.parse(JSON.stringify(schema)));
});
