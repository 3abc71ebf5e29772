import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { sampleClasses, sampleImages } from '../../src/demo/drawSample.ts';
import { writeSampleImages } from '../../src/demo/writeSample.node.ts';
import { carafeProcess } from '../cli/carafe.ts';

const temporary = mkdtempSync(join(tmpdir(), 'carafe-sample-'));
afterAll(() => rmSync(temporary, { recursive: true }));

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const files = (folder: string): Map<string, string> =>
  new Map(
    sampleClasses.flatMap((name) =>
      readdirSync(join(folder, name))
        .sort()
        .map((file) => [`${name}/${file}`, sha256(readFileSync(join(folder, name, file)))] as const),
    ),
  );

test('the same seed draws the same pictures, another seed others, and no two are alike', () => {
  const drawn = [...sampleImages({ seed: 3, perClass: 4 })];
  expect([...sampleImages({ seed: 3, perClass: 4 })]).toEqual(drawn);
  const other = [...sampleImages({ seed: 4, perClass: 4 })];
  expect(new Set([...drawn, ...other].map(({ svg }) => svg)).size).toBe(2 * 4 * sampleClasses.length);
});

test('a larger set contains the smaller one', () => {
  const larger = new Map([...sampleImages({ perClass: 5 })].map((picture) => [picture.path, picture]));
  for (const picture of sampleImages({ perClass: 2 })) expect(larger.get(picture.path)).toEqual(picture);
});

test('the default set has 8 classes of 70 pictures', () => {
  const counts = new Map<string, number>();
  for (const { path } of sampleImages()) {
    const name = path.slice(0, path.indexOf('/'));
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect([...counts]).toEqual(
    ['butterfly', 'carafe', 'feather', 'fish', 'leaf', 'mug', 'mushroom', 'teapot'].map((name) => [name, 70]),
  );
});

test('every picture has finite coordinates and only references that are defined', () => {
  for (const { path, svg, backdrop } of sampleImages({ perClass: 25, seed: 7 }))
    for (const text of [svg, backdrop]) {
      expect(text, path).not.toMatch(/NaN|Infinity|undefined/);
      const defined = new Set([...text.matchAll(/ id="(\w+)"/g)].map(([, id]) => id));
      for (const [, id] of text.matchAll(/(?:url\(|href=")#(\w+)/g)) expect(defined, path).toContain(id);
    }
});

test('the same seed writes the same bytes: small JPEG files of the stated size', async () => {
  const [first, second] = [join(temporary, 'first'), join(temporary, 'second')];
  const progress: number[] = [];
  const began = performance.now();
  expect(
    await writeSampleImages(first, { perClass: 5, progress: (done, total) => progress.push(done / total) }),
  ).toEqual({ images: 40, classes: sampleClasses });
  console.log(`40 pictures written in ${Math.round(performance.now() - began)} ms`);
  expect(progress).toHaveLength(40);
  expect(progress[39]).toBe(1);
  await writeSampleImages(second, { perClass: 5 });
  expect(files(second)).toEqual(files(first));
  for (const { path, width, height } of sampleImages({ perClass: 5 })) {
    const bytes = readFileSync(join(first, path));
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width, height, channels: 3 });
    expect(bytes.length).toBeLessThan(40_000);
  }
});

test('what is there is kept, what is missing is drawn, and another set takes the place of the old one', async () => {
  const folder = join(temporary, 'again');
  await writeSampleImages(folder, { perClass: 3 });
  const before = files(folder);
  const kept = join(folder, 'mug/001.jpg');
  const written = statSync(kept, { bigint: true }).mtimeNs;
  rmSync(join(folder, 'mug/002.jpg'));
  const own = join(folder, 'mug/my own.jpg');
  writeFileSync(own, 'mine');
  await writeSampleImages(folder, { perClass: 3 });
  expect(statSync(kept, { bigint: true }).mtimeNs).toBe(written);
  rmSync(own);
  expect(files(folder)).toEqual(before);

  writeFileSync(own, 'mine');
  await writeSampleImages(folder, { perClass: 2, seed: 9 });
  expect(readFileSync(own, 'utf8')).toBe('mine');
  rmSync(own);
  expect([...files(folder).keys()]).toEqual([...sampleImages({ perClass: 2 })].map(({ path }) => path));
  expect(files(folder).get('mug/001.jpg')).not.toBe(before.get('mug/001.jpg'));
});

test('an interrupted run is taken up again', async () => {
  const folder = join(temporary, 'interrupted');
  const controller = new AbortController();
  const stopped = writeSampleImages(folder, {
    perClass: 2,
    signal: controller.signal,
    progress: (done) => done === 3 && controller.abort(),
  });
  await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(files(folder).size).toBeLessThan(16);
  await writeSampleImages(folder, { perClass: 2 });
  expect(files(folder).size).toBe(16);
});

test.each([
  ['somebody’s photos', (folder: string) => writeFileSync(join(folder, 'holiday.jpg'), 'photo')],
  ['a foreign mark', (folder: string) => writeFileSync(join(folder, '.carafe-sample.json'), '{"images": []}')],
  [
    'a mark that points outside',
    (folder: string) =>
      writeFileSync(join(folder, '.carafe-sample.json'), '{"drawing": "x", "images": ["../outside.jpg"]}'),
  ],
])('a folder with %s is left alone', async (_, fill) => {
  const folder = mkdtempSync(join(temporary, 'foreign-'));
  const outside = join(temporary, 'outside.jpg');
  writeFileSync(outside, 'photo');
  fill(folder);
  const before = readdirSync(folder);
  await expect(writeSampleImages(folder, { perClass: 1 })).rejects.toMatchObject({
    code: 'USAGE',
    what: `${folder} contains something other than Carafe's sample images.`,
  });
  expect(readdirSync(folder)).toEqual(before);
  expect(existsSync(outside)).toBe(true);
});

test('a class folder that cannot be made is said so', async () => {
  const folder = join(temporary, 'blocked');
  await writeSampleImages(folder, { perClass: 1 });
  rmSync(join(folder, 'mug'), { recursive: true });
  writeFileSync(join(folder, 'mug'), '');
  await expect(writeSampleImages(folder, { perClass: 1 })).rejects.toMatchObject({ code: 'UNWRITABLE' });
});

test('an empty folder will do, a file will not', async () => {
  const folder = join(temporary, 'empty');
  mkdirSync(folder);
  expect((await writeSampleImages(folder, { perClass: 1 })).images).toBe(8);
  const file = join(temporary, 'file');
  writeFileSync(file, '');
  await expect(writeSampleImages(file, { perClass: 1 })).rejects.toMatchObject({ code: 'USAGE' });
});

// The README's first command.
test('the demo draws, trains, and answers for photos that it had not seen, with those marked that are wrong', async () => {
  const folder = join(temporary, 'demo');
  const ended = await carafeProcess(['demo', folder, '--per-class', '8', '--threads', '1'], join(temporary, 'cache'));
  expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error') });
  const [, answers, right] =
    /Its answers for (\d+) new photos, drawn after training, (\d+) of them right:\n/.exec(ended.stdout) ?? [];
  const lines = ended.stdout.split('\n').filter((line) => line.includes('new-photos'));
  expect(lines).toHaveLength(Number(answers));
  expect(lines.filter((line) => line.includes('✗'))).toHaveLength(Number(answers) - Number(right));
  for (const line of lines) {
    const [, name = '', label = ''] = /new-photos\/([^/]+)\/\S+ {2}(\S+)/.exec(line) ?? [];
    expect(line.includes('✗')).toBe(name !== label);
  }
  for (const name of ['classifier.onnx', 'report.html']) expect(existsSync(join(folder, name))).toBe(true);
});
