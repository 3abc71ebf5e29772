import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportClassifier, loadClassifier, type TrainResult, train, trainOneClass } from '../../src/index.ts';
import type { Interval } from '../../src/metrics/evaluation.ts';
import type { OneClassResult } from '../../src/results/oneClassResult.ts';
import type { Edit, Engine, ExportWanted, StudioState } from '../../src/studio/engine.ts';
import { runStudio } from '../../src/studio/run.node.ts';
import type { RunningStudio } from '../../src/studio/server.node.ts';
import { writeStaticStudio } from '../../src/studio/static.node.ts';
import { type Served, serve } from '../browser/page.ts';
import { missing } from '../chromium.ts';
import { drawLabelledPhotos } from '../drawn.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { drawnFolder, drawnSet } from '../trained.ts';

declare global {
  /** In the page: the engine, and the last state that it sent. */
  var engine: Engine;
  var engines: typeof import('../../src/studio/serverEngine.web.ts') &
    typeof import('../../src/studio/workerEngine.web.ts');
  var state: StudioState;
  var files: Map<string, Uint8Array>;
}

if (missing) console.log(`test/studio/engines.test.ts skipped: ${missing}`);

const network = tinyNetworkFile();
const labels = ['circle', 'cross', 'square'];
const perClass = 12;
let folder: string;
let command: TrainResult;
let served: Served;
let studio: RunningStudio;

/** What is done with each of the two engines, and what came of it. */
const kinds = ['server', 'worker'] as const;
const pages = new Map<(typeof kinds)[number], Page>();

beforeAll(async () => {
  if (missing) return;
  folder = await drawnFolder(perClass);
  const result = await train(join(folder, drawnSet), { out: join(folder, 'out'), backbone: network });
  if (result.task !== 'single-label') throw new TypeError('a folder gives each photo one class');
  command = result;
  const { outputFiles } = await build({
    stdin: {
      contents: `export { serverEngine } from './src/studio/serverEngine.web.ts';
        export { workerEngine } from './src/studio/workerEngine.web.ts';`,
      resolveDir: join(import.meta.dirname, '../..'),
    },
    bundle: true,
    format: 'esm',
    write: false,
  });
  await writeStaticStudio(join(folder, 'static'));
  const at = join(folder, 'static');
  served = await serve({
    ...Object.fromEntries(readdirSync(at).map((name) => [`/${name}`, readFileSync(join(at, name))])),
    '/': '<!doctype html><title>engine</title>',
    '/engines.js': outputFiles[0].contents,
    '/tiny.onnx': readFileSync(network),
    '/tiny.json': readFileSync(network.replace('.onnx', '.json')),
  });
  studio = await runStudio(join(folder, 'project'), { backbone: network });
  for (const kind of kinds) {
    const page = await served.browser.newPage({ bypassCSP: true });
    page.setDefaultTimeout(120_000);
    // Neither lets scripts of others in: what the server's page needs of the test comes from a route.
    await page.route('**/engines.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: outputFiles[0].text }),
    );
    await page.goto(kind === 'server' ? studio.address : `${served.address}/?network=tiny.onnx`);
    const content = "import * as engines from '/engines.js'; globalThis.engines = engines;";
    await page.addScriptTag({ type: 'module', content });
    await page.waitForFunction(() => globalThis.engines);
    await page.evaluate(async (which) => {
      const { serverEngine, workerEngine } = globalThis.engines;
      const broken = (error: Error) => console.error(error);
      globalThis.engine =
        which === 'server' ? serverEngine(() => {}) : workerEngine({ onLoading: () => {}, onBroken: broken });
      globalThis.engine.watch((state: StudioState) => {
        globalThis.state = state;
      });
    }, kind);
    pages.set(kind, page);
  }
});
afterAll(async () => {
  await studio?.close();
  await served?.close();
});

function pageOf(kind: (typeof kinds)[number]): Page {
  const page = pages.get(kind);
  if (!page) throw new TypeError('no page');
  return page;
}

/** The named files, in the page. */
async function hand(page: Page, paths: readonly string[]): Promise<void> {
  const list = paths.map((path) => ({ name: path, content: readFileSync(path).toString('base64') }));
  await page.evaluate((all) => {
    globalThis.files = new Map(
      all.map(({ name, content }) => [name, Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))]),
    );
  }, list);
}

async function add(page: Page, label: string, paths: readonly string[]): Promise<void> {
  await hand(page, paths);
  await page.evaluate(
    async ([name, all]) => {
      const photos = all.map((path) => ({
        name: path.split('/').at(-1) ?? '',
        bytes: globalThis.files.get(path) ?? new Uint8Array(),
      }));
      await globalThis.engine.add([name], photos);
    },
    [label, [...paths]] as const,
  );
}

const settled = (page: Page) =>
  page.waitForFunction(() => globalThis.state?.waiting === 0 && globalThis.state.learned > 0);
/** What is shown once it shows the same twice. */
async function cameToRest(page: Page) {
  for (let before = ''; ; ) {
    await page.waitForTimeout(250);
    const now = await shown(page);
    if (JSON.stringify(now) === before) return now;
    before = JSON.stringify(now);
  }
}
const edit = (page: Page, wanted: Edit) => page.evaluate((one) => globalThis.engine.edit(one), wanted);
const photos = (label: string) => Array.from({ length: perClass }, (_, i) => join(folder, drawnSet, label, `${i}.jpg`));

/** The same figure, and the same interval but for the last digits: browsers round logarithms in their own way. */
function nearly({ value, low, high }: Interval) {
  return { value, low: expect.closeTo(low, 12), high: expect.closeTo(high, 12) };
}

/** What the engine exports. */
async function exported(page: Page, wanted: ExportWanted) {
  const { base64, ...about } = await page.evaluate(async (one) => {
    const { content, ...rest } = await globalThis.engine.export(one);
    const address = await new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.readAsDataURL(content);
    });
    return { ...rest, base64: address.slice(address.indexOf(',') + 1) };
  }, wanted);
  return { ...about, content: Buffer.from(base64, 'base64') };
}

/** The network inside an exported page. */
function networkIn(html: string): Buffer {
  const [, data = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
  return gunzipSync(Buffer.from(JSON.parse(data).network, 'base64'));
}

/** What both have to agree about. */
function shown(page: Page) {
  return page.evaluate(async () => {
    const { classes, undo, redo } = globalThis.state;
    return {
      classes: await Promise.all(
        classes.map(async ({ name, enabled, photos, failed }) => ({
          name,
          enabled,
          photos,
          failed,
          paths: (await globalThis.engine.photos(name)).map(({ path }) => path).sort(),
        })),
      ),
      undo,
      redo,
    };
  });
}

describe.skipIf(missing)('both engines', () => {
  test('learn from the same photos, and answer alike', async () => {
    const answers = await Promise.all(
      kinds.map(async (kind) => {
        const page = pageOf(kind);
        for (const label of labels) await add(page, label, photos(label));
        await settled(page);
        await page.waitForFunction((count) => globalThis.state.classes.every((one) => one.photos === count), perClass);
        await page.waitForTimeout(500);
        await settled(page);
        const asked = labels.map((label) => photos(label)[1]);
        await hand(page, asked);
        return page.evaluate(
          (paths) =>
            Promise.all(
              paths.map(async (path) => {
                const photo = new Blob([Uint8Array.from(globalThis.files.get(path) ?? [])]);
                const answer = await globalThis.engine.predict(photo, { heatmap: true });
                return answer && { ...answer, learned: undefined };
              }),
            ),
          asked,
        );
      }),
    );
    const [byServer, inPage] = answers;
    for (const [i, one] of byServer.entries()) {
      const other = inPage[i];
      expect(other?.label).toBe(one?.label);
      expect(other?.known).toBe(one?.known);
      expect(other?.nearest.map(({ path }) => path)).toEqual(one?.nearest.map(({ path }) => path));
      expect(other?.heatmap?.data.length).toBe(one?.heatmap?.data.length);
      for (const { label, probability } of one?.classes ?? [])
        expect(other?.classes.find((each) => each.label === label)?.probability).toBeCloseTo(probability, 3);
    }
  });

  test.each(kinds)('%s: measures what the command measures, and its file answers as the command’s', async (kind) => {
    const page = pageOf(kind);
    const { result, file } = await page.evaluate(async () => {
      await globalThis.engine.measure();
      const blob = await globalThis.engine.file('classifier.onnx');
      const bytes = new Uint8Array(await blob.arrayBuffer());
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      return { result: await globalThis.engine.results(), file: btoa(text) };
    });
    if (result?.task !== 'single-label') throw new TypeError('classes were measured');
    // Nothing is looked at again that the studio has looked at.
    expect(result.images.computed).toBe(0);
    expect(result.split).toEqual(JSON.parse(JSON.stringify(command.split)));
    expect(result.evaluation.accuracy).toEqual(nearly(command.evaluation.accuracy));
    expect(result.evaluation.confusion).toEqual(JSON.parse(JSON.stringify(command.evaluation.confusion)));
    expect(Math.abs(result.evaluation.logLoss - command.evaluation.logLoss)).toBeLessThan(1e-3);
    const [ours, theirs] = [
      await loadClassifier(Buffer.from(file, 'base64')),
      await loadClassifier(command.files.classifier),
    ];
    for (const label of labels)
      for (const photo of photos(label)) {
        const of = new Map((await theirs.predict(photo)).classes.map((each) => [each.label, each.probability]));
        for (const each of (await ours.predict(photo)).classes)
          expect(Math.abs(each.probability - (of.get(each.label) ?? 0))).toBeLessThan(1e-3);
      }
    await Promise.all([ours.release(), theirs.release()]);
  });

  test.each(kinds)('%s: exports the very bytes that the command exports', async (kind) => {
    const page = pageOf(kind);
    const own = join(folder, `${kind} export`, 'classifier.onnx');
    mkdirSync(dirname(own));
    // As it is, an export is the file itself.
    writeFileSync(own, (await exported(page, { format: 'file' })).content);
    const wanted: (ExportWanted & { name: string })[] = [
      { format: 'file', name: 'classifier.onnx' },
      { format: 'file', weights: 'float16', name: 'classifier-float16.onnx' },
      { format: 'fixed', name: 'classifier-fixed.onnx' },
      { format: 'opencv', name: 'classifier-opencv.onnx' },
      { format: 'folder', name: 'classifier-export.zip' },
      { format: 'page', name: 'classifier.html' },
    ];
    for (const { format, weights, name } of wanted) {
      const out = join(folder, `${kind} export`, `${format} ${weights}`);
      const ending = format === 'folder' ? '' : format === 'page' ? '.html' : '.onnx';
      const theirs = await exportClassifier(own, { format, weights, out: `${out}${ending}` });
      const { content, ...about } = await exported(page, { format, ...(weights && { weights }) });
      expect(about).toMatchObject({
        name,
        classifierBytes: theirs.classifierBytes,
        notes: theirs.notes,
        compared: { photos: 36, same: 36 },
      });
      expect(about.compared.largest).toBeLessThan(0.01);
      if (format === 'page') {
        // The notices beside the static page are more, and each zlib packs in its own way.
        expect(networkIn(String(content)).equals(readFileSync(own))).toBe(true);
      } else if (format === 'folder') {
        const inZip = unzipSync(content);
        expect(Object.keys(inZip).sort()).toEqual(theirs.files.map(({ path }) => basename(path)).sort());
        for (const { path } of theirs.files) expect(readFileSync(path).equals(inZip[basename(path)]), path).toBe(true);
      } else expect(readFileSync(`${out}.onnx`).equals(content), `${format} ${weights}`).toBe(true);
    }
    const refused = await page.evaluate(() =>
      globalThis.engine.export({ format: 'opencv', weights: 'int8' }).then(
        () => 'made',
        ({ code, what }) => `${code}: ${what}`,
      ),
    );
    expect(refused).toMatch(/^USAGE: .*opencv/);
  });

  test('take every change, and take it back, alike', async () => {
    const seen = await Promise.all(
      kinds.map(async (kind) => {
        const page = pageOf(kind);
        const steps: unknown[] = [];
        const wanted: Edit[] = [
          { kind: 'make', label: 'star' },
          { kind: 'rename', label: 'circle', to: 'round' },
          { kind: 'move', paths: ['cross/0.jpg', 'cross/1.jpg'], to: 'star' },
          { kind: 'enable', label: 'square', enabled: false },
          { kind: 'drop', paths: ['star/0.jpg'] },
          { kind: 'merge', label: 'star', into: 'cross' },
          { kind: 'remove', label: 'square' },
        ];
        for (const one of wanted) {
          await edit(page, one);
          steps.push(await cameToRest(page));
        }
        for (const _ of wanted) {
          await page.evaluate(() => globalThis.engine.undo());
          steps.push(await cameToRest(page));
        }
        return steps;
      }),
    );
    expect(seen[1]).toEqual(seen[0]);
    expect(JSON.stringify(seen[0])).toContain('"round"');
  });

  test('say what is wrong in the same words', async () => {
    const said = await Promise.all(
      kinds.map((kind) =>
        pageOf(kind).evaluate(async () => {
          const { engine } = globalThis;
          const failing: (() => Promise<unknown>)[] = [
            () => engine.edit({ kind: 'make', label: '../x' }),
            () => engine.edit({ kind: 'rename', label: 'circle', to: 'cross' }),
            () => engine.edit({ kind: 'remove', label: 'nobody' }),
            () => engine.predict(new Blob(['no photo']), { heatmap: false }),
            () => engine.startFrom({ name: 'mine.onnx', bytes: new TextEncoder().encode('no network at all') }),
          ];
          return Promise.all(
            failing.map((work) =>
              work().then(
                () => 'nothing',
                ({ code, what, hint }) => ({ code, what, hint }),
              ),
            ),
          );
        }),
      ),
    );
    expect(said[1]).toEqual(said[0]);
    expect(said[0]).not.toContain('nothing');
  });

  test('save the same project', async () => {
    const [byServer, inPage] = await Promise.all(
      kinds.map(async (kind) => {
        const text = await pageOf(kind).evaluate(async () => {
          const bytes = new Uint8Array(await (await globalThis.engine.file('project.zip')).arrayBuffer());
          let letters = '';
          for (const byte of bytes) letters += String.fromCharCode(byte);
          return btoa(letters);
        });
        return unzipSync(Buffer.from(text, 'base64'));
      }),
    );
    expect(Object.keys(inPage).sort()).toEqual(Object.keys(byServer).sort());
    for (const [path, bytes] of Object.entries(byServer))
      expect(Buffer.compare(Buffer.from(inPage[path]), Buffer.from(bytes)), path).toBe(0);
  });

  test('one class alone: the command’s threshold', async () => {
    const alone = join(folder, 'alone');
    cpSync(join(folder, drawnSet, 'circle'), alone, { recursive: true });
    const normal = await trainOneClass(alone, { out: join(folder, 'out one'), backbone: network });
    for (const kind of kinds) {
      const page = pageOf(kind);
      for (const label of ['cross', 'square']) await edit(page, { kind: 'enable', label, enabled: false });
      const result = await page.evaluate(async () => {
        await globalThis.engine.measure();
        return globalThis.engine.results();
      });
      expect((result as OneClassResult).threshold.value, kind).toBeCloseTo(normal.threshold.value, 3);
      const { name, compared } = await exported(page, { format: 'fixed' });
      expect({ name, ...compared }).toMatchObject({ name: 'classifier-fixed.onnx', photos: perClass, same: perClass });
      for (let i = 0; i < 2; i++) await page.evaluate(() => globalThis.engine.undo());
    }
  });

  test('several labels: the command’s figures, and a zip that it reads', async () => {
    const list = await drawLabelledPhotos(join(folder, 'several'), 60);
    const texts = readFileSync(list, 'utf8')
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const kind of kinds) {
      const page = pageOf(kind);
      for (const name of (await shown(page)).classes.map((each) => each.name))
        await edit(page, { kind: 'remove', label: name });
      await edit(page, { kind: 'several', several: true });
      await hand(page, [list, ...texts.map(({ path }) => join(folder, 'several', path))]);
      const read = await page.evaluate(async (path) => {
        const { photos: items } = await globalThis.engine.list({
          name: 'photos.jsonl',
          bytes: globalThis.files.get(path) ?? new Uint8Array(),
        });
        const { files, engine } = globalThis;
        const at = path.slice(0, path.lastIndexOf('/') + 1);
        for (const key of new Set(items.map((item) => item.labels.join('|')))) {
          const some = items.filter((item) => item.labels.join('|') === key);
          const photos = some.map((item) => ({
            name: item.path,
            bytes: files.get(at + item.path) ?? new Uint8Array(),
          }));
          await engine.add(some[0].labels, photos, 'one');
        }
        return items;
      }, list);
      expect(read).toEqual(texts);
      await settled(page);
      await page.waitForFunction(() => globalThis.state.unlabelled?.photos);
      const { result, zip, answer } = await page.evaluate(
        async (path) => {
          const { engine, files } = globalThis;
          await engine.measure();
          const bytes = new Uint8Array(await (await engine.file('project.zip')).arrayBuffer());
          let text = '';
          for (const byte of bytes) text += String.fromCharCode(byte);
          const photo = new Blob([Uint8Array.from(files.get(path) ?? [])]);
          const answer = await engine.predict(photo, { heatmap: false });
          return { result: await engine.results(), zip: btoa(text), answer };
        },
        join(folder, 'several', texts[0].path),
      );
      expect(answer?.classes.map(({ label }) => label)).toEqual(labels);
      expect(answer?.classes.every(({ threshold }) => threshold !== undefined)).toBe(true);
      const file = join(folder, `${kind} several.zip`);
      writeFileSync(file, Buffer.from(zip, 'base64'));
      const theirs = await train(file, { out: join(folder, `${kind} several`), backbone: network });
      if (result?.task !== 'multi-label' || theirs.task !== 'multi-label') throw new TypeError('labels were measured');
      const plain = JSON.parse(JSON.stringify(theirs));
      expect(result.split).toEqual(plain.split);
      expect(result.evaluation.exactMatch).toEqual(nearly(theirs.evaluation.exactMatch));
      for (const [i, { label, averagePrecision, threshold }] of theirs.evaluation.perLabel.entries()) {
        const ours = result.evaluation.perLabel[i];
        expect(ours.label).toBe(label);
        expect(ours.averagePrecision?.value).toBeCloseTo(averagePrecision?.value ?? 0, 3);
        expect(ours.threshold).toBeCloseTo(threshold, 3);
      }
      // All of it is taken back.
      for (let i = 0; i < 2; i++) await page.evaluate(() => globalThis.engine.undo());
      await page.waitForFunction(() => !globalThis.state.several && globalThis.state.classes.length === 0);
    }
  });

  test('start from an earlier classifier: its classes, its answers, a comparison', async () => {
    for (const kind of kinds) {
      const page = pageOf(kind);
      for (const name of (await shown(page)).classes.map((each) => each.name))
        await edit(page, { kind: 'remove', label: name });
      await page.waitForFunction(() => globalThis.state.classes.length === 0 && globalThis.state.learned === 0);
      await hand(page, [command.files.classifier, photos('cross')[2]]);
      const answer = await page.evaluate(
        async ([file, photo]) => {
          const bytes = globalThis.files.get(file) ?? new Uint8Array();
          await globalThis.engine.startFrom({ name: 'classifier.onnx', bytes });
          return globalThis.engine.predict(new Blob([Uint8Array.from(globalThis.files.get(photo) ?? [])]), {
            heatmap: false,
          });
        },
        [command.files.classifier, photos('cross')[2]] as const,
      );
      const before = await loadClassifier(command.files.classifier);
      expect(answer?.classes[0].label).toBe((await before.predict(photos('cross')[2])).classes[0].label);
      await before.release();
      await page.waitForFunction(() => globalThis.state.classes.length === 3 && globalThis.state.earlier);
      for (const label of labels) await add(page, label, photos(label));
      await settled(page);
      const result = await page.evaluate(async () => {
        await globalThis.engine.measure();
        return globalThis.engine.results();
      });
      expect(result, kind).toMatchObject({ task: 'single-label', changes: expect.anything() });
    }
  });
});

test('every file that the static page loads is written', () => {
  if (missing) return;
  expect(
    readdirSync(join(folder, 'static'))
      .map((name) => basename(name))
      .sort(),
  ).toContain('worker.js');
  expect(existsSync(join(folder, 'static', 'ort-wasm-simd-threaded.mjs'))).toBe(true);
});
