// Write the JSON schemas of what `--json` prints. Run after `npm run build`; a test tells when it is due.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchemas } from '../dist/results/schemas.js';

for (const [name, schema] of jsonSchemas())
  writeFileSync(fileURLToPath(new URL(`../schemas/${name}`, import.meta.url)), `${JSON.stringify(schema, null, 2)}\n`);
