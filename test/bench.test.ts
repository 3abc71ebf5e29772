import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';

/** Names that a source file gives away. */
function exportsOf(path: string): Set<string> {
  const text = readFileSync(path, 'utf8');
  const own = [...text.matchAll(/^export (?:async )?(?:function|const|let|class) (\w+)/gm)].map(([, name]) => name);
  const passed = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim().replace(/^.* as /, '')),
  );
  return new Set([...own, ...passed].filter((name) => name !== undefined));
}

test('benches import what there is', () => {
  const missing = globSync('bench/*.mjs').flatMap((bench) =>
    [...readFileSync(bench, 'utf8').matchAll(/^import \{([^}]*)\} from '\.\.\/dist\/([^']+)\.js';/gm)].flatMap(
      ([, names = '', path]) => {
        const known = exportsOf(`src/${path}.ts`);
        const wanted = names.split(',').map((name) => name.trim().replace(/ as .*$/, ''));
        return wanted
          .filter((name) => name !== '' && !known.has(name))
          .map((name) => `${bench}: ${path} has no ${name}`);
      },
    ),
  );
  expect(missing).toEqual([]);
});
