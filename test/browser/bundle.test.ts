import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const files = readdirSync('web').filter((name) => name.endsWith('.js'));
const text = files.map((name) => readFileSync(`web/${name}`, 'utf8')).join('\n');

test('the browser files import one another and nothing else', () => {
  const imports = [
    ...text.matchAll(/(?<![-\w])from\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"|\brequire\(\s*"([^"]+)"/g),
  ].map(([, from, plain, required]) => from ?? plain ?? required);
  expect(imports.length).toBeGreaterThan(1);
  expect(imports.filter((path) => !files.includes(path.replace(/^\.\//, '')))).toEqual([]);
});

test('they stay small: the runtime has 3.7 MB, compressed', () => {
  expect(gzipSync(text).length).toBeLessThan(250_000);
});
