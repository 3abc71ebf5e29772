import { describe, expect, test } from 'vitest';
import { type Card, cardFromMetadata } from '../../src/classifier/card.ts';
import { memoryStore } from '../../src/features/memoryStore.ts';
import { readModel } from '../../src/onnx/read.ts';
import type { AnyTrainResult } from '../../src/results/trainResult.ts';
import type { OneClassOptions, TrainOptions } from '../../src/runs/options.ts';
import { requireOptions } from '../../src/runs/requireOptions.ts';
import { tinyBackbone } from '../features/tinyBackbone.ts';
import {
  drawnPhotos,
  type MemoryOptions,
  type MemoryPhoto,
  type MemoryPlatform,
  memoryPlatform,
  normals,
  trainInMemory,
  trainOneClassInMemory,
} from '../memoryPlatform.ts';

interface Run {
  readonly result: AnyTrainResult;
  readonly card: Card;
  readonly platform: MemoryPlatform;
}

async function trained(
  photos: readonly MemoryPhoto[],
  options: Partial<TrainOptions> = {},
  where: MemoryOptions = {},
): Promise<Run> {
  const platform = memoryPlatform(photos, where);
  const result = await trainInMemory(platform, { framing: undefined, ...options });
  return { result, platform, card: cardIn(platform) };
}

function cardIn({ written }: MemoryPlatform): Card {
  const bytes = written.get('out/classifier.onnx');
  if (!(bytes instanceof Uint8Array)) throw new TypeError('no file was written');
  return cardFromMetadata(readModel(bytes, 'out').metadata, 'out');
}

/** Photos whose classes only the whole photo, or only its centre, shows clearly. */
function photosIn(framing: 'crop' | 'squash', count = 200): MemoryPhoto[] {
  return drawnPhotos(count, { apart: 1.2 }).map((photo, i) => {
    const noise = normals(`blur ${i}`, photo.features.length);
    const blurred = photo.features.map((value, d) => value + 5 * noise[d]);
    return framing === 'crop'
      ? { ...photo, squashed: blurred }
      : { ...photo, features: blurred, squashed: photo.features };
  });
}

const squashed = ({ computed }: MemoryPlatform) => computed.filter((what) => what.endsWith(' squashed'));
const named = ({ backbone: { framing, looks } }: AnyTrainResult) => ({ framing, looks });

describe('the framing is chosen on the photos', () => {
  test('squash, where classes are clearer: each photo is looked at once more, and the file frames so', async () => {
    const { result, card, platform } = await trained(photosIn('squash'));
    expect(named(result)).toEqual({ framing: 'squash', looks: 1 });
    expect(card.preprocessing.resize).toEqual({ rule: 'squash', height: 32, width: 32 });
    expect(card.framing).toEqual({ own: { rule: 'shortest-edge', size: 32 }, chosenBy: 'auto' });
    expect(squashed(platform).length).toBe(200);
    expect(new Set(platform.computed).size).toBe(400);
    const [choice] = result.representations ?? [];
    expect(choice).toMatchObject({ kind: 'framing', chosen: 'squash', gain: { verdict: 'better' } });
    expect(choice.photos).toBe(50);
    expect(choice.inParts).toEqual([{ name: 'squash', parts: expect.any(Number) }]);
    expect(choice.cost).toMatchObject({ computed: 200 });
  });

  test('crop, where nothing is clearer: a quarter of the photos was looked at again', async () => {
    const { result, card, platform } = await trained(photosIn('crop'));
    expect(named(result)).toEqual({ framing: 'crop', looks: 1 });
    expect(card.framing).toEqual({ own: { rule: 'shortest-edge', size: 32 }, chosenBy: 'auto' });
    expect(squashed(platform).length).toBe(50);
    const [choice] = result.representations ?? [];
    expect(choice).toMatchObject({ chosen: 'crop', cost: { computed: 50 } });
    expect(choice.gain).toBeUndefined();
  });

  test('photos that judge are not among those that choose', async () => {
    const photos = photosIn('crop', 300).map((photo, i) => ({
      ...photo,
      ...(i % 5 < 2 ? { split: 'test' as const } : {}),
    }));
    const { platform, result } = await trained(photos);
    const judged = new Set(photos.filter(({ split }) => split).map(({ path }) => `${path} squashed`));
    expect(result.split.kind).toBe('holdout');
    expect(squashed(platform).length).toBe(45);
    expect(squashed(platform).filter((what) => judged.has(what))).toEqual([]);
  });

  test('few photos, photos of equal shape and a framing that is named choose nothing', async () => {
    const few = await trained(photosIn('squash', 90));
    expect(named(few.result).framing).toBe('crop');
    const resize = { rule: 'shortest-edge', size: 24 } as const;
    const same = tinyBackbone({ width: 12, preprocessing: { resize, crop: { height: 24, width: 32 } } });
    const equal = await trained(photosIn('squash'), {}, { backbone: same });
    const crop = await trained(photosIn('squash'), { framing: 'crop' });
    for (const { result, platform, card } of [few, equal, crop]) {
      expect(squashed(platform)).toEqual([]);
      expect(result.representations).toBeUndefined();
      expect(card.framing).toBeUndefined();
    }
    const pad = await trained(photosIn('crop', 60), { framing: 'pad' });
    expect(named(pad.result)).toEqual({ framing: 'pad', looks: 1 });
    expect(pad.card.preprocessing.resize).toEqual({ rule: 'contain', height: 32, width: 32 });
    expect(pad.card.framing).toEqual({ own: { rule: 'shortest-edge', size: 32 } });
  });

  test('several labels, and views', async () => {
    const several = photosIn('squash').map((photo, i) =>
      i % 3 ? photo : { ...photo, labels: [...photo.labels, 'many'] },
    );
    expect(named((await trained(several)).result).framing).toBe('squash');
    const { result, platform } = await trained(photosIn('squash', 180), { views: { count: 1 } });
    expect(named(result).framing).toBe('squash');
    // Photos and views, both ways.
    expect(platform.computed.length).toBe(4 * 180);
  });

  test('a network that squashes is asked whether the centre is clearer', async () => {
    const resize = { rule: 'squash', height: 32, width: 32 } as const;
    const where = { backbone: tinyBackbone({ width: 12, preprocessing: { resize } }) };
    const { result, card } = await trained(photosIn('crop'), {}, where);
    expect(named(result).framing).toBe('crop');
    expect(card.preprocessing.resize).toEqual({ rule: 'shortest-edge', size: 32 });
    expect(card.framing).toEqual({ own: resize, chosenBy: 'auto' });
  });
});

describe('several looks', () => {
  test.each([2, 4] as const)('%i are averaged, say what they gained, and each is kept by itself', async (looks) => {
    const store = memoryStore();
    const photos = photosIn('crop', 60);
    const { result, card, platform } = await trained(photos, { framing: 'crop', looks }, { store });
    expect(named(result)).toEqual({ framing: 'crop', looks });
    expect(result.looks).toMatchObject({ count: looks, computed: (looks - 1) * 60 });
    expect(platform.computed.length).toBe(looks * 60);
    expect(card.preprocessing.looks?.length).toBe(looks - 1);
    expect(card.preprocessing.looks?.[0].mirror).toBe(true);
    const again = await trained(photos, { framing: 'crop' }, { store });
    expect(again.platform.computed).toEqual([]);
    expect(again.result.looks).toBeUndefined();
  });

  test('with a framing that is chosen', async () => {
    const { result, platform } = await trained(photosIn('squash'), { looks: 2 });
    expect(named(result)).toEqual({ framing: 'squash', looks: 2 });
    expect(result.representations?.[0].gain?.verdict).toBe('better');
    expect(result.looks?.count).toBe(2);
    // The centre of each, the whole, and the whole mirrored.
    expect(platform.computed.length).toBe(3 * 200);
  });

  test('are refused where they mean nothing', async () => {
    const photos = photosIn('crop', 30);
    const fixed = tinyBackbone({ width: 12 });
    const single = { backbone: { ...fixed, network: { ...fixed.network, fixedBatch: true } } };
    const refused = [
      [{ looks: 2, views: { count: 1 } }, {}, '`views` and `looks`'],
      [{ looks: 4, head: 'conv' }, {}, '`looks: 4` only works with heads that read features, but conv'],
      [{ looks: 2 }, single, '`looks: 2`: the network tiny only takes one picture a run'],
    ] as const;
    for (const [options, where, what] of refused)
      await expect(trained(photos, options, where)).rejects.toMatchObject({
        code: 'USAGE',
        what: expect.stringContaining(what),
      });
    expect(() => requireOptions({ looks: 3 })).toThrow('the number 1, 2 or 4');
    expect(() => requireOptions({ framing: 'letterbox' })).toThrow("'auto', 'crop', 'squash', 'pad'");
  });
});

describe('an earlier classifier', () => {
  /** Trains on most of the photos, then on all, compared with the first. */
  async function twice(
    photos: readonly MemoryPhoto[],
    before: Partial<TrainOptions>,
    after: Partial<TrainOptions> = {},
  ) {
    const store = memoryStore();
    const first = await trained(photos.slice(0, -20), before, { store });
    const platform = memoryPlatform(photos, { store });
    const bytes = first.platform.written.get('out/classifier.onnx');
    if (bytes) platform.written.set('before.onnx', bytes);
    const result = await trainInMemory(platform, { framing: undefined, compareWith: 'before.onnx', ...after });
    return { result, card: cardIn(platform) };
  }

  test('lends its framing and looks, and is asked on photos as it saw them', async () => {
    const { result, card } = await twice(photosIn('squash', 60), { framing: 'squash', looks: 2 });
    expect(named(result)).toEqual({ framing: 'squash', looks: 2 });
    expect(card.framing?.own).toEqual({ rule: 'shortest-edge', size: 32 });
    expect(result.changes?.compared?.verdict).toBe('tie');
    const other = await twice(photosIn('squash', 120), { framing: 'crop' }, { framing: 'squash' });
    expect(named(other.result).framing).toBe('squash');
    expect(other.result.changes?.compared?.verdict).toBe('better');
  });

  test('whose framing was chosen: it is chosen anew, for both', async () => {
    const { result, card } = await twice(photosIn('squash', 220), {});
    expect(named(result).framing).toBe('squash');
    expect(card.framing?.chosenBy).toBe('auto');
    expect(result.changes?.compared?.verdict).toBe('tie');
  });
});

describe('one class', () => {
  const photos = drawnPhotos(40, { classes: ['good'] }).map((photo) => ({ ...photo, labels: ['good'] }));
  async function detector(options: Partial<OneClassOptions>) {
    const platform = memoryPlatform(photos);
    const result = await trainOneClassInMemory(platform, options);
    return { result, card: cardIn(platform) };
  }

  test('sees whole photos unless told', async () => {
    expect((await detector({})).result.backbone).toMatchObject({ framing: 'squash', looks: 1 });
    const { result, card } = await detector({ framing: 'pad', looks: 2 });
    expect(result.backbone).toMatchObject({ framing: 'pad', looks: 2 });
    expect(card.preprocessing.looks?.length).toBe(1);
  });

  test('several looks are refused to heads that look at patches', async () => {
    await expect(detector({ head: 'padim', looks: 2 })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

test('photos that a crop cuts short are told', async () => {
  const warnings: string[] = [];
  const resize = { rule: 'shortest-edge', size: 128 } as const;
  const backbone = tinyBackbone({ width: 12, preprocessing: { resize } });
  const onWarning = (text: string) => warnings.push(text);
  await trained(drawnPhotos(30), { onWarning }, { backbone });
  expect(warnings).toEqual([expect.stringMatching(/^30 photos are so long .* `framing: 'squash'`/)]);
  await trained(drawnPhotos(30), { framing: 'squash', onWarning }, { backbone });
  expect(warnings.length).toBe(1);
});
