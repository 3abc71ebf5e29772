/** Applies a review: a new image list, or files moved between the folders of their classes. */

import { gainOf } from '../doctor/correctedLabels.ts';
import { CarafeError } from '../errors.ts';
import { type ApplyResult, type Decision, type Review, review } from '../results/doctorResult.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { version } from '../version.ts';
import { look } from './doctor.ts';
import type { DoctorOptions, DoctorPlatform } from './doctorTypes.ts';
import { movesOf } from './reviewMoves.ts';

export interface ApplyOptions extends DoctorOptions {
  /** The review that the page saved. */
  readonly apply: string;
  /** Move the files themselves, instead of writing a list. */
  readonly move?: boolean | undefined;
}

/** What applying needs besides: reading the review, and moving files with a journal. */
export interface ApplyPlatform extends DoctorPlatform {
  /** @throws CarafeError NOT_FOUND, UNREADABLE */
  readonly readText: (path: string, named: string) => Promise<string>;
  /** From the list's folder to a photo's file. */
  /** Moves files one by one and writes each move into a new journal first; gives the journal's path. */
  readonly moveFiles: (
    moves: readonly { readonly from: string; readonly to: string }[],
    folder: string,
  ) => Promise<string>;
}

/**
 * Applies a review to the set that it was made for. Nothing is moved unless `move` says so; nothing is ever deleted. What the
 * new labels gain is measured on photos that were not in the review.
 * @throws CarafeError BAD_REVIEW where the review is broken, or is one of other photos
 */
export async function applyReview(
  source: string,
  options: ApplyOptions,
  platform: ApplyPlatform,
): Promise<ApplyResult> {
  const named = `\`apply: '${options.apply}'\``;
  const { decisions, set } = readReview(await platform.readText(options.apply, named), options.apply);
  await platform.ensureFolder(options.out);
  const checked = await look(source, options, platform);
  const { items } = checked.set;
  const decided = matched(decisions, items, options.apply);
  if (set !== checked.id)
    options.onWarning?.(
      `${options.apply} was made when the photos or their labels were not all the same: they have changed since, or it is the review of another set. All photos that it decides on are here, with the labels that they had.`,
    );
  const moves = options.move ? movesOf(items, decided, source, options.out) : [];
  const counts = { kept: 0, moved: 0, dropped: 0, unsure: 0 };
  const names = { keep: 'kept', move: 'moved', drop: 'dropped', unsure: 'unsure' } as const;
  for (const { decision } of decided.values()) counts[names[decision]]++;
  const correction = gainOfReview(checked, decided);
  const changes = counts.moved + counts.dropped > 0;
  let [list, journal]: [string | null, string | null] = [null, null];
  if (options.move) journal = changes ? await platform.moveFiles(moves, options.out) : null;
  else {
    list = `${options.out}/reviewed.jsonl`;
    await platform.write(
      list,
      listOf(items, decided, (file) => platform.relative(options.out, file)),
    );
  }
  return { version, command: 'doctor', applied: counts, correction, list, journal };
}

/** @throws CarafeError BAD_REVIEW */
export function readReview(text: string, file: string): Review {
  const bad = (what: string, hint: string) => new CarafeError('BAD_REVIEW', `${file}: ${what}.`, hint);
  const again = 'Save it again from the page of `carafe doctor`.';
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw bad(
      text.trim() === '' ? 'the file is empty' : 'this is not whole JSON: it may be cut short, or edited by hand',
      again,
    );
  }
  const parsed = review.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = (issue?.path ?? []).map(String).join('.');
    throw bad(`this is no review${place ? `, at ${place}` : ''}: ${issue?.message ?? 'unknown form'}`, again);
  }
  const seen = new Set<string>();
  for (const { path } of parsed.data.decisions) {
    if (seen.has(path)) throw bad(`${JSON.stringify(path)} is decided twice`, 'Keep one decision a photo.');
    seen.add(path);
  }
  return parsed.data;
}

/** The decisions by path. @throws CarafeError BAD_REVIEW where photos are not there, or have other labels by now */
function matched(decisions: readonly Decision[], items: readonly ImageItem[], file: string): Map<string, Decision> {
  const byPath = new Map(items.map((item) => [item.path, item]));
  const gone = decisions.filter(({ path }) => !byPath.has(path));
  const bad = (what: string) =>
    new CarafeError(
      'BAD_REVIEW',
      `${file}: ${what}.`,
      'Run `carafe doctor` on these photos again, and review its new page. Where moving was interrupted, move back first what its journal names: `undo` with moves.jsonl.',
    );
  if (gone.length > 0 && gone.length === decisions.length)
    throw bad('it was made for other photos, or has been applied already: none of its photos is here');
  if (gone.length > 0)
    throw bad(
      `${gone.length} of its ${decisions.length} photos ${gone.length === 1 ? 'is' : 'are'} not here, such as ${JSON.stringify(gone[0]!.path)}`,
    );
  const other = decisions.find(({ path, label }) => labelOf(byPath.get(path)!) !== label);
  if (other)
    throw bad(
      `${JSON.stringify(other.path)} was labelled ${JSON.stringify(other.label)}, and is ${JSON.stringify(labelOf(byPath.get(other.path)!))} now`,
    );
  const several = decisions.find(({ path, decision }) => decision === 'move' && byPath.get(path)!.labels.length !== 1);
  if (several) throw bad(`${JSON.stringify(several.path)} has several labels or none, so it cannot get another class`);
  // A move to the class that a photo is in, as somebody may write by hand, is none.
  const isNone = (one: Decision) => one.decision === 'move' && one.to === one.label;
  return new Map(decisions.map((one) => [one.path, isNone(one) ? { ...one, decision: 'keep' } : one]));
}

function labelOf({ labels }: ImageItem): string {
  return labels.join(' + ');
}

/** What the decisions gain, where there are classes to learn. */
function gainOfReview(
  { labelled, extraction }: Awaited<ReturnType<typeof look>>,
  decided: ReadonlyMap<string, Decision>,
): ApplyResult['correction'] {
  if (!labelled) return null;
  const corrections = new Map<number, number | undefined>();
  const questioned = new Set<number>();
  for (const [row, { path }] of extraction.items.entries()) {
    const one = decided.get(path);
    if (!one) continue;
    questioned.add(row);
    const label = one.decision === 'move' ? labelled.photos.classes.indexOf(one.to) : -1;
    // A class that is new has no photos to be learned from, or to be mistaken for: its photos are left out.
    if (one.decision === 'drop' || one.decision === 'move') corrections.set(row, label < 0 ? undefined : label);
  }
  return gainOf(labelled.space, labelled.photos, corrections, questioned);
}

/** The image list with the new labels, in JSON lines: what was dropped is left out. */
function listOf(
  items: readonly ImageItem[],
  decided: ReadonlyMap<string, Decision>,
  relative: (file: string) => string,
): string {
  return items
    .filter(({ path }) => decided.get(path)?.decision !== 'drop')
    .map(({ path, file, labels, group, split }) => {
      const one = decided.get(path);
      const now = one?.decision === 'move' ? [one.to] : labels;
      const label = now.length === 1 ? { label: now[0] } : { labels: now };
      return `${JSON.stringify({ path: relative(file), ...label, group, split })}\n`;
    })
    .join('');
}
