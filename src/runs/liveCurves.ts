/** TensorBoard's event file, written while training runs. */

import { settingsSchema } from '../classifier/card.ts';
import type { Score } from '../evaluation/select.ts';
import { eventFileHead, resultRecords, scoreRecords } from '../report/tensorboard.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import type { TrainPlatform } from './options.ts';

/** Curves that TensorBoard shows while training goes on, in one event file. */
export interface LiveCurves {
  readonly file: string;
  readonly addScore: (score: Score<unknown>) => Promise<void>;
  readonly addResult: (result: AnyTrainResult) => Promise<void>;
}

/** Begins the event file; an earlier run's in the same folder gives way, since two would be drawn as one. */
export async function openLiveCurves(
  folder: string,
  { ensureFolder, write, append }: Pick<TrainPlatform, 'ensureFolder' | 'write' | 'append'>,
): Promise<LiveCurves> {
  const file = `${folder}/events.out.tfevents.carafe`;
  const now = () => Date.now() / 1000;
  let tried = 0;
  await ensureFolder(folder);
  await write(file, eventFileHead(now()));
  return {
    file,
    addScore: (score) =>
      append(file, scoreRecords(++tried, { ...score, settings: settingsSchema.parse(score.settings) }, now())),
    addResult: (result) => append(file, resultRecords(result, now())),
  };
}
