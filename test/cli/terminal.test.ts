import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readModel } from '../../src/onnx/read.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { tinyBackbone, tinyClassifier } from '../classifier/tiny.ts';
import { drawImageSet } from '../drawn.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { carafe, temporaryFolder } from './carafe.ts';

/** A title for the window, a colour by C0 and by C1, an eighth bit that ends a string, text that runs backwards. */
const evil = '\u001b]0;pwn\u0007\u001b[31m\u009b32m\u009c\u202egpj\u2066\r\b\u007f\u2028';
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not come out
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const folder = temporaryFolder();
const cache = join(folder, 'cache');
const backbone = ['--backbone', tinyNetworkFile(), '--threads', '1'];
/** For trainings whose figures are not the point. */
const briefly = [...backbone, '--folds', '2', '--head', 'prototype', '--framing', 'crop'];
const command = join(import.meta.dirname, '../../dist/cli/main.js');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The classifier with every text of its card, its labels among them, given an evil end. */
function hostile(bytes: Uint8Array, change = (text: string) => text + evil): Uint8Array {
  const model = readModel(bytes, 'tiny');
  const fixed =
    /^(?:[0-9a-f]{12,}|single-label|shortest-edge|squash|bicubic|bilinear|rgb|nchw|float32|folds|refitted)$/;
  const changed = (text: string): string => (fixed.test(text) ? text : change(text));
  const metadata = Array.from(
    model.metadata,
    ([key, text]) =>
      [
        key,
        JSON.stringify(JSON.parse(text), (name, value: unknown) =>
          typeof value === 'string' && name !== 'formula' ? changed(value) : value,
        ),
      ] as const,
  );
  return writeModel({ ...model, metadata: new Map(metadata) });
}

let opened: Awaited<ReturnType<typeof runOpened>>;
beforeAll(async () => {
  await drawImageSet(join(folder, 'set'), 4);
  const photo = readFileSync(join(folder, 'set/circle/0.jpg'));
  for (const [label, at] of [[`a${evil}`, 0] as const, ['b', 4] as const, ['c', 8] as const])
    for (let i = 0; i < 4; i++) {
      const from = readFileSync(join(folder, 'set', ['circle', 'cross', 'square'][at / 4] ?? '', `${i}.jpg`));
      mkdirSync(join(folder, 'evil set', label), { recursive: true });
      writeFileSync(join(folder, 'evil set', label, `${i}${evil}.jpg`), from);
    }
  mkdirSync(join(folder, `broken${evil}`), { recursive: true });
  writeFileSync(join(folder, `broken${evil}`, `x${evil}.jpg`), 'no photo');
  mkdirSync(join(folder, `single${evil}`, `one${evil}`), { recursive: true });
  writeFileSync(join(folder, `single${evil}`, `one${evil}`, `x${evil}.jpg`), photo);
  writeFileSync(join(folder, 'list.csv'), `path,label\nset/circle/0.jpg,a${evil}\nset/circle/1.jpg,b\n`);
  writeFileSync(join(folder, 'columns.csv'), `pa${evil},lab\nx,y\n`);
  const network = tinyNetwork();
  const bytes = await tinyClassifier(await tinyBackbone(network), 1);
  writeFileSync(join(folder, 'evil.onnx'), hostile(bytes));
  const { metadata, ...rest } = readModel(hostile(bytes), 'tiny');
  const formula = new Map(metadata).set(
    'carafe.selfTest',
    JSON.stringify({ ...JSON.parse(metadata.get('carafe.selfTest') ?? ''), formula: evil }),
  );
  writeFileSync(join(folder, 'formula.onnx'), writeModel({ ...rest, metadata: formula }));
  const renamed = (name: string) => (name === network.graph.outputs[0]?.name ? `scores${evil}` : name);
  writeFileSync(
    join(folder, 'network.onnx'),
    writeModel({
      ...network,
      producer: `producer${evil}`,
      graph: {
        ...network.graph,
        nodes: network.graph.nodes.map((node) => ({
          ...node,
          name: `${node.op}${evil}`,
          outputs: node.outputs.map(renamed),
        })),
        outputs: network.graph.outputs.map((output) => ({ ...output, name: renamed(output.name) })),
      },
    }),
  );
  writeFileSync(
    join(folder, 'external.onnx'),
    writeModel({
      ...network,
      graph: {
        ...network.graph,
        initializers: network.graph.initializers.map((tensor) => ({
          ...tensor,
          bytes: new Uint8Array(),
          external: { location: `weights${evil}`, offset: 0, length: undefined },
        })),
      },
    }),
  );
  opened = await runOpened();
});

const commands: [name: string, ...args: string[]][] = [
  ['labels of a folder', 'train', 'evil set', ...backbone, '--folds', '2', '--out', `out${evil}`],
  ['a folder that is too small', 'train', `single${evil}`],
  ['photos that cannot be read', 'train', `broken${evil}`],
  ['labels of a list', 'train', 'list.csv'],
  ['columns of a list', 'train', 'columns.csv'],
  ['a folder that is not there', 'train', `nowhere${evil}`],
  ['a flag', 'train', 'set', `--no${evil}`],
  ["a flag's value", 'train', 'set', '--seed', evil],
  ['a head', 'train', 'set', '--head', evil],
  ['a tensor', 'train', 'set', '--cut', evil],
  ['a command', `train${evil}`],
  ['names of a network', 'inspect', 'network.onnx'],
  ['a cut that is not there', 'train', 'set', '--backbone', 'network.onnx', '--cut', evil],
  ['weights elsewhere', 'train', 'set', '--backbone', 'external.onnx'],
  ['a backbone that is not there', 'train', 'set', '--backbone', `no${evil}.onnx`],
  ['a card, predicting', 'predict', 'evil.onnx', 'evil set'],
  ['a card, predicting many', 'predict', 'evil.onnx', 'evil set', '--top', '3'],
  ['a card, for a spreadsheet', 'predict', 'evil.onnx', 'evil set', '--csv'],
  ['photos, predicting', 'predict', 'evil.onnx', `broken${evil}`],
  ['photos that are not there', 'predict', 'evil.onnx', `nothing${evil}`],
  ['a card, evaluating', 'evaluate', 'evil.onnx', 'set'],
  ['a card, verifying', 'verify', 'evil.onnx'],
  ['a formula', 'verify', 'formula.onnx'],
  ['a card, inspecting', 'inspect', 'evil.onnx'],
  ['a card, editing', 'edit', 'evil.onnx', '--remove', 'nope'],
  ['a card, edited', 'edit', 'evil.onnx', '--rename', `été${evil}=x${evil}`, '--to', `edited${evil}.onnx`],
  ['a card, explaining', 'explain', 'evil.onnx', 'set/circle/0.jpg', '--backbone', 'network.onnx'],
  ['a photo, explaining', 'explain', 'evil.onnx', `nothing${evil}`],
  ['a study', 'study', `nowhere${evil}`],
  ['an action', 'cache', evil],
  ['a backbone by name', 'backbones', 'check', evil, 'set'],
  ['a demo', 'demo', `demo${evil}`, '--per-class', 'x'],
];

/** JSON is written by one function: the commands that read a file's own words stand for all. */
const both = /^a card|^names|^labels of a list/;

/** What the runtime itself says of a hostile network goes past this process's streams: only another process shows it. */
const isOpened = (args: readonly string[]) => args.some((word) => word.endsWith('.onnx'));

/** Runs what it is given, one after the other, with a line between what they write. */
const runner = `const [main, between, ...all] = process.argv.slice(2);
for (const [at, args] of all.entries()) {
  process.argv = [process.execPath, main, ...JSON.parse(args)];
  await import(main + '?run=' + at);
  process.stdout.write(between);
  process.stderr.write(between);
}
process.exitCode = 0;`;

/** What the commands that open a file write, by their name: run in one process, which loads the command once. */
async function runOpened(): Promise<Map<string, { stdout: string; stderr: string }>> {
  const between = '\n--- the next command ---\n';
  const opened = commands.filter(([, ...args]) => isOpened(args));
  const file = join(folder, 'runner.mjs');
  writeFileSync(file, runner);
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [file, command, between, ...opened.map(([, ...args]) => JSON.stringify(args))],
    { cwd: folder, env: { ...process.env, CARAFE_CACHE: cache, NO_COLOR: '1' } },
  );
  const [printed, said] = [stdout.split(between), stderr.split(between)];
  expect([printed.length, said.length]).toEqual([opened.length + 1, opened.length + 1]);
  return new Map(opened.map(([name], at) => [name, { stdout: printed[at] ?? '', stderr: said[at] ?? '' }]));
}

describe.each(commands)('%s', (name, ...args) => {
  test('writes nothing that could rewrite the terminal', async () => {
    for (const flags of both.test(name) && !args.includes('--csv') ? [[], ['--json']] : [[]]) {
      const written = flags.length === 0 ? opened.get(name) : undefined;
      const { stdout, stderr } = written ?? (await carafe([...args, ...flags], cache, folder));
      expect(stdout + stderr).not.toBe('');
      expect(stdout).not.toMatch(raw);
      expect(stderr).not.toMatch(raw);
      expect(stdout + stderr).not.toMatch(/\n\s+at .*:\d+/);
      if (flags.length > 0) expect(() => JSON.parse(stdout)).not.toThrow();
    }
  });
});

test('JSON says a label letter by letter, escaped', async () => {
  const { stdout } = await carafe(['predict', 'evil.onnx', 'set', '--json'], cache, folder);
  const result: unknown = JSON.parse(stdout);
  expect(JSON.stringify(result)).toContain(JSON.stringify(`été${evil}`).slice(1, -1));
});

test('a label of megabytes is cut short', async () => {
  const long = readFileSync(join(folder, 'evil.onnx'));
  writeFileSync(
    join(folder, 'long.onnx'),
    hostile(long, (text) => text + 'x'.repeat(1_000_000)),
  );
  for (const args of [
    ['predict', 'long.onnx', 'set/circle/0.jpg'],
    ['edit', 'long.onnx', '--remove', 'nope'],
  ]) {
    const { stdout, stderr } = await carafe(args, cache, folder);
    expect(stdout + stderr).toMatch(/\.\.\. \(\d+ characters\)/);
    expect(stdout.length + stderr.length).toBeLessThan(10_000);
  }
});

describe('whose reader goes away', () => {
  /** Runs with the streams that are named closed at the first byte. */
  function withoutReader(args: readonly string[], gone: readonly ('stdout' | 'stderr')[]): Promise<number | null> {
    const child = spawn(process.execPath, [command, ...args], {
      cwd: folder,
      env: { ...process.env, CARAFE_CACHE: cache },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const name of gone) child[name].destroy();
    child.stdout.resume();
    child.stderr.resume();
    return new Promise((resolve) => child.on('exit', resolve));
  }

  const trained = ['train', 'set', ...briefly, '--out'];
  const asserted = ['evaluate', 'judged', 'set', '--assert-accuracy', '0.999'];
  beforeAll(() => carafe([...trained, 'judged'], cache, folder));

  test.each([
    ['an assertion keeps its exit code', asserted, 3, ['stdout'] as const],
    ['both gone', asserted, 3, ['stdout', 'stderr'] as const],
    ['an error keeps its exit code', ['train', 'nowhere', '--json'], 2, ['stdout'] as const],
    ['training goes on without stderr', [...trained, 'silent'], 0, ['stderr'] as const],
    ['predicting goes on', ['predict', 'evil.onnx', 'set', `broken${evil}`], 0, ['stdout', 'stderr'] as const],
  ])('%s', async (_, args, code, gone) => {
    expect(await withoutReader(args, gone)).toBe(code);
    const out = args.indexOf('--out');
    if (out > 0) expect(existsSync(join(folder, args[out + 1] ?? '', 'classifier.onnx'))).toBe(true);
  });
});

test.skipIf(!existsSync('/dev/full'))('a full disk behind stdout is an error in words', async () => {
  const full = openSync('/dev/full', 'w');
  const run = (stdio: ['ignore', number | 'pipe', number | 'pipe'], args: string[]) => {
    const child = spawn(process.execPath, [command, ...args], { cwd: folder, stdio });
    let stderr = '';
    child.stderr?.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    return new Promise<{ code: number | null; stderr: string }>((resolve) =>
      child.on('close', (code) => resolve({ code, stderr })),
    );
  };
  cpSync(join(folder, 'evil.onnx'), join(folder, 'c.onnx'));
  const { code, stderr } = await run(['ignore', full, 'pipe'], ['predict', 'c.onnx', 'set']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: The result cannot be written to stdout: .*no space left.*\n.+\n$/);
  expect(await run(['ignore', full, full], ['verify', 'formula.onnx'])).toMatchObject({ code: 2 });
});

test.runIf(process.platform !== 'win32').each([24, 40, 64, 100, 128])(
  'with %i open files at most it works, or says what to raise',
  async (most) => {
    // Where it works, it does so in either way.
    for (const json of [['--json'], []]) {
      const child = spawn(
        'sh',
        [
          '-c',
          `ulimit -n ${most}; exec "$0" "$@"`,
          process.execPath,
          command,
          'train',
          join(folder, 'set'),
          ...briefly,
          '--out',
          join(folder, `few ${most}`),
          ...json,
        ],
        {
          env: { ...process.env, CARAFE_CACHE: cache, NO_COLOR: '1' },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      const said = { stdout: '', stderr: '' };
      child.stdout.on('data', (text) => {
        said.stdout += text;
      });
      child.stderr.on('data', (text) => {
        said.stderr += text;
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      if (code === 0) return;
      expect(code).toBe(2);
      expect(said.stderr).not.toMatch(/\bat .*:\d+:\d+|node:internal/);
      if (json.length > 0) expect(JSON.parse(said.stdout).error.hint).toContain('ulimit -n');
      else expect(said.stderr).toMatch(/^error: Too many files are open.*\n.*ulimit -n 1024/);
    }
  },
);
