/** All figures of a one-class classifier. */

import type { Line } from './conformalThreshold.ts';
import { shareInterval } from './intervals.ts';
import type { Alarms, OneClassFigures } from './oneClass.ts';
import { detectionFigures, kindFigures } from './ranking.ts';

/** Scores and labels of the test photos. */
export interface ScoredPhotos {
  readonly scores: Float32Array;
  /** Threshold of each photo, set without it. */
  readonly thresholds: Float64Array;
  readonly normal: Uint8Array;
  /** The user's label, that of abnormal photos their kind. */
  readonly labels: readonly string[];
  readonly groups: Int32Array;
  readonly seed: number;
}

/** All figures; `how` describes how the scores were computed. */
export function oneClassFiguresOf(photos: ScoredPhotos, how: string): OneClassFigures {
  const { scores, thresholds, normal, labels } = photos;
  const kinds = [...new Set(labels.filter((_, row) => normal[row] === 0))].sort();
  const rows = [...normal.keys()];
  if (kinds.length === 0 || !normal.includes(1))
    return {
      falsePositiveRate: falsePositiveRateOf(photos),
      detection: null,
      method: `${how} No abnormal photos were given.`,
    };
  const of = (kept: readonly number[]) => ({
    // Held against thresholds that differ a little from fold to fold.
    scores: Float64Array.from(kept, (row) => scores[row] - thresholds[row]),
    positive: Uint8Array.from(kept, (row) => 1 - normal[row]),
    threshold: 0,
    groups: Int32Array.from(kept, (row) => photos.groups[row]),
  });
  const { falsePositiveRate, ...detection } = detectionFigures(of(rows));
  const perKind = kinds.map((label) => {
    const kept = rows.filter((row) => normal[row] === 1 || labels[row] === label);
    return { label, count: labels.filter((one) => one === label).length, ...kindFigures(of(kept)) };
  });
  return {
    falsePositiveRate,
    detection: { ...detection, perKind },
    method: `${how} Photos of one group count together, not one by one.`,
  };
}

function falsePositiveRateOf({ scores, thresholds, normal, groups }: ScoredPhotos) {
  const rows = Int32Array.from(normal.keys()).filter((row) => normal[row] === 1);
  return shareInterval(
    rows.map((row) => Number(scores[row] > thresholds[row])),
    rows.map((row) => groups[row]),
  );
}

/** What each threshold catches, where abnormal photos were given; thresholds that few photos cannot tell apart once. */
export function alarmsOf(lines: readonly Line[], photos: Omit<ScoredPhotos, 'thresholds'>, rows: Int32Array): Alarms {
  const { scores, normal, groups } = photos;
  const of = (thresholds: Float64Array, wanted: number) => {
    const own = rows.filter((row) => normal[row] === wanted);
    return shareInterval(
      own.map((row) => Number(scores[row] > thresholds[row])),
      own.map((row) => groups[row]),
    );
  };
  if (!rows.some((row) => normal[row] === 0) || !rows.some((row) => normal[row] === 1)) return [];
  return lines
    .filter(({ guaranteed }, i) => guaranteed !== lines[i + 1]?.guaranteed)
    .map(({ target, guaranteed, threshold, thresholds }) => {
      return { target, guaranteed, threshold, falsePositiveRate: of(thresholds, 1), caught: of(thresholds, 0) };
    });
}
