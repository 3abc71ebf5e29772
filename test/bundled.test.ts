import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyBackbone, tinyClassifier } from './classifier/tiny.ts';
import { drawImageSet } from './drawn.ts';
import { tinyNetwork } from './onnx/networks.ts';

// Inside the repository, so that what stays external is found in its node_modules.
const folder = join(import.meta.dirname, `../node_modules/.bundled-${process.pid}`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await drawImageSet(join(folder, 'set'), 3);
  writeFileSync(join(folder, 'c.onnx'), await tinyClassifier(await tinyBackbone(tinyNetwork())));
  writeFileSync(join(folder, 'net.onnx'), (await import('../src/onnx/write.ts')).writeModel(tinyNetwork()));
});

/** Bundles a program as people do by mistake, all but what holds native code inside; gives what it prints. */
async function runBundled(program: string): Promise<string> {
  const outfile = join(folder, 'deep/app.mjs');
  await build({
    stdin: { contents: program, resolveDir: join(import.meta.dirname, '../src'), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['sharp', 'onnxruntime-node', 'lmdb'],
    // Under a name of its own: a bundled module may import `createRequire`, too.
    banner: {
      js: "import { createRequire as requireHere } from 'node:module'; const require = requireHere(import.meta.url);",
    },
    logLevel: 'silent',
  });
  const env = { ...process.env, CARAFE_CACHE: join(folder, 'cache') };
  const { stdout, stderr } = spawnSync(process.execPath, [outfile], { cwd: folder, env, encoding: 'utf8' });
  return stdout + stderr;
}

test('predicting works in a bundle', async () => {
  const printed = await runBundled(`
    import { loadClassifier } from './index.ts';
    const classifier = await loadClassifier('c.onnx');
    console.log(JSON.stringify(await classifier.predict('set/circle/0.jpg').then(({ classes }) => classes.length)));
    await classifier.release();`);
  expect(printed).toBe('3\n');
});

test('training says which package must stay external, with the embedded backbone and one of your own', async () => {
  const printed = await runBundled(`
    import { train } from './index.ts';
    for (const backbone of ['embedded', 'net.onnx'])
      await train('set', { backbone, out: 'out', preprocessing: {
        do_resize: true, size: { height: 16, width: 16 }, do_center_crop: false, do_rescale: true, do_normalize: true,
        image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5], resample: 2 } })
        .then(() => console.log('trained'), (error) => console.log(error.code, error.message));`);
  const lines = printed.split('\n').filter((line) => line.startsWith('UNAVAILABLE'));
  expect(lines).toHaveLength(2);
  expect(printed.match(/--external:carafe-vision/g)).toHaveLength(2);
  expect(printed).not.toMatch(/worker thread broke|\n\s+at /i);
});
