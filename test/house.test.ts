import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { inFlags } from '../src/cli/flags.ts';
import { options } from '../src/cli/options.ts';
import { oneClassChoices } from '../src/heads/oneClass/registry.ts';
import { heads, labelHeads } from '../src/heads/registry.ts';
import { version } from '../src/version.ts';

/** The order in which a photo passes through the rooms (docs/architecture.md). Imports go up this list, never down. */
const rooms = [
  'runtime',
  'onnx',
  'numerics',
  'gradients',
  'images',
  'sets',
  'backbone',
  'objects',
  'features',
  'shards',
  'queue',
  'split',
  'heads',
  'metrics',
  'doctor',
  'evaluation',
  'tasks',
  'classifier',
  'study',
  'results',
  'report',
  'ui',
  'runs',
  'review',
  'demo',
  'serve',
  'export',
  'studio',
  'watch',
];
/** Files beside the rooms: what all rooms may use, and what uses all rooms. */
const ground = ['message.ts', 'errors.ts', 'version.ts'];
const doors = ['index.ts', 'browser.ts', 'browserTrain.ts'];

const read = (path: string): string => readFileSync(path, 'utf8');
/** Texts of programs that users run: what they import and print is theirs. */
const isProgram = (path: string) => path.startsWith('export/programs/');
const sources = globSync('**/*.{ts,tsx}', { cwd: 'src' })
  .sort()
  .map((path) => {
    const imports = importsOf(read(`src/${path}`));
    return {
      path,
      text: read(`src/${path}`),
      imports: imports.filter((one) => one.startsWith('.') || !isProgram(path)),
    };
  });

function importsOf(text: string): string[] {
  const statements = /^(?:import|export)\b[^;]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...text.matchAll(statements)].map((match) => match[1] ?? match[2] ?? match[3]);
}

/** Where in the order a file of src/ stands. */
function place(path: string): number {
  const [first] = path.split('/');
  const order = [ground, ...rooms, doors, 'cli'];
  const found = order.findIndex((names) => (typeof names === 'string' ? names === first : names.includes(path)));
  if (found < 0) throw new Error(`src/${path} stands in no room`);
  return found;
}

test('imports go up the list of rooms, never down', () => {
  const wrong = sources.flatMap(({ path, imports }) =>
    imports
      .filter((target) => target.startsWith('.'))
      .map((target) => join(dirname(path), target))
      .filter((target) => place(target) > place(path))
      .map((target) => `${path} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('only the files that may touch Node or the browser do', () => {
  const isNode = (path: string) => path.endsWith('.node.ts') || path === 'index.ts' || path.startsWith('cli/');
  const isWeb = (path: string) => path.endsWith('.web.ts') || path.endsWith('.tsx') || path.startsWith('browser');
  const nodeOnly = (target: string) =>
    /^node:|^sharp$|^lmdb$|^onnxruntime-node$|^tinyglobby$|^env-paths$|\.node\.ts$/.test(target);
  const webOnly = (target: string) => /^onnxruntime-web|\.web\.ts$/.test(target);
  const wrong = sources.flatMap(({ path, imports }) =>
    imports
      .filter((target) => (nodeOnly(target) && !isNode(path)) || (webOnly(target) && !isWeb(path)))
      .map((target) => `${path} -> ${target}`),
  );
  const dom = sources.filter(
    ({ path, text }) => !isWeb(path) && /\b(document|window|navigator)\.|\bnew (OffscreenCanvas|Image)\b/.test(text),
  );
  expect(wrong).toEqual([]);
  expect(dom.map(({ path }) => path).filter((path) => !path.startsWith('report/'))).toEqual([]);
});

test('only cli/ prints or ends the process', () => {
  const printing = /\bconsole\.|process\.(stdout|stderr|exit\b|exitCode)/;
  expect(
    sources
      .filter(({ path, text }) => !path.startsWith('cli/') && !isProgram(path) && printing.test(text))
      .map(({ path }) => path),
  ).toEqual([]);
});

test('index.ts only gives away what others make', () => {
  const { text = '' } = sources.find(({ path }) => path === 'index.ts') ?? {};
  expect(
    text
      .replace(/^export (?:type )?\{[^}]*\} from '[^']+';$/gm, '')
      .replace(/^\/\*\*.*\*\/$/gm, '')
      .trim(),
  ).toBe('');
});

test('every function of the library says what it throws', () => {
  const silent: string[] = [];
  for (const [, names = '', file = ''] of readFileSync('src/index.ts', 'utf8').matchAll(
    /^export \{([^}]*)\} from '\.\/([^']+)'/gm,
  )) {
    const text = readFileSync(`src/${file}`, 'utf8');
    for (const name of names.split(',').map((each) => each.trim())) {
      const above = new RegExp(`((?:/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?)export (?:async )?function ${name}\\b`).exec(
        text,
      );
      if (above && !above[1]?.includes('@throws')) silent.push(`${name} (src/${file})`);
    }
  }
  expect(silent).toEqual([]);
});

test('no source file is over 350 lines', () => {
  const long = sources.filter(({ text }) => text.split('\n').length > 351);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test('no files import each other in a circle', () => {
  const importsOfPath = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter((target) => target.startsWith('.')).map((target) => join(dirname(path), target)),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    if (done.has(path) || way.includes(path)) return;
    for (const target of importsOfPath.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of importsOfPath.keys()) visit(path, []);
  expect(circles).toEqual([]);
});

test('the page that says where things are has every file, by its own first line', () => {
  const page = read('docs/architecture.md');
  const listed = [...page.matchAll(/^### (\S+)\/: [\s\S]*?<!-- files -->([\s\S]*?)<!-- \/files -->/gm)].flatMap(
    ([, room, table = '']) =>
      [...table.matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm)].map(([, name, line]) => [
        room === 'src' ? name : `${room}/${name}`,
        line,
      ]),
  );
  const expected = sources.map(({ path, text }) => [path, /^(?:#!.*\n)?\/\*\* (.+) \*\/\n/.exec(text)?.[1]]);
  const byPath = (rows: readonly (readonly unknown[])[]) =>
    rows.toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  expect(byPath(listed), 'run `node scripts/rooms.mjs`').toEqual(byPath(expected));
});

test('the version is the same everywhere', () => {
  const parsed: unknown = JSON.parse(read('package.json'));
  expect(parsed).toMatchObject({ version });
  expect(read('CHANGELOG.md')).toContain(`## ${version}`);
});

test('messages name options as the library has them, and the command shows its flags', () => {
  const messages = sources
    .filter(({ path }) => !/^(cli|report|results|doctor|demo)\//.test(path))
    .map(({ path, text }) => ({ path, text: text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '') }))
    .flatMap(({ path, text }) =>
      // In a template the backticks around an option are escaped, in a quoted text they are not.
      [...text.matchAll(/\\`(\w+)(?:: [^`\\]*)?\\`|"[^"\n]*?`(\w+)[`:][^"\n]*"|'[^'\n]*?`(\w+)[`:][^'\n]*'/g)].map(
        ([, ...names]) => ({ path, name: names.find((name) => name !== undefined) }),
      ),
    );
  expect(messages.length).toBeGreaterThan(50);
  expect(messages.filter(({ name }) => inFlags(`\`${name}\``).startsWith('`'))).toEqual([]);
  expect(inFlags("`head: 'knn'` and `minPhotos: 2`, `trainOneClass`; `carafe train`")).toBe(
    '--head knn and --min-photos 2, --one-class; `carafe train`',
  );
});

test('the help of --head names every head', () => {
  const [several, oneClass = ''] = options.head.text.split('--one-class');
  const named = (text = '') => new Set(text.match(/[a-z]+(?:-[a-z]+)*/g));
  for (const { name } of [...heads, ...labelHeads]) expect(named(several)).toContain(name);
  for (const { name } of oneClassChoices) expect(named(oneClass)).toContain(name);
});

test('no message of the library names a flag', () => {
  const elsewhere = new Set([
    // Whole commands, of Carafe or of other programs.
    'runtime/thread.node.ts: --external',
    'onnx/mistaken.ts: --tflite',
    'studio/fileErrors.de.ts: --tflite',
    'images/formats/conversion.ts: --out',
    'classifier/find.node.ts: --out',
    'classifier/edit.ts: --compare-with',
    // Parts of results, which the report and the command print as they are.
    'sets/refineSet.ts: --min-photos',
    'sets/find.node.ts: --group-by',
    'split/givenSplit.ts: --ignore-split',
    'runs/trainOneClass.ts: --ignore-split',
    'runs/checkBackbone.ts: --cut',
    // What the doctor's page, which the command writes, says of the command.
    'review/words.ts: --apply',
    'review/words.de.ts: --apply',
    // Of other programs, in texts that say how to use them.
    'serve/pages.node.ts: --data-binary',
  ]);
  const found = sources
    .filter(({ path }) => !/^(cli|report|ui|results|doctor|demo)\/|\.tsx$|\/style\.ts$/.test(path))
    .flatMap(({ path, text }) =>
      [
        ...text
          .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
          .matchAll(/(?<![\w(-])--[a-z][a-z-]*[a-z](?![\w-]*\s*:\s)/g),
      ].map(([flag]) => `${path}: ${flag}`),
    );
  expect(found.filter((one) => !elsewhere.has(one))).toEqual([]);
  expect([...elsewhere].filter((one) => !found.includes(one))).toEqual([]);
});

test('every flag that a text names is one', async () => {
  const known = new Set(Object.values(options).map(({ flags }) => flags.split(' ')[0]));
  // Of npm, Node, docker, esbuild, tf2onnx, pkg-config, commander and a bench.
  const others = new Set([
    '--ignore-scripts',
    '--cpus',
    '--external',
    '--tflite',
    '--help',
    '--debug',
    '--version',
    '--large',
    '--data-binary',
    '--cflags',
    '--libs',
  ]);
  const named: string[] = [];
  for (const path of [...globSync(['src/**/*.ts', 'docs/**/*.md'], { cwd: '.' }), 'README.md']) {
    const text = readFileSync(path, 'utf8');
    for (const [flag] of text.matchAll(/(?<![\w(-])--[a-z][a-z-]*[a-z](?![\w-]*\s*:)/g))
      if (!known.has(flag) && !others.has(flag)) named.push(`${path}: ${flag}`);
  }
  expect(known.size).toBeGreaterThan(30);
  expect(named).toEqual([]);
});
