import { openStore } from '../../src/features/lmdbStore.node.ts';
import { lookOf, sha } from './fakePlatform.ts';

/** A cache of so many photos of one backbone, written in several steps, half of them overwritten. */
export async function drawnCache(folder: string, photos: number): Promise<void> {
  const store = openStore({ folder });
  const space = { id: sha('space'), description: '{}', backbone: { name: 'tiny', hash: sha('tiny') }, width: 300 };
  for (const round of [0, 1, 2]) {
    const names = Array.from({ length: photos / 2 }, (_, i) => `${i + (round % 2) * (photos / 2)}`);
    store.write(
      space,
      names.map((name) => ({
        sha256: sha(name),
        at: { file: `/${name}.jpg`, stamp: String(round) },
        photo: { width: 1, height: 1 },
        vector: { features: new Float32Array(300).fill(round), ...lookOf(name) },
      })),
    );
    store.writeThumbnails(new Map(names.map((name) => [sha(name), new Uint8Array(500).fill(round)])));
  }
  await store.close();
}
