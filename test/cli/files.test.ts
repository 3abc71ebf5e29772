import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../../src/cli/command.ts';
import { inFlags } from '../../src/cli/flags.ts';
import { type CommandName, commands, type OptionName, options } from '../../src/cli/options.ts';
import { stderr } from '../../src/cli/terminal.ts';
import { CarafeError } from '../../src/errors.ts';
import { tinyBackbone, tinyClassifier } from '../classifier/tiny.ts';
import { tinyNetwork } from '../onnx/networks.ts';

/** What stands where another file is expected, in a folder of its own. */
const folder = mkdtempSync(join(tmpdir(), 'carafe-files-'));
const at = (name: string) => join(folder, name);
const wrong = ['missing', 'folder', 'empty', 'text'] as const;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  process.env.CARAFE_CACHE = at('cache');
  writeFileSync(at('classifier.onnx'), await tinyClassifier(await tinyBackbone(tinyNetwork())));
  for (const name of ['folder', 'folder.html', 'folder.onnx']) mkdirSync(at(name));
  writeFileSync(at('empty'), '');
  writeFileSync(at('text'), 'neither a photo nor a network');
  for (const [i, name] of [
    'photo.jpg',
    'photos/a/1.jpg',
    'photos/a/2.jpg',
    'photos/b/1.jpg',
    'photos/b/2.jpg',
  ].entries()) {
    mkdirSync(join(at(name), '..'), { recursive: true });
    await sharp({ create: { width: 40, height: 30, channels: 3, background: `hsl(${70 * i} 50% 50%)` } }).toFile(
      at(name),
    );
  }
});

async function runCommand(name: CommandName, args: readonly string[], given: Partial<Record<OptionName, string>>) {
  const own: readonly OptionName[] = commands[name].options;
  const values = Object.fromEntries(own.map((key) => [key, options[key].schema.parse(given[key])]));
  const { run } = await import(`../../src/cli/${name}.ts`);
  const terminal: Terminal = {
    out: () => {},
    stderr,
    signal: new AbortController().signal,
    onInterrupt: () => {},
    again: () => '',
  };
  return run(args, values, terminal);
}

/** Every place of a command line that names a file, with what is right in all others. `?` is the wrong one. */
const places: readonly (readonly [CommandName, readonly string[], Partial<Record<OptionName, string>>])[] = [
  ['train', ['?'], {}],
  ['train', ['photos'], { compareWith: '?' }],
  ['train', ['photos'], { backbone: '?' }],
  ['train', ['photos'], { preprocessing: '?' }],
  ['predict', ['?', 'photo.jpg'], {}],
  ['predict', ['classifier.onnx', '?'], {}],
  ['evaluate', ['?', 'photos'], {}],
  ['evaluate', ['classifier.onnx', '?'], {}],
  ['verify', ['?'], {}],
  ['inspect', ['?'], {}],
  ['backbones', ['check', '?', 'photos'], {}],
  ['backbones', ['check', 'embedded', '?'], {}],
  ['edit', ['?'], { rename: 'x=y' }],
  ['study', ['?'], {}],
  ['explain', ['?', 'photo.jpg'], {}],
  ['explain', ['classifier.onnx', '?'], {}],
  ['explain', ['classifier.onnx', 'photo.jpg'], { photos: '?' }],
];

describe.each(places)('%s %j %j', (name, args, given) => {
  test.each(wrong)('%s: says which file it is, and what to do, in words', async (kind) => {
    const path = (word: string) => (word === '?' ? at(kind) : ['check', 'embedded'].includes(word) ? word : at(word));
    const flags = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [
        key,
        value === '?' ? at(kind) : value.includes('=') ? value : at(value),
      ]),
    );
    const wanted = { out: at('out'), html: at('page.html'), ...flags };
    const error = await runCommand(name, args.map(path), wanted).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CarafeError);
    if (!(error instanceof CarafeError)) return;
    expect(error.exitCode).toBe(2);
    expect(error.what).toContain(at(kind));
    // No code of the system's, and no word of a file that was right.
    expect(`${error.what} ${error.hint}`).not.toMatch(/\bE[A-Z]{4,}\b|syscall|errno|illegal operation/);
    expect(error.hint).toMatch(/\w+ \w+/);
    const isWrong = (key: OptionName) => given[key] === '?' && key !== 'backbone' && key !== 'photos';
    const names: readonly OptionName[] = commands[name].options;
    for (const key of names.filter(isWrong)) expect(inFlags(error.what)).toContain(options[key].flags.split(' ')[0]);
  });
});

test.each([
  ['explain', ['classifier.onnx', 'photo.jpg'], { html: 'folder.html' }],
  ['inspect', ['classifier.onnx'], { html: 'folder.html' }],
  ['edit', ['classifier.onnx'], { rename: 'été=x', to: 'folder.onnx' }],
  ['train', ['photos'], { out: 'text' }],
  ['study', ['photos'], { out: 'text' }],
] satisfies typeof places)('%s %j %j: what cannot be written is said in words', async (name, args, given) => {
  const flags = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, value.includes('=') ? value : at(value)]),
  );
  const error = await runCommand(name, args.map(at), { html: at('page.html'), ...flags }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'UNWRITABLE', what: expect.stringMatching(/folder|text/) });
  expect(String(error)).not.toMatch(/\bE[A-Z]{4,}\b/);
});

test.each([
  ['explain', ['classifier.onnx', 'photo.jpg'], { html: 'photo.jpg' }],
  ['inspect', ['classifier.onnx'], { html: 'classifier.onnx' }],
  ['edit', ['classifier.onnx'], { rename: 'été=x', to: 'photo.jpg' }],
] satisfies typeof places)('%s %j %j: nothing is written over files of another kind', async (name, args, given) => {
  const flags = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, value.includes('=') ? value : at(value)]),
  );
  const before = args.map((path) => readFileSync(at(path)));
  await expect(runCommand(name, args.map(at), flags)).rejects.toMatchObject({ code: 'USAGE' });
  expect(args.map((path) => readFileSync(at(path)))).toEqual(before);
});

test('the folder that --out named stands for the classifier in it, for every command', async () => {
  const says = async (name: CommandName, args: readonly string[], given: Partial<Record<OptionName, string>> = {}) =>
    expect(await runCommand(name, args, given)).toBe(0);
  await says('predict', [folder, at('photo.jpg')]);
  await says('verify', [folder]);
  await says('inspect', [folder]);
  await says('edit', [folder], { rename: 'été=summer', to: at('edited.onnx') });
  await says('explain', [at('classifier.onnx'), at('photo.jpg')], { html: at('page.html') });
});
