/** Looks for photos that lie on their side or upside down. */

import type { Backbone } from '../backbone/backbone.ts';
import type { Turn } from '../doctor/photoProblems.ts';
import { learnDirections, lyingOf, oddsOnce, turnedOdds } from '../doctor/turned.ts';
import { extractFeatures } from '../features/extract.ts';
import { quarterTurns } from '../images/view.ts';
import { gather, type Rows } from '../numerics/rows.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import type { Checked, DoctorOptions, DoctorPlatform } from './doctorTypes.ts';
import { pictureTime } from './pictureTime.ts';

/** Photos that are turned by three quarters, to learn what directions look like; with fewer than the least, nothing is learned. */
const learnedFrom = 600;
const leastPhotos = 100;
/** Photos that may be turned by one look at them get three more: at most this share of them, and so many. */
const mostShare = 0.2;
const mostCandidates = 1000;

/**
 * Photos that lie turned, by path. Directions are learned from some of the set's own photos, which nearly all lie upright; what
 * then looks turned at first is looked at in all four directions. Turned views are cached like any other; how long they take is said before.
 * @param seconds that the photos took
 */
export async function findTurned(
  { extraction, network, grouped, context }: Checked,
  seconds: number,
  platform: DoctorPlatform,
  options: DoctorOptions,
): Promise<ReadonlyMap<string, Turn>> {
  const { items, photos, features } = extraction;
  if (items.length < leastPhotos) return new Map();
  const order = [...items.keys()].sort((a, b) => (grouped.ids[a]! < grouped.ids[b]! ? -1 : 1));
  const learned = order.slice(0, learnedFrom);
  const turns = async (rows: readonly number[]) => {
    const wanted = rows.map((row) => items[row]!);
    return turnedFeatures(wanted, network, platform, options);
  };
  const more = Math.min(mostCandidates, Math.ceil(mostShare * (order.length - learned.length)));
  const most = learned.length + more;
  options.onUnderstood?.(
    `Turned photos: ${most === learned.length ? '' : 'up to '}${most.toLocaleString('en-US')} photos are looked at in three more directions each, ${pictureTime(3 * most, extraction, seconds)} unless they are cached.`,
  );
  options.onStage?.('Looking for photos that are turned');
  const sample = await turns(learned);
  if (sample.paths.length < leastPhotos / 2) return new Map();
  const model = await learnDirections(sample.features, context.seed, context);
  const known = new Set(sample.paths);
  const found = new Map<string, Turn>();
  const lying = lyingOf(model.learned);
  const limit = turnedOdds(lying);
  for (const [place, path] of sample.paths.entries()) {
    const { turn, odds } = lying[place]!;
    if (odds > limit) found.set(path, turn);
  }
  const others = order.filter((row) => !known.has(items[row]!.path) && photos[row] !== undefined);
  if (others.length === 0) return found;
  const odds = oddsOnce(await model.once(gather(features, others)));
  const candidates = others
    .map((row, place) => ({ row, odds: odds[place]! }))
    .filter((one) => one.odds > 0)
    .sort((a, b) => b.odds - a.odds)
    .slice(0, Math.min(mostCandidates, Math.ceil(mostShare * others.length)));
  if (candidates.length === 0) return found;
  const looked = await turns(candidates.map(({ row }) => row));
  for (const [place, { turn, odds: over }] of lyingOf(await model.four(looked.features)).entries())
    if (over > limit) found.set(looked.paths[place]!, turn);
  return found;
}

/** Features of photos as they are and turned by one, two and three quarters, [4 x photos, D]. */
async function turnedFeatures(
  items: readonly ImageItem[],
  backbone: Backbone,
  platform: DoctorPlatform,
  { threads = platform.cores, signal, limits, onProgress }: DoctorOptions,
): Promise<{ features: Rows; paths: string[] }> {
  const turned = await extractFeatures(items, backbone, platform, {
    views: quarterTurns,
    threads,
    signal,
    limits,
    progress: onProgress,
  });
  return { features: turned.features, paths: turned.items.map(({ path }) => path) };
}
