import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpack from 'webpack';
import * as z from 'zod';
import { type Served, serve } from './browser/page.ts';
import { missing } from './chromium.ts';
import { tinyBackbone, tinyClassifier } from './classifier/tiny.ts';
import { drawImageSet } from './drawn.ts';
import { tinyNetwork } from './onnx/networks.ts';

// The package as others take it: packed, unpacked into a project's node_modules, and nothing beside it that it does not declare.
const project = mkdtempSync(join(tmpdir(), 'carafe-project-'));
const modules = join(project, 'node_modules');
const installed = join(modules, 'carafe-vision');
const labels = ['circle', 'cross', 'square'];
const photosAClass = 4;

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
  peerDependencies: z.record(z.string(), z.string()),
});

/** Predicts in a page; what it answers is in the page's title. */
const predicting = `
  import { loadClassifier } from 'carafe-vision/browser';
  try {
    const classifier = await loadClassifier('/classifier.onnx');
    const { classes } = await classifier.predict(await (await fetch('/photos/circle/0.jpg')).blob());
    document.title = classes.length === classifier.labels.length ? 'predicted' : JSON.stringify(classes);
  } catch (error) {
    document.title = String(error);
  }`;

/** Trains in a worker with the network that comes with the package. */
const training = (from: string, options = '{}') => `
  import { train } from '${from}';
  const photos = [];
  for (const label of ${JSON.stringify(labels)})
    for (let i = 0; i < ${photosAClass}; i++)
      photos.push({ label, photo: await (await fetch(\`/photos/\${label}/\${i}.jpg\`)).blob() });
  train(photos, { folds: 2, ...${options} }).then(
    ({ classifier, result }) =>
      postMessage(\`\${result.backbone.name}: \${result.images.computed} photos, \${classifier.length > 5e6}\`),
    (error) => postMessage(String(error)),
  );`;

const asking = (worker: string) => `
  const worker = ${worker};
  worker.onmessage = ({ data }) => { document.title = data; };
  worker.onerror = ({ message }) => { document.title = 'wrong: ' + (message ?? 'the worker does not load'); };`;

const trained = `carafe-s: ${labels.length * photosAClass} photos, true`;
const page = (script: string) =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`;

beforeAll(async () => {
  const packed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project], {
    encoding: 'utf8',
  }).trim();
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(project, packed), '-C', installed, '--strip-components=1']);
  rmSync(join(project, packed));
  const own = manifest.parse(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')));
  const declared = { ...own.dependencies, ...own.optionalDependencies, ...own.peerDependencies };
  for (const name of [...Object.keys(declared), '@types/node', 'undici-types']) link(name);
  await drawImageSet(join(project, 'photos'), photosAClass);
  writeFileSync(join(project, 'classifier.onnx'), await tinyClassifier(await tinyBackbone(tinyNetwork())));
  put('package.json', '{"type": "module"}');
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

function link(name: string): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(join(import.meta.dirname, '../node_modules', name), join(modules, name));
}

function put(path: string, text: string): string {
  const file = join(project, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** All files under a folder of the project, by path. */
function filesIn(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' });
}

test('what is read and tried beside the code is packed, too', () => {
  const files = readdirSync(installed);
  expect(files).toEqual(
    expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md', 'docs', 'examples', 'schemas']),
  );
  expect(readFileSync(join(installed, 'web/third-party-licences.txt'), 'utf8')).toMatch(/^onnxruntime-web .*MIT/m);
});

test('a program in Node predicts', () => {
  const file = put(
    'program.js',
    `import { loadClassifier } from 'carafe-vision';
    const classifier = await loadClassifier('classifier.onnx');
    console.log((await classifier.predict('photos/circle/0.jpg')).classes.length);
    await classifier.release();`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
  expect(stdout + stderr).toBe('3\n');
});

test.each([
  ['bundler', 'esnext'],
  ['node16', 'node16'],
])('types hold in a strict project that resolves as %s', (moduleResolution, module) => {
  put(
    'typed/program.ts',
    `import { loadClassifier, type Prediction, type TrainResult } from 'carafe-vision';
    import { loadClassifier as open } from 'carafe-vision/browser';
    import { train, type WebTraining } from 'carafe-vision/browser/train';
    export const predict = async (path: string): Promise<Prediction> => (await loadClassifier(path)).predict(path);
    export const inPage = async (file: File): Promise<string> => (await (await open('c.onnx')).predict(file)).label;
    export const learn = (photo: Blob): Promise<WebTraining> => train([{ photo, label: 'a' }], { head: 'softmax' });
    export const accuracy = ({ evaluation }: TrainResult): number => evaluation.accuracy.value;
    // @ts-expect-error a photo is no number
    export const wrong = async () => (await loadClassifier('c.onnx')).predict(7);`,
  );
  const compilerOptions = {
    ...{ module, moduleResolution, strict: true, noEmit: true, skipLibCheck: false, target: 'es2022' },
    lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'],
    types: ['node'],
  };
  const config = put('typed/tsconfig.json', JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const compiler = join(import.meta.dirname, '../node_modules/typescript/bin/tsc');
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', config], { encoding: 'utf8' });
  expect(stdout + stderr).toBe('');
});

if (missing) console.log(`test/package.test.ts skipped in part: ${missing}`);

describe.skipIf(missing)('in Chromium', () => {
  let served: Served;

  beforeAll(async () => {
    served = await serve({
      '/classifier.onnx': readFileSync(join(project, 'classifier.onnx')),
      '/photos/': { folder: join(project, 'photos') },
      '/': { folder: project },
    });
  });
  afterAll(() => served?.close());

  /** What the page says in its title, once it says something. */
  async function said(path: string): Promise<string> {
    const tab = await served.browser.newPage();
    await tab.goto(`${served.address}/${path}`);
    const title = await tab.waitForFunction(() => document.title, undefined, { timeout: 120_000 });
    const text = await title.jsonValue();
    await tab.close();
    return text;
  }

  describe('Vite', () => {
    const built = async (name: string) => {
      const root = join(project, 'vite', name);
      await vite({ root, base: './', logLevel: 'silent', build: { outDir: 'out' }, worker: { format: 'es' } });
      return said(`vite/${name}/out/index.html`);
    };

    test('a page that predicts carries no network', async () => {
      put('vite/predict/index.html', page('./main.js'));
      put('vite/predict/main.js', predicting);
      expect(await built('predict')).toBe('predicted');
      expect(filesIn('vite/predict/out').filter((file) => /\.onnx$/.test(file))).toEqual([]);
    });

    test('a page trains in a worker', async () => {
      put('vite/train/index.html', page('./main.js'));
      put('vite/train/main.js', asking("new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })"));
      put('vite/train/worker.js', training('carafe-vision/browser/train'));
      expect(await built('train')).toBe(trained);
    });
  });

  describe('webpack', () => {
    const built = async (name: string) => {
      const context = join(project, 'webpack', name);
      const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
        webpack(
          // Minifying takes ten times as long as all else, and changes no address.
          {
            context,
            mode: 'production',
            optimization: { minimize: false },
            entry: './main.js',
            output: { path: join(context, 'out') },
          },
          (error, result) => (error ? reject(error) : resolve(result)),
        );
      });
      expect(stats?.toJson({ all: false, errors: true }).errors).toEqual([]);
      put(`webpack/${name}/out/index.html`, page('./main.js'));
      return said(`webpack/${name}/out/index.html`);
    };

    test('a page that predicts carries no network', async () => {
      put('webpack/predict/main.js', predicting);
      expect(await built('predict')).toBe('predicted');
      expect(filesIn('webpack/predict/out').filter((file) => /\.onnx$/.test(file))).toEqual([]);
    });

    test('a page trains in a worker', async () => {
      put('webpack/train/main.js', asking("new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })"));
      put('webpack/train/worker.js', training('carafe-vision/browser/train'));
      expect(await built('train')).toBe(trained);
    });
  });

  describe('esbuild', () => {
    /** esbuild leaves files that are named by address where they are: a program imports them, or says where they are. */
    const built = async (name: string, entries: readonly string[]) => {
      const folder = join(project, 'esbuild', name);
      const { metafile } = await esbuild({
        entryPoints: entries.map((entry) => join(folder, entry)),
        outdir: join(folder, 'out'),
        bundle: true,
        minify: true,
        format: 'esm',
        metafile: true,
        loader: { '.onnx': 'file', '.wasm': 'file' },
        logLevel: 'silent',
      });
      put(`esbuild/${name}/out/index.html`, page('./main.js'));
      return { metafile, said: () => said(`esbuild/${name}/out/index.html`) };
    };
    const wasm = 'ort-wasm-simd-threaded.wasm';
    const here = `
      import { env } from 'onnxruntime-web/wasm';
      import wasm from 'onnxruntime-web/${wasm}';
      env.wasm.wasmPaths = { wasm: new URL(wasm, import.meta.url).href };`;

    test('a page that predicts carries no network, and little else', async () => {
      put('esbuild/predict/main.js', predicting);
      const { metafile, said: answer } = await built('predict', ['main.js']);
      expect(await answer()).toMatch(/ONNX Runtime cannot be started: .*\.wasm/);
      copyFileSync(join(modules, 'onnxruntime-web/dist', wasm), join(project, 'esbuild/predict/out', wasm));
      expect(await answer()).toBe('predicted');
      expect(Object.values(metafile.outputs).map(({ bytes }) => bytes < 180_000)).toEqual([true]);
    });

    test('a page trains in a worker', async () => {
      put('esbuild/train/main.js', asking("new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })"));
      put(
        'esbuild/train/worker.js',
        `${here}
        import backbone from 'carafe-vision/backbone/carafe-s.onnx';
        ${training('carafe-vision/browser/train', '{ backbone: new URL(backbone, import.meta.url) }')}`,
      );
      expect(await (await built('train', ['main.js', 'worker.js'])).said()).toBe(trained);
    });
  });

  describe('no bundler', () => {
    test('a page predicts', async () => {
      put(
        'plain/predict.js',
        predicting.replace('carafe-vision/browser', '../node_modules/carafe-vision/web/predict.js'),
      );
      put('plain/predict.html', page('./predict.js'));
      expect(await said('plain/predict.html')).toBe('predicted');
    });

    test('a page trains in a module worker', async () => {
      put('plain/main.js', asking("new Worker('./worker.js', { type: 'module' })"));
      put('plain/worker.js', training('../node_modules/carafe-vision/web/train.js'));
      put('plain/train.html', page('./main.js'));
      expect(await said('plain/train.html')).toBe(trained);
    });
  });
});
