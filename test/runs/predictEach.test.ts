import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CarafeError, ImageError } from '../../src/errors.ts';
import { type PhotoSource, predictEach } from '../../src/runs/predictEach.ts';

/** What Node would end the process for. */
let unheard: unknown[] = [];
const hear = (reason: unknown) => unheard.push(reason);
beforeEach(() => {
  unheard = [];
  process.on('unhandledRejection', hear);
});
afterEach(() => {
  process.off('unhandledRejection', hear);
});

const pause = (turns = 5) => new Promise<void>((resolve) => setTimeout(resolve, turns));
const photo = (path: string): PhotoSource<string> => ({ path, read: async () => path });
const slowly = async (read: string) => {
  await pause();
  return read.toUpperCase();
};

async function answersOf(photos: Iterable<PhotoSource<string>>, predict = slowly, signal?: AbortSignal) {
  const answers: unknown[] = [];
  for await (const answer of predictEach(predict, photos, { signal })) answers.push(answer);
  return answers;
}

test('answers come in the order of the photos, whichever is read first', async () => {
  const late: PhotoSource<string> = {
    path: 'a',
    read: async () => {
      await pause(20);
      return 'a';
    },
  };
  expect(await answersOf([late, photo('b'), photo('c')])).toEqual(
    ['a', 'b', 'c'].map((path) => ({ path, prediction: path.toUpperCase() })),
  );
});

test.each([1, 2, 5])('predictions begin in the order of the photos, %i at most at once', async (parallel) => {
  const begun: string[] = [];
  let [underWay, most] = [0, 0];
  const predict = async (read: string) => {
    begun.push(read);
    most = Math.max(most, ++underWay);
    await pause(begun.length % 3);
    underWay--;
    return read;
  };
  const names = Array.from('abcdefghijkl');
  const photos = names.map((path, i) => ({ path, read: () => pause(7 - (i % 4)).then(() => path) }));
  const answers: unknown[] = [];
  for await (const answer of predictEach(predict, photos, { parallel })) answers.push(answer);
  expect(answers).toEqual(names.map((path) => ({ path, prediction: path })));
  expect(begun).toEqual(names);
  expect(most).toBe(parallel);
});

test('nothing begins once the caller has gone', async () => {
  const begun: string[] = [];
  const predict = async (read: string) => {
    begun.push(read);
    await pause();
    return read;
  };
  for await (const _answer of predictEach(predict, Array.from('abcdefgh', photo))) break;
  const before = begun.length;
  await pause(30);
  expect(begun).toHaveLength(before);
});

test('a photo that cannot be read is an answer, wherever it stands', async () => {
  for (let at = 0; at < 6; at++) {
    const photos = Array.from('abcdef', photo);
    photos[at] = { path: 'x', read: () => Promise.reject(new ImageError('BROKEN', 'it is cut short')) };
    const answers = await answersOf(photos);
    expect(answers).toHaveLength(6);
    expect(answers[at]).toEqual({ path: 'x', code: 'BROKEN', reason: 'it is cut short' });
  }
  expect(unheard).toEqual([]);
});

const failures: [string, unknown, () => Promise<string>][] = [
  new TypeError('no memory'),
  new CarafeError('NOT_FOUND', 'it is gone', 'Look again.'),
  'a word that is no error',
].flatMap((failure): [string, unknown, () => Promise<string>][] => [
  [`${failure}`, failure, () => Promise.reject(failure)],
  [
    `${failure}, before there is a promise`,
    failure,
    () => {
      throw failure;
    },
  ],
]);

describe.each(failures)('a read that fails with %s', (_, failure, read) => {
  test.each([0, 1, 2, 3, 4, 5])('reaches the caller after the answers before it, at place %i', async (at) => {
    const photos = Array.from('abcdef', photo);
    photos[at] = { path: 'x', read };
    const answers: unknown[] = [];
    const ask = async () => {
      for await (const answer of predictEach(slowly, photos)) answers.push(answer);
    };
    await expect(ask()).rejects.toBe(failure);
    await pause();
    expect(answers).toHaveLength(at);
    expect(unheard).toEqual([]);
  });

  test('is no matter where the caller has gone, or the network has failed, before its turn', async () => {
    const photos = [photo('a'), { path: 'x', read }, photo('b')];
    for await (const _answer of predictEach(slowly, photos)) break;
    const broken = new Error('the network broke');
    await expect(answersOf(photos, () => Promise.reject(broken))).rejects.toBe(broken);
    await expect(answersOf(photos, slowly, AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await pause();
    expect(unheard).toEqual([]);
  });
});
