import { type ChildProcess, execFile, fork, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { globSync } from 'tinyglobby';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands, options } from '../src/cli/options.ts';
import { oneClassChoices } from '../src/heads/oneClass/registry.ts';
import { heads, labelHeads } from '../src/heads/registry.ts';
import { parsePreprocessing } from '../src/images/preprocessingConfig.ts';
import { servePages } from './browser/page.ts';
import { launchChromium, missing } from './chromium.ts';
import { onTinyNetwork, temporaryFolder } from './cli/carafe.ts';
import { drawImageSet, drawLabelledPhotos } from './drawn.ts';
import { noPython, python } from './python.ts';

// The pages are true: each block of code in them runs, in the order in which it stands, in a folder that has what the pages
// speak of (drawn photos under the names of flowers), and each page in a folder of its own.

const root = resolve(import.meta.dirname, '..');
const pages = [
  'README.md',
  'docs/commands.md',
  'docs/api.md',
  'docs/scale.md',
  ...globSync('docs/guide/*.md', { cwd: root }).sort(),
];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Block {
  readonly language: string;
  readonly code: string;
  /** Where it stands, for messages. */
  readonly place: string;
}

function blocksOf(page: string): Block[] {
  const text = read(page);
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: code, index }) => ({
    language,
    code,
    place: `${page}:${text.slice(0, index).split('\n').length}`,
  }));
}

const inPage = ({ language, code }: Block) => language === 'html' || (language === 'js' && code.includes('/browser'));
const inNode = (block: Block) => block.language === 'js' && !inPage(block);

const { carafe, network, start } = onTinyNetwork();
/** How its photos become its input. */
const settings = network.replace('.onnx', '.json');
const drawn = temporaryFolder();
const cache = join(drawn, 'cache');
const flowers = { circle: 'daisy', cross: 'rose', square: 'tulip' };

/** A folder with photos: `folder/daisy/0.jpg` and so on. */
async function plant(folder: string, perClass: number, from: number): Promise<void> {
  await drawImageSet(join(drawn, 'drawings', folder), perClass, from);
  for (const [shape, flower] of Object.entries(flowers)) copy(join('drawings', folder, shape), join(folder, flower));
}

/** Copies a folder of drawn photos under another name. */
function copy(from: string, to: string, keep: (name: string) => boolean = () => true): void {
  mkdirSync(join(drawn, to), { recursive: true });
  for (const name of readdirSync(join(drawn, from)).filter(keep))
    copyFileSync(join(drawn, from, name), join(drawn, to, name));
}

/** Everything that the pages speak of, drawn once. */
const things = ['photos', 'test-photos', 'new-photos', 'more-photos', 'parts', 'shapes', 'classifier.onnx'];
beforeAll(async () => {
  await plant('photos', 10, 0);
  await plant('test-photos', 4, 10);
  await plant('later', 8, 14);
  copy('later/rose', 'new-photos', (name) => Number.parseInt(name, 10) < 17);
  copyFileSync(join(drawn, 'later/tulip/14.jpg'), join(drawn, 'new-photos/1.jpg'));
  copy('later/tulip', 'more-photos/lily');
  await drawImageSet(join(drawn, 'made'), 20, 30);
  copy('made/circle', 'parts/good');
  copy('made/cross', 'parts/scratch', (name) => Number.parseInt(name, 10) < 36);
  await drawLabelledPhotos(join(drawn, 'shapes'), 36);
  const { code, stderr } = await carafe(['train', 'photos', '--out', 'made', '--folds', '2'], cache, drawn);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  copyFileSync(join(drawn, 'made/classifier.onnx'), join(drawn, 'classifier.onnx'));
});

/** A folder in which the blocks of a page run. */
function workplace(): string {
  const folder = temporaryFolder();
  copyFileSync(network, join(folder, 'my-network.onnx'));
  copyFileSync(settings, join(folder, 'my-network.json'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/carafe-vision'));
  symlinkSync(join(root, 'node_modules/onnxruntime-web'), join(folder, 'node_modules/onnxruntime-web'));
  return folder;
}

/** What is not Carafe's, in lines that no test runs. */
const notRun = /^(npm (ci|link|install --ignore-scripts|run (demo|smoke|build))\b|python3 -m http\.server)/;

/** The words of a line as a shell splits them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** What a page has started and goes on until it is stopped; the page speaks of port 8080. */
interface Service {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts `carafe serve` or `carafe watch`, and waits until it answers, or has made a version. */
async function startService(args: readonly string[], folder: string): Promise<Service> {
  const port = await freePort();
  const words = args.map((word) => (word === '8080' ? String(port) : word));
  const few = args[0] === 'watch' ? ['--folds', '2', '--head', 'prototype'] : [];
  const { child, ended } = start([...words, ...few, '--threads', '1'], cache, folder);
  let said = '';
  child.stdout?.on('data', (text) => {
    said += text;
  });
  await expect.poll(() => said, { timeout: 60_000 }).toMatch(args[0] === 'watch' ? /Version 1/ : /answers/);
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 0 });
    },
  };
}

/** Starts a studio, opens its page at the address that it prints, and stops it. */
async function runStudio(words: readonly string[], folder: string): Promise<void> {
  const { child, ended } = start(words, cache, folder);
  const address = await new Promise<string>((resolve) =>
    child.stdout?.on('data', (text: string) => {
      const [found] = /http:\S+/.exec(text) ?? [];
      if (found) resolve(found);
    }),
  );
  expect((await fetch(address, { redirect: 'manual' })).status).toBe(302);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0 });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** What a training wrote, by its words: several pages begin with the same one. */
const trained = new Map<string, string>();

async function runShell({ code, place }: Block, folder: string, services: Service[]): Promise<void> {
  for (const line of code.trim().split('\n')) {
    const [command] = line.split(/\s+# /);
    if (notRun.test(command)) continue;
    const [name, ...words] = wordsOf(command);
    if (name === 'curl') {
      const port = String(services.at(-1)?.port);
      const { stdout } = await promisify(execFile)(name, ['-sf', ...words.map((word) => word.replace('8080', port))], {
        cwd: folder,
      });
      expect(stdout, place).toMatch(/label/);
      continue;
    }
    expect(name, place).toBe('carafe');
    if (words[0] === 'serve' || words[0] === 'watch') {
      services.push(await startService(words, folder));
      continue;
    }
    if (words[0] === 'studio' && !words.includes('--static')) {
      await runStudio(words, folder);
      continue;
    }
    // The catalogue's networks are downloads, and what few folds cost is enough.
    const args = words.map((word) => (word === 'mobilenet-v2' ? network : word));
    if (args[0] === 'train' && !args.includes('--one-class') && !args.includes('--folds')) args.push('--folds', '2');
    if (args.includes('auto')) args.push('--budget', '1s');
    const out = join(folder, args[args.indexOf('--out') + 1] ?? '');
    const before = trained.get(args.join(' '));
    if (before) {
      cpSync(before, out, { recursive: true });
      continue;
    }
    const wanted = args.includes('--assert-accuracy') ? 3 : 0;
    const { code: exit, stderr } = await carafe(args, cache, folder);
    expect({ command, exit, stderr: exit === wanted ? '' : stderr }, place).toEqual({
      command,
      exit: wanted,
      stderr: '',
    });
    if (args[0] !== 'train' || !args.includes('--out') || args.includes('--compare-with')) continue;
    const kept = join(drawn, `trained ${trained.size}`);
    cpSync(out, kept, { recursive: true });
    trained.set(args.join(' '), kept);
  }
}

/**
 * Imports the modules that it is sent, in their folder, and says what went wrong. The network that comes with the package is the
 * tiny one there: what it is good for is no question of the pages.
 */
const runner = `const [, , built, network] = process.argv;
const { embedded } = await import(built);
Object.assign(embedded, JSON.parse(network));
process.on('message', async ({ modules, folder }) => {
  process.chdir(folder);
  let failed;
  for (const { file, place } of modules) {
    console.log(place);
    failed ??= await import(file).then(() => undefined, (error) => place + ': ' + error.stack);
  }
  process.send({ failed });
});`;

/** One process for the modules of all pages, since a new one would compile the library anew for each. */
let programs: { readonly child: ChildProcess; printed: string; count: number } | undefined;
afterAll(() => void programs?.child.kill());

function startPrograms() {
  writeFileSync(join(drawn, 'runner.mjs'), runner);
  const places = globSync('dist/chunks/*.js', { cwd: root });
  const built = places.find((path) => read(path).includes('// dist/backbone/embedded.js')) ?? '';
  const preprocessing = parsePreprocessing(JSON.parse(readFileSync(settings, 'utf8')), settings);
  const hash = createHash('sha256').update(readFileSync(network)).digest('hex');
  const own = JSON.stringify({ file: pathToFileURL(network), hash, preprocessing });
  const env = { ...process.env, CARAFE_CACHE: cache };
  const child = fork(join(drawn, 'runner.mjs'), [join(root, built), own], {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const started = { child, printed: '', count: 0 };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    started.printed += text;
  });
  return started;
}

/** Runs modules one after the other; what they print has no undefined values. */
async function runModules(blocks: readonly Block[], folder: string): Promise<void> {
  programs ??= startPrograms();
  const { child } = programs;
  const modules: { file: string; place: string }[] = [];
  for (const { code, place } of blocks) {
    // Under a name of its own, since a module is loaded once.
    const file = join(folder, `block${programs.count++}.mjs`);
    writeFileSync(file, code);
    modules.push({ file: String(pathToFileURL(file)), place });
  }
  const ended = once(child, 'exit').then(([code]) => [{ failed: `${blocks[0].place}: it ended with ${code}` }]);
  child.send({ modules, folder });
  const [{ failed }] = await Promise.race([once(child, 'message'), ended]);
  expect(failed).toBeUndefined();
  expect(programs.printed).not.toMatch(/undefined|NaN/);
}

/** One browser for the pages of all pages. */
let browser: Browser | undefined;
afterAll(() => browser?.close());

/** Runs modules in pages that have a photo, and file inputs that hold some; what they print has no undefined values. */
async function runPages(blocks: readonly Block[], folder: string): Promise<void> {
  const photo = readFileSync(join(drawn, 'new-photos/1.jpg'));
  const addresses = { 'carafe-vision/browser': '/web/predict.js', 'carafe-vision/browser/train': '/web/train.js' };
  const inputs = Object.values(flowers).map((name) => `<input type="file" multiple name="${name}">`);
  const pageOf = ({ language, code }: Block) =>
    language === 'html'
      ? code
      : `<!doctype html><title>A block</title><script type="importmap">${JSON.stringify({ imports: addresses })}</script>
<img src="/photo.jpg"><input type="file">${inputs.join('')}
<script type="module">await new Promise((go) => { globalThis.go = go; });
${code}
document.title = 'done';</script>`;
  const routes = Object.fromEntries(blocks.map((block, index) => [`/${index}.html`, pageOf(block)]));
  const files = {
    '/backbone/carafe-s.onnx': readFileSync(network),
    '/backbone/carafe-s.json': readFileSync(settings),
    '/photo.jpg': photo,
    '/classifier.onnx': readFileSync(join(drawn, 'classifier.onnx')),
    ...Object.fromEntries(['my-classifier', 'line-1'].map((name) => [`/${name}/`, { folder: join(folder, name) }])),
  };
  const served = await servePages({ ...routes, ...files });
  browser ??= await launchChromium();
  try {
    for (const [index, { language, place }] of blocks.entries()) {
      const page = await browser.newPage();
      page.setDefaultTimeout(120_000);
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(`undefined: ${error.message}`));
      await page.goto(`${served.address}/${index}.html`);
      if (language === 'html') {
        await page.waitForFunction(() => document.querySelector('input')?.onchange);
        await page.setInputFiles('input', join(drawn, 'new-photos/1.jpg'));
        await page.waitForFunction(() => document.querySelector('p')?.textContent);
      } else {
        await page.setInputFiles('input:not([name])', join(drawn, 'new-photos/1.jpg'));
        for (const name of Object.values(flowers))
          await page.setInputFiles(
            `input[name=${name}]`,
            readdirSync(join(drawn, 'test-photos', name)).map((file) => join(drawn, 'test-photos', name, file)),
          );
        await page.evaluate('go()');
        await page.waitForFunction(() => document.title === 'done').catch(() => said.push('undefined: it did not end'));
      }
      expect(said.join('\n'), place).not.toMatch(/undefined|NaN/);
      await page.close();
    }
  } finally {
    await served.close();
  }
}

/** Whether a bundler takes a module as it stands, with esbuild's loaders that the page names. */
async function bundle({ code }: Block, folder: string): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    format: 'esm',
    outdir: join(folder, 'bundled'),
    write: false,
    loader: { '.wasm': 'file', '.onnx': 'file' },
    logLevel: 'silent',
  });
  expect(outputFiles.map(({ path }) => path.split('.').at(-1)).sort()).toEqual(['js', 'onnx', 'wasm']);
}

if (noPython) console.log(`test/docs.test.ts: Python skipped, ${noPython}`);
if (missing) console.log(`test/docs.test.ts: pages skipped, ${missing}`);

describe.each(pages)('%s', (page) => {
  const blocks = blocksOf(page);
  const folder = workplace();

  test('its fences say what they hold', () => {
    const known = ['sh', 'js', 'js bundled', 'html', 'python', 'text', 'csv'];
    expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
  });

  test('its commands and programs run', async () => {
    for (const name of things) symlinkSync(join(drawn, name), join(folder, name));
    let modules: Block[] = [];
    const services: Service[] = [];
    for (const block of [...blocks, undefined]) {
      if (block && inNode(block)) modules.push(block);
      else if (modules.length > 0 && block?.language !== 'text') {
        await runModules(modules, folder);
        modules = [];
      }
      if (block?.language === 'sh') await runShell(block, folder, services);
      if (block?.language === 'js bundled') await bundle(block, folder);
      if (block?.language === 'python' && python) {
        const { command, env } = python;
        const { stdout, stderr, status } = spawnSync(command, ['-c', block.code], {
          cwd: folder,
          env,
          encoding: 'utf8',
        });
        expect({ status, stderr }, block.place).toMatchObject({ status: 0 });
        expect(stdout).toMatch(/^(daisy|rose|tulip|unknown) 0\.\d+\n$/);
      }
    }
    await Promise.all(services.map((service) => service.stop()));
    const shown = blocks.filter(inPage);
    if (!missing && shown.length > 0) await runPages(shown, folder);
  });
});

test('the programs of the pages end by themselves, and print no undefined values', async () => {
  if (!programs) throw new TypeError('none was run');
  const { child } = programs;
  // It does not close, since its channel was taken from it.
  const ended = Promise.all([once(child, 'exit'), child.stdout && once(child.stdout, 'end')]);
  child.disconnect();
  expect(await ended).toMatchObject([[0, null], []]);
  expect(programs.printed).not.toMatch(/undefined|NaN/);
});

test('the pages have blocks of each kind', () => {
  const languages = pages.flatMap((page) => blocksOf(page).map(({ language }) => language));
  for (const language of ['sh', 'js', 'js bundled', 'html', 'python']) expect(languages).toContain(language);
});

test('README has at most 120 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});

test('every command is in README, every option and every head in docs/commands.md', () => {
  const readme = read('README.md');
  for (const name of Object.keys(commands)) expect(readme).toContain(`\`carafe ${name}`);
  const page = read('docs/commands.md');
  const flags = Object.values(options).map(({ flags }) => flags.split(' ')[0]);
  const names = [...heads, ...labelHeads, ...oneClassChoices].map(({ name }) => name);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
  expect(flags.filter((flag) => !new RegExp(`${flag}(?![\\w-])`).test(page))).toEqual([]);
});

/** The names that an entry gives, types too. */
function exportsOf(path: string): string[] {
  const text = read(path);
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names]) => names.split(','));
  const own = [...text.matchAll(/^export (?:async )?(?:function|class|interface|const|type) (\w+)/gm)];
  return [...lists.map((name) => name.trim().replace(/^type /, '')).filter(Boolean), ...own.map(([, name]) => name)];
}

test.each([
  ['src/index.ts', 'carafe-vision'],
  ['src/browser.ts', 'carafe-vision/browser'],
  ['src/browserTrain.ts', 'carafe-vision/browser/train'],
])('everything that %s exports is on the page of the library', (path, entry) => {
  const sections = read('docs/api.md').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${entry}\n`)) ?? '';
  const names = exportsOf(path);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
});

test('links lead to files and headings that are there', () => {
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
  const broken: string[] = [];
  const texts = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'backbone/*.md'], { cwd: root });
  expect(texts.length).toBeGreaterThan(12);
  for (const path of texts) {
    const text = read(path);
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(([, link, picture]) => link ?? picture);
    for (const link of links.filter((each) => !/^https?:/.test(each))) {
      const [file, anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(root, target))) broken.push(`${path}: ${link}`);
      else if (anchor && !anchors(read(target)).includes(anchor)) broken.push(`${path}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});
