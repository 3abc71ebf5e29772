/** The result as TensorBoard's events. */

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { LearningCurve } from '../evaluation/learningCurve.ts';
import type { Score } from '../evaluation/select.ts';
import type { Interval } from '../metrics/evaluation.ts';
import { crc32c } from '../numerics/crc32c.ts';
import type { LabelsResult, TrainResult } from '../results/trainResult.ts';

/** One value at one step of a curve, or a text. */
interface Point {
  readonly tag: string;
  readonly step: number;
  readonly value: number | string;
}

const utf8 = new TextEncoder();

/** DT_STRING in TensorFlow's types.proto. */
const stringType = 7;

/** How an event file begins. Times are in seconds since 1970. */
export function eventFileHead(wallTime: number): Uint8Array {
  return eventRecord(wallTime, 0, (out) => out.tag(3, WireType.LengthDelimited).string('brain.Event:2'));
}

/**
 * A setting's worth on photos that its fits had not seen, as it was found while settings were chosen.
 * @param step the setting's place in the order of trial, from 1 on; a text names the setting
 */
export function scoreRecords(
  step: number,
  { settings, logLoss, accuracy }: Score<TrainResult['head']['settings']>,
  wallTime: number,
): Uint8Array {
  const named = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
  return records(wallTime, [
    { tag: 'selection/log-loss', step, value: logLoss },
    { tag: 'selection/accuracy', step, value: accuracy },
    { tag: 'selection/settings', step, value: named.join(', ') },
  ]);
}

type Drawn = 'task' | 'split' | 'evaluation' | 'learningCurve';

/** What came out: the figures on photos kept out, and the learning curve. The step is the number of photos trained on. */
export function resultRecords(
  result: Pick<TrainResult, Drawn> | Pick<LabelsResult, Drawn>,
  wallTime: number,
): Uint8Array {
  const { split, evaluation, learningCurve } = result;
  const [name, figure] =
    result.task === 'single-label'
      ? (['accuracy', result.evaluation.accuracy] as const)
      : (['mean-average-precision', result.evaluation.meanAveragePrecision] as const);
  return records(wallTime, [
    ...(learningCurve ? curvePoints(name, learningCurve) : []),
    ...heldOutPoints(name, figure, evaluation.logLoss, split),
  ]);
}

function heldOutPoints(name: string, figure: Interval, logLoss: number, split: TrainResult['split']): Point[] {
  // With folds, `train` counts all photos; each fit went without one fold.
  const trained = split.kind === 'folds' ? split.train - split.test : split.train;
  return [
    ...intervalPoints(`held-out/${name}`, trained, figure),
    { tag: 'held-out/log-loss', step: trained, value: logLoss },
  ];
}

/** A text names the head that was fitted: where the run's own is slow to fit, a quick one stands in for it. */
function curvePoints(name: string, { head, points }: LearningCurve): Point[] {
  return [
    { tag: 'learning-curve/head', step: 0, value: head },
    ...points.flatMap(({ photos, score: { value, lowest, highest } }) =>
      intervalPoints(`learning-curve/${name}`, photos, { value, low: lowest, high: highest }),
    ),
  ];
}

function intervalPoints(tag: string, step: number, { value, low, high }: Interval): Point[] {
  return [
    { tag, step, value },
    { tag: `${tag}-low`, step, value: low },
    { tag: `${tag}-high`, step, value: high },
  ];
}

function records(wallTime: number, points: readonly Point[]): Uint8Array {
  const out = new BinaryWriter();
  for (const { tag, step, value } of points)
    out.raw(
      eventRecord(wallTime, step, (event) => {
        // Event.summary, Summary.value
        event.tag(5, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork();
        event.tag(1, WireType.LengthDelimited).string(tag);
        if (typeof value === 'number') event.tag(2, WireType.Bit32).float(value);
        else writeText(event, value);
        event.join().join();
      }),
    );
  return out.finish();
}

/** Summary.Value.tensor, a string without dimensions, and in its metadata the plugin that shows texts. */
function writeText(out: BinaryWriter, text: string): void {
  out.tag(8, WireType.LengthDelimited).fork();
  out.tag(1, WireType.Varint).int32(stringType).tag(2, WireType.LengthDelimited).bytes(new Uint8Array());
  out.tag(8, WireType.LengthDelimited).bytes(utf8.encode(text)).join();
  out.tag(9, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork();
  out.tag(1, WireType.LengthDelimited).string('text').join().join();
}

/**
 * An Event (TensorFlow's event.proto) as a record of a TFRecord file: its length and its bytes, each with a checksum.
 * https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
function eventRecord(wallTime: number, step: number, what: (out: BinaryWriter) => void): Uint8Array {
  const event = new BinaryWriter().tag(1, WireType.Bit64).double(wallTime).tag(2, WireType.Varint).int64(step);
  what(event);
  const bytes = event.finish();
  const length = new BinaryWriter().fixed64(bytes.length).finish();
  return new BinaryWriter()
    .raw(length)
    .fixed32(maskedChecksum(length))
    .raw(bytes)
    .fixed32(maskedChecksum(bytes))
    .finish();
}

/** Rotated and shifted, as TFRecord has it, for bytes that themselves hold checksums. */
function maskedChecksum(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}
