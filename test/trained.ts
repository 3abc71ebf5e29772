import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type TrainOptions, type TrainResult, train } from '../src/index.ts';
import { drawImageSet } from './drawn.ts';

/** Where the photos lie inside the folder: a name that occurs nowhere else. */
export const drawnSet = 'my drawings 4711';

/** A folder with a drawn image set, gone after the tests of the file; its cache is its own. */
export async function drawnFolder(perClass: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'carafe-drawn-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  process.env.CARAFE_CACHE = join(folder, 'cache');
  await drawImageSet(join(folder, drawnSet), perClass);
  return folder;
}

/** Trains on the drawn photos of `drawnFolder`; the classifier is `out/classifier.onnx` inside it. */
export async function trainDrawn(folder: string, options: Partial<TrainOptions> = {}): Promise<TrainResult> {
  const result = await train(join(folder, drawnSet), { out: join(folder, 'out'), folds: 2, ...options });
  if (result.task !== 'single-label') throw new TypeError('a folder gives each photo one class');
  return result;
}
