import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const dist = join(import.meta.dirname, '../dist');

/** What a built file loads before it runs: files of the package, and names of packages. */
function loadedWith(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const open = [join(dist, entry)];
  for (let file = open.pop(); file; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const source = readFileSync(file, 'utf8');
    for (const [, name] of source.matchAll(/^(?:import|export)(?:[^'"();]*\bfrom)?\s*"([^"]+)";$/gm)) {
      if (name.startsWith('.')) open.push(join(dirname(file), name));
      else if (!name.startsWith('node:')) packages.add(name);
    }
  }
  return { files, packages };
}

/** Files, and kilobytes in them, at most. */
const bounds: readonly [entry: string, files: number, kilobytes: number][] = [
  ['index.js', 80, 1050],
  ['cli/main.js', 10, 20],
  ['images/worker.node.js', 15, 300],
  ['runtime/worker.node.js', 10, 100],
  ['features/worker.node.js', 30, 500],
  ['study/worker.node.js', 40, 600],
];

test.each(bounds)('%s loads from a few files, and only what it needs at once', (entry, mostFiles, kilobytes) => {
  const { files, packages } = loadedWith(entry);
  expect(files.size).toBeLessThan(mostFiles);
  expect([...files].reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(1000 * kilobytes);
  expect([...packages].filter((name) => /^(zod|d3-|@bufbuild|lmdb|sharp)/.test(name))).toEqual([]);
});

test('the library loads what runs networks, so imports are seen', () => {
  expect(loadedWith('index.js').packages).toContain('onnxruntime-node');
});

test('packages that became part of dist/ keep their licences', () => {
  const notices = readFileSync(join(dist, 'third-party-licences.txt'), 'utf8');
  for (const name of ['zod', 'd3-scale', 'd3-shape'])
    expect(notices).toContain(readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim());
});
