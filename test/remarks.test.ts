import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { remarkSentences } from '../src/images/remarks.ts';
import { evaluateClassifier, loadClassifier, predictPhotos } from '../src/index.ts';
import { labels, tinyBackbone, tinyClassifier } from './classifier/tiny.ts';
import { carafe, temporaryFolder } from './cli/carafe.ts';
import { tinyNetwork } from './onnx/networks.ts';

const folder = temporaryFolder();
const at = (...parts: string[]) => join(folder, ...parts);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Photos of two of the classifier's classes. */
const photos = ['animated.gif', 'rgb.png', 'black.png', 'two.heic', 'infrared-16.tif'];
const file = at('classifier.onnx');
const ready = (async () => {
  writeFileSync(file, await tinyClassifier(await tinyBackbone(tinyNetwork())));
  const black = await sharp({ create: { width: 30, height: 30, channels: 3, background: 'black' } })
    .png()
    .toBuffer();
  for (const [i, name] of photos.entries()) {
    const to = at('set', labels[1 + (i % 2)]);
    mkdirSync(to, { recursive: true });
    if (name === 'black.png') writeFileSync(join(to, name), black);
    else cpSync(join(import.meta.dirname, 'fixtures/images/formats', name), join(to, name));
  }
})();

test('predict says what is odd about each photo, in JSON and in the terminal', async () => {
  await ready;
  const classifier = await loadClassifier(file);
  const { predictions } = await predictPhotos(classifier, [at('set')]);
  await classifier.release();
  const odd = predictions.map((one) => [one.path.split('/').at(-1), 'code' in one ? one.code : one.remarks]);
  expect(Object.fromEntries(odd)).toEqual({
    'animated.gif': ['frames'],
    'rgb.png': undefined,
    'black.png': ['flat'],
    'two.heic': ['pages'],
    'infrared-16.tif': ['bands'],
  });
  const { code, stdout, stderr } = await carafe(['predict', file, at('set')], at('cache'));
  expect([code, stdout.split('\n').length]).toEqual([0, 6]);
  for (const words of ['animated', 'several pictures', 'near infrared', 'nearly a single colour'])
    expect(stderr).toMatch(new RegExp(`^warning: 1 of 5 photos .*${words}`, 'm'));
});

test('evaluate says it, too', async () => {
  await ready;
  const classifier = await loadClassifier(file);
  const { images } = await evaluateClassifier(classifier, at('set'));
  await classifier.release();
  expect(images.notes).toHaveLength(4);
  expect(images.notes[0]).toMatch(/^1 of 5 photos is animated; only the first frame is used \(.*animated\.gif\)\.$/);
});

test('of one photo it is not counted', () => {
  expect(remarkSentences([{ path: 'a.gif', remarks: ['frames'] }])).toEqual([
    'The photo is animated; only the first frame is used (a.gif).',
  ]);
  expect(remarkSentences([{ path: 'a.gif' }])).toEqual([]);
});
