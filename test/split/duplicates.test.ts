import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { perceptualHash } from '../../src/images/perceptualHash.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { type Picture, turnedPicture } from '../../src/split/alignPictures.ts';
import { type DuplicateGroups, type DuplicateInput, groupDuplicates } from '../../src/split/duplicates.ts';
import { drawScene, framed, shoot } from './scenes.ts';

const width = 64;

interface Photo {
  readonly content: string;
  readonly features: readonly number[];
  readonly hash: string;
  readonly picture: Picture;
  readonly label?: number;
  readonly group?: string;
  readonly shot?: DuplicateInput['shots'] extends readonly (infer S)[] | undefined ? S : never;
}

function input(photos: readonly Photo[]): DuplicateInput {
  return {
    features: {
      rows: photos.length,
      columns: width,
      data: Float32Array.from(photos.flatMap(({ features }) => features)),
    },
    ids: photos.map(({ content }) => createHash('sha256').update(content).digest('hex')),
    hashes: photos.map(({ hash }) => hash),
    pictures: photos.map(({ picture }) => picture),
    shots: photos.map(({ shot }) => shot),
    labels: Int32Array.from(photos, ({ label }) => label ?? 0),
    given: photos.map(({ group }) => group),
  };
}

const grouped = (photos: readonly Photo[]): Promise<DuplicateGroups> =>
  groupDuplicates(input(photos), { openSession, threads: 1 });

/** Contents of the photos that are joined, in an order that names and places have no part in. */
async function joined(photos: readonly Photo[]): Promise<string[][]> {
  const { duplicates } = await grouped(photos);
  return duplicates.map((rows) => rows.map((row) => photos[row].content).sort()).sort();
}

function hex(random: Random): string {
  return Array.from({ length: 16 }, () => random.int(16).toString(16)).join('');
}

/** Flips the given bits of a hash. */
function flip(hash: string, ...bits: number[]): string {
  let value = BigInt(`0x${hash}`);
  for (const bit of bits) value ^= 1n << BigInt(bit);
  return value.toString(16).padStart(16, '0');
}

/** Unrelated photos: random features, random hashes, random scenes. */
function crowd(count: number, seed = 1): Photo[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => ({
    content: `${seed}-${i}`,
    features: Array.from({ length: width }, () => random.normal()),
    hash: hex(random),
    picture: shoot(drawScene(`${seed}-${i}`)),
  }));
}

/** A photo much like another to the network: features off by so much, in units of their spread; of another scene. */
function like(photo: Photo, content: string, hash: string, off: number, more: Partial<Photo> = {}): Photo {
  const random = new Random(content);
  const features = photo.features.map((x) => x + off * random.normal());
  return { content, hash, features, picture: shoot(drawScene(content)), ...more };
}

const bits = (count: number) => Array.from({ length: count }, (_, i) => (i * 23) % 64);

describe('groups', () => {
  const others = crowd(100);
  const [first, second] = others;
  const scene = drawScene(first.content);
  const same = { picture: first.picture };
  const shifted = { left: 0.1, top: 0.06 };
  const far = flip(first.hash, ...bits(24));

  it('joins a photo with its screenshot, whose border is all that hash and features see', async () => {
    const border = { left: 0.04, right: 0.04, top: 0.12, bottom: 0.06 };
    const shots = others.slice(0, 20).map((photo): Photo => {
      const content = `shot of ${photo.content}`;
      const features = crowd(1, 7000 + Number(photo.content.split('-')[1]))[0].features;
      return { content, hash: hex(new Random(content)), features, picture: framed(photo.picture, border, 242) };
    });
    const real = others.map((photo) => ({ ...photo, hash: perceptualHash(Float64Array.from(photo.picture.cells)) }));
    const found = await joined([...real, ...shots]);
    expect(found).toEqual(shots.map(({ content }) => [content.slice(8), content].sort()).sort());
  });

  it('finds none among unrelated photos', async () => {
    const { groups, duplicates, conflicts } = await grouped(others);
    expect([...groups]).toEqual([...others.keys()]);
    expect(duplicates).toEqual([]);
    expect(conflicts).toEqual([]);
  });

  it('joins equal bytes, pictures much alike, and their chains', async () => {
    const near = like(first, 'near', flip(first.hash, ...bits(24)), 0.4);
    const nearer = like(near, 'near the near one', flip(near.hash, ...bits(30)), 0.4);
    const { groups, duplicates } = await grouped([...others, near, second, nearer]);
    expect(duplicates).toEqual([
      [0, 100, 102],
      [1, 101],
    ]);
    expect(groups[100]).toBe(groups[0]);
    expect(groups[102]).toBe(groups[0]);
    expect(groups[101]).toBe(groups[1]);
    expect(new Set(groups).size).toBe(100);
  });

  it.each([
    // Off by as much as it varies: at 45 degrees from the original, where strangers lie at 90.
    ['another scene under another hash', like(first, 'x', far, 1.2), false],
    ['another scene under nearly the same hash', like(first, 'x', flip(first.hash, ...bits(8)), 1.2), false],
    ['the same scene under nearly the same hash', like(first, 'x', flip(first.hash, ...bits(8)), 3, same), true],
    ['a frame shifted, under another hash', like(first, 'x', far, 1, { picture: shoot(scene, shifted) }), true],
    ['a frame shifted, with features of a stranger', { ...crowd(1, 9)[0], picture: shoot(scene, shifted) }, false],
    ['the same mirrored', like(first, 'x', mirror(first.hash), 3, { picture: turnedPicture(first.picture, 1) }), true],
    [
      'the same turned by a quarter',
      like(first, 'x', quarter(first.hash), 3, { picture: turnedPicture(first.picture, 5) }),
      true,
    ],
  ])('hash, features and picture: %s', async (_, photo, found) => {
    expect((await grouped([...others, photo])).duplicates).toEqual(found ? [[0, 100]] : []);
  });

  it('is near from both sides: a stranger is nearest to a crowd, but the crowd is nearer to itself', async () => {
    // All but one lie close about one direction, which the stranger meets at 40 degrees.
    const [axis] = crowd(1, 6);
    const cone = crowd(100, 7).map((photo) => like(axis, photo.content, photo.hash, 0.3));
    const random = new Random('stranger');
    const [member] = cone;
    const features = member.features.map((x) => x + 0.8 * random.normal());
    const picture = shoot(drawScene('stranger'));
    const stranger = { content: 'stranger', picture, features, hash: flip(member.hash, 1) };
    expect((await grouped([...cone, stranger])).duplicates).toEqual([]);
    // Among other photos as far from each other as the stranger is, the same two are near from both sides.
    const wide = crowd(100, 8);
    expect((await grouped([...wide, member, stranger])).duplicates).toEqual([[100, 101]]);
  });

  it('joins shots of one camera within seconds where they look alike', async () => {
    const shot = (seconds: number, camera = 'A') => ({ shot: { time: 1000 * seconds, camera } });
    const alike = (more: Partial<Photo>) => like(first, 'later', flip(first.hash, ...bits(24)), 1.2, more);
    const taken = [{ ...first, ...shot(0) }, { ...second, ...shot(1) }, ...others.slice(2)];
    expect((await grouped([...taken, alike(shot(2))])).duplicates).toEqual([[0, 100]]);
    expect((await grouped([...taken, alike(shot(60))])).duplicates).toEqual([]);
    expect((await grouped([...taken, alike(shot(2, 'B'))])).duplicates).toEqual([]);
    expect((await grouped([...taken, alike({})])).duplicates).toEqual([]);
  });

  it('takes the threshold from the set: what is near among strangers is not near among the alike', async () => {
    const pair = [first, like(first, 'x', flip(first.hash, ...bits(24)), 0.4)];
    expect((await grouped([...others, pair[1]])).duplicates).toEqual([[0, 100]]);
    // All photos look much like the first one to the network, though not to the hash.
    const alike = crowd(100, 2).map((photo) => like(first, photo.content, photo.hash, 0.4));
    expect((await grouped([...alike, ...pair])).duplicates).toEqual([]);
  });

  it('finds bursts where there is nothing else, and large ones', async () => {
    for (const [scenes, frames] of [
      [60, 3],
      [20, 9],
      [6, 30],
    ]) {
      const photos = crowd(scenes, 3).flatMap((scene, s) =>
        Array.from({ length: frames }, (_, i) =>
          like(scene, `${s}/${i}`, flip(scene.hash, ...bits(20 + (i % 9))), 0.3, {
            picture: shoot(drawScene(`scene ${s}`), { left: 0.02 * (i % 6), top: 0.01 * (i % 5) }),
          }),
        ),
      );
      const { groups } = await grouped(photos);
      expect([...groups]).toEqual(photos.map((_, row) => Math.floor(row / frames)));
    }
  });

  it('does not let a set of look-alikes collapse, whatever its hashes', async () => {
    const [part] = crowd(1, 4);
    const random = new Random(5);
    for (const flips of [0, 3, 8]) {
      const parts = Array.from({ length: 400 }, (_, i) =>
        like(part, `part ${i}`, flip(part.hash, ...Array.from({ length: flips }, () => random.int(64))), 0.3),
      );
      const { duplicates } = await grouped(parts);
      expect(duplicates.flat().length).toBeLessThan(40);
      for (const group of duplicates) expect(group.length).toBeLessThan(5);
    }
  });

  it('does not let parts in a few poses collapse, whose pictures are all but equal', async () => {
    const random = new Random(6);
    const parts = crowd(5, 4).flatMap((part, pose) =>
      Array.from({ length: 80 }, (_, i) =>
        like(
          part,
          `pose ${pose}, part ${i}`,
          flip(part.hash, ...Array.from({ length: 8 }, () => random.int(64))),
          0.3,
          {
            picture: shoot(drawScene(`pose ${pose}`), {
              left: 0.02 * random.uniform(),
              brightness: 120 + random.int(20),
            }),
          },
        ),
      ),
    );
    const { duplicates } = await grouped(parts);
    expect(duplicates.flat().length).toBeLessThan(40);
  });

  it('is not changed by unrelated photos that come in', async () => {
    const photos = [
      ...others.slice(0, 60),
      ...[5, 6, 7].map((i) => like(others[i], `copy ${i}`, hex(new Random(i)), 0.4)),
    ];
    const before = await joined(photos);
    expect(before).toHaveLength(3);
    for (const seed of [11, 12, 13]) expect(await joined([...photos, ...crowd(200, seed)])).toEqual(before);
  });

  it("adds the user's groups, which are no duplicates", async () => {
    const photos = others.map((photo, i) => (i < 3 ? { ...photo, group: 'mine' } : photo));
    const { groups, duplicates } = await grouped([...photos, like(first, 'x', first.hash, 0.01)]);
    expect([groups[0], groups[1], groups[2], groups[100]]).toEqual([0, 0, 0, 0]);
    expect(duplicates).toEqual([[0, 100]]);
  });

  it('numbers groups without gaps, and finds the same in any order', async () => {
    const photos = [...others.slice(0, 40), like(first, 'x', hex(new Random(3)), 0.4), second];
    const expected = await joined(photos);
    expect(expected).toHaveLength(2);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(photos, { minLength: photos.length }), async (shuffled) => {
        expect(await joined(shuffled)).toEqual(expected);
        expect([...new Set((await grouped(shuffled)).groups)]).toEqual([...Array(40).keys()]);
      }),
      { numRuns: 20 },
    );
  });

  it('works on few photos, on equal photos only, and on plain ones', async () => {
    expect([...(await grouped([first])).groups]).toEqual([0]);
    expect([...(await grouped([first, first, first])).groups]).toEqual([0, 0, 0]);
    expect([...(await grouped(others.slice(0, 4))).groups]).toEqual([0, 1, 2, 3]);
    for (const value of [0, 1]) {
      const plain = crowd(300).map((photo) => ({
        ...photo,
        features: Array<number>(width).fill(value),
        hash: '0'.repeat(16),
      }));
      expect((await grouped(plain)).duplicates).toEqual([]);
    }
    const broken = others.map((photo, i) =>
      i === 3 ? { ...photo, features: photo.features.map(() => Number.NaN) } : photo,
    );
    expect((await grouped(broken)).duplicates).toEqual([]);
  });
});

describe('conflicts', () => {
  const others = crowd(100);
  const [first, second] = others;

  it('are equal bytes, or all but equal photos, under two labels', async () => {
    const relabelled = { ...first, label: 1 };
    const reencoded = like(second, 'saved again', flip(second.hash, 9), 0.01, { label: 1 });
    expect((await grouped([...others, relabelled, reencoded])).conflicts).toEqual([
      [0, 100],
      [1, 101],
    ]);
  });

  it.each([
    ['the label is the same', like(first, 'x', first.hash, 0.01)],
    ['the photos only look alike', like(first, 'x', flip(first.hash, 0, 1, 2, 3, 4), 0.01, { label: 1 })],
    ['one is the other, mirrored', like(first, 'x', mirror(first.hash), 0.01, { label: 1 })],
    ['the features are not convincing', like(first, 'x', first.hash, 1, { label: 1, picture: first.picture })],
  ])('are not claimed where %s', async (_, photo) => {
    const { duplicates, conflicts } = await grouped([...others, photo]);
    expect(duplicates).toEqual([[0, 100]]);
    expect(conflicts).toEqual([]);
  });
});

/** The hash of the mirrored photo: odd frequencies across, in every second bit, turn their sign. */
function mirror(hash: string): string {
  return (BigInt(`0x${hash}`) ^ 0xaaaaaaaaaaaaaaaan).toString(16).padStart(16, '0');
}

/** The hash of the photo turned by a quarter: bits across and down change places, then as mirrored. */
function quarter(hash: string): string {
  const all = BigInt(`0x${hash}`).toString(2).padStart(64, '0');
  const turned = Array.from({ length: 64 }, (_, i) => all[(i % 8) * 8 + Math.floor(i / 8)]).join('');
  return mirror(BigInt(`0b${turned}`).toString(16).padStart(16, '0'));
}
