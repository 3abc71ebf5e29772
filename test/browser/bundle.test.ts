import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const bundle = readFileSync('dist/browser.bundle.js');

test('the browser file imports the runtime and nothing else', () => {
  const text = bundle.toString('utf8');
  const imports = [...text.matchAll(/(?<!-)\bfrom\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"|\brequire\(\s*"([^"]+)"/g)];
  expect(new Set(imports.map(([, from, plain, required]) => from ?? plain ?? required))).toEqual(
    new Set(['onnxruntime-web/wasm']),
  );
  expect(text).not.toMatch(/["']node:/);
});

test('it stays small: the runtime that a page needs beside it has 3.7 MB, compressed', () => {
  expect(gzipSync(bundle).length).toBeLessThan(170_000);
});
