/** A memory bank of patches, within a memory limit. */

import type { Inputs } from '../../features/mapTable.ts';
import { Random } from '../../numerics/random.ts';
import type { Matrix } from '../../runtime/platform.ts';
import { coreset, squaredDistance } from './coreset.ts';
import { type OneClassContext, usualMemory } from './oneClassHead.ts';
import { eachPatches, type Patches } from './patches.ts';

/** Of more patches than this, as many are drawn from each photo: a coreset of half as many is as good (measured). */
const mostCandidates = 50_000;
/** Numbers by which a coreset is chosen: a random projection keeps distances well enough for that (as in PatchCore). */
const coresetDims = 64;
/** Bytes that this takes for each patch, beside the patch itself: its projection, its distance, its group. */
const besides = 4 * coresetDims + 16;

/**
 * A memory bank of at most `count` patches of the named photos: a coreset of all their patches. Where the memory limit
 * does not hold them all, the bank so far and as many new patches as there is room for are reduced to a coreset, again
 * and again (after the composable coresets of Indyk et al. 2014). Photos come in an order drawn from the seed, so that
 * each part is a sample of the whole.
 */
export async function patchBank(
  patches: Patches,
  inputs: Inputs,
  rows: Int32Array,
  count: number,
  context: OneClassContext,
): Promise<Matrix> {
  const { dims, height, width } = patches;
  const random = new Random(`${context.seed}/coreset`);
  const places = height * width;
  const perPhoto = Math.min(places, Math.max(1, Math.ceil(mostCandidates / rows.length)));
  // Never less than one photo's patches beside a whole bank: else no part could be taken in.
  const room = Math.max(Math.floor((context.memoryLimit ?? usualMemory) / (4 * dims + besides)), count + perPhoto);
  const most = Math.min(room, rows.length * perPhoto);
  const data = new Float32Array(most * dims);
  let filled = 0;
  const reduce = async () => {
    const narrow = projected({ rows: filled, columns: dims, data }, random);
    const kept = (await coreset(narrow, count, random, context)).sort();
    for (const [to, from] of kept.entries()) data.copyWithin(to * dims, from * dims, (from + 1) * dims);
    filled = kept.length;
  };
  await eachPatches(patches, inputs, random.shuffle(rows.slice()), context, async (_, photo) => {
    if (filled + perPhoto > most) await reduce();
    const drawn = perPhoto < places ? random.shuffle(Int32Array.from({ length: places }, (_, i) => i)) : undefined;
    for (let k = 0; k < perPhoto; k++, filled++) {
      const from = (drawn?.[k] ?? k) * dims;
      data.set(photo.subarray(from, from + dims), filled * dims);
    }
  });
  await reduce();
  return { rows: filled, columns: dims, data: data.slice(0, filled * dims) };
}

/** The rows in a few random directions; as they are where they are short already. */
function projected({ rows, columns, data }: Matrix, random: Random): Matrix {
  if (columns <= coresetDims) return { rows, columns, data };
  const directions = Float32Array.from({ length: columns * coresetDims }, () => random.normal());
  const out = new Float32Array(rows * coresetDims);
  for (let row = 0; row < rows; row++)
    for (let d = 0, at = row * columns, from = 0; d < columns; d++, at++) {
      const value = data[at];
      for (let k = 0, to = row * coresetDims; k < coresetDims; k++, to++, from++) out[to] += value * directions[from];
    }
  return { rows, columns: coresetDims, data: out };
}

/** For each row of a bank the nearest rows, itself first: [rows, size]. */
export function nearestInBank({ rows, columns, data }: Matrix, wanted: number): Int32Array {
  const size = Math.min(wanted, rows);
  const out = new Int32Array(rows * size);
  const nearest = new Float64Array(size);
  for (let i = 0; i < rows && size > 0; i++) {
    nearest.fill(Number.POSITIVE_INFINITY);
    const row = out.subarray(i * size, (i + 1) * size);
    const own = data.slice(i * columns, (i + 1) * columns);
    for (let j = 0; j < rows; j++) {
      const square = i === j ? -1 : squaredDistance(data, j * columns, own, nearest[size - 1]);
      let place = size;
      while (place > 0 && square < nearest[place - 1]) place--;
      if (place === size) continue;
      nearest.copyWithin(place + 1, place, size - 1);
      row.copyWithin(place + 1, place, size - 1);
      nearest[place] = square;
      row[place] = j;
    }
  }
  return out;
}
