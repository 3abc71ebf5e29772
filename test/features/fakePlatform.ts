import { createHash } from 'node:crypto';
import type { ExtractionPlatform } from '../../src/features/extraction.ts';
import { memoryStore } from '../../src/features/memoryStore.ts';
import { mapCuts } from '../../src/features/network.ts';
import type { FeatureStore, Look, MapRecord } from '../../src/features/store.ts';
import type { Outcome, WorkerPool } from '../../src/features/workerPool.ts';
import { Random } from '../../src/numerics/random.ts';
import type { ImageItem } from '../../src/sets/imageSet.ts';

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A hash and grey cells of chance, the same for the same text. */
export function lookOf(text: string): Look {
  const random = new Random(text);
  return { hash: sha(text).slice(0, 16), cells: Uint8Array.from({ length: 1024 }, () => random.int(256)) };
}

export interface FakePlatform extends ExtractionPlatform {
  /** What lies in a file: photos with equal text are equal. Text that begins with `broken` is no photo. */
  readonly files: Map<string, string>;
  /** What was done: `read FILE`, `run TEXT`, `open`, `close`. */
  readonly log: string[];
}

/** Files, workers and a store in memory; the features of a photo are its text's length and first letter. */
export function fakePlatform(files: Record<string, string>, store: FeatureStore = memoryStore()): FakePlatform {
  const contents = new Map(Object.entries(files));
  const log: string[] = [];
  let needed: string[] = [];
  const pool: WorkerPool = {
    capacity: 3,
    async process(file, view, isWanted): Promise<Outcome> {
      const text = contents.get(file);
      await turns(file.length % 5);
      log.push(`read ${file}`);
      if (text === undefined)
        return { kind: 'unread', failure: { code: 'NOT_FOUND', reason: 'there is no such file' } };
      const sha256 = sha(text);
      const wanted = await isWanted(sha256);
      await turns(text.length % 3);
      if (!wanted) return { kind: 'skipped', sha256 };
      if (text.startsWith('crash')) throw new Error('a worker broke');
      if (text.startsWith('broken'))
        return { kind: 'failed', sha256, failure: { code: 'BROKEN', reason: `it is ${text}` } };
      log.push(view ? `run ${text} in view ${view.number}` : `run ${text}`);
      const features = featuresOf(text, view?.number);
      const maps = new Map(needed.map((name) => [name, mapOf(text, view?.number)]));
      return { kind: 'computed', sha256, features, maps, ...lookOf(text), width: 40, height: 30 };
    },
    async close() {
      log.push('close');
    },
  };
  return {
    files: contents,
    log,
    store,
    computer: { decoder: 'decoder 1', runtime: 'runtime 1', device: 'cpu' },
    sha256: sha,
    stamp: (file) => contents.get(file) && `stamp of ${contents.get(file)}`,
    openWorkers: (backbone, needs) => {
      needed = [...mapCuts(backbone, needs).keys()];
      log.push('open');
      return pool;
    },
  };
}

export function featuresOf(text: string, view = 0): Float32Array {
  return Float32Array.from({ length: 8 }, (_, i) => (i === 0 ? text.length : text.charCodeAt(i % text.length)) + view);
}

export function mapOf(text: string, view = 0): MapRecord {
  return { height: 2, width: 3, data: Uint16Array.from({ length: 24 }, (_, i) => 100 * text.length + i + 1000 * view) };
}

export function itemsOf(files: Iterable<string>): ImageItem[] {
  return Array.from(files, (file) => ({ path: file.slice(1), file, labels: ['a'] }));
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
