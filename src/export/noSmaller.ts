/** Whether other weights save anything: those of a classifier may be stored in few bytes already. */

import { type Message, message } from '../message.ts';
import type { Model } from '../onnx/model.ts';
import { type CompactType, compactType } from '../results/exportResult.ts';

/** What is said where the weights take no fewer bytes than before. */
export function noSmaller(before: Model, after: Model, type: CompactType): Message[] {
  const [stored] = compactType.options
    .map((each) => ({ each, bytes: bytesOf(before, each) }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
  if (!stored || bytesOf(after) < bytesOf(before)) return [];
  return [
    message`The file is no smaller with ${type} weights: those of this classifier are stored as ${stored.each} already.`,
  ];
}

/** Bytes of stored tensors, of one type or of all. */
function bytesOf({ graph }: Model, only?: string): number {
  return graph.initializers.reduce((sum, { type, bytes }) => sum + (type === (only ?? type) ? bytes.length : 0), 0);
}
