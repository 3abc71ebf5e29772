import { expect, test } from 'vitest';
import type { Interval } from '../../src/metrics/evaluation.ts';
import {
  binomialInterval,
  differenceInterval,
  foldInflation,
  meanOverRepeats,
  shareInterval,
} from '../../src/metrics/intervals.ts';
import { labelFigures } from '../../src/metrics/labelFigures.ts';
import { detectionFigures } from '../../src/metrics/ranking.ts';
import { Random } from '../../src/numerics/random.ts';
import { normalCdf, normalQuantile } from '../../src/numerics/statistics.ts';
import { leastHeld } from '../heldOften.ts';

// A small part of `npm run bench coverage`: how often intervals hold a truth that is known, from a fixed seed.
const draws = 400;
const least = leastHeld(draws);

/** Group of each photo: single photos, or groups of 1 to 20. */
function groupsOf(random: Random, photos: number, grouped: boolean): Int32Array {
  const groups = new Int32Array(photos);
  for (let row = 0, group = 0; row < photos; group++)
    for (let size = grouped ? 1 + random.int(20) : 1; size > 0 && row < photos; size--) groups[row++] = group;
  return groups;
}

/** Standard normal for each photo; photos of a group share 90% of the variance. */
function drawn(random: Random, groups: Int32Array, grouped: boolean): Float64Array {
  const shared = new Map<number, number>();
  return Float64Array.from(groups, (group) => {
    const own = random.normal();
    if (!grouped) return own;
    const common = shared.get(group) ?? random.normal();
    shared.set(group, common);
    return Math.sqrt(0.9) * common + Math.sqrt(0.1) * own;
  });
}

/** How often, and how far the misses flatter: the truth of a good figure below its interval. */
function coverage(truth: number, interval: (random: Random) => Interval, seed: string) {
  const random = new Random(seed);
  let [held, below] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const { low, high } = interval(random);
    if (truth >= low && truth <= high) held++;
    else if (truth < low) below++;
  }
  return { held: held / draws, below: below / draws };
}

test.each([
  [60, 0.9, false],
  [60, 0.97, false],
  [150, 0.7, true],
  [150, 0.9, true],
  [600, 0.9, true],
  [600, 0.97, true],
  [600, 0.99, true],
])('the accuracy of %i photos at %f, in groups: %s', (photos, accuracy, grouped) => {
  const limit = normalQuantile(accuracy);
  const { held, below } = coverage(
    accuracy,
    (random) => {
      const groups = groupsOf(random, photos, grouped);
      const right = drawn(random, groups, grouped).map((value) => Number(value < limit));
      return shareInterval(right, groups);
    },
    `share ${photos} ${accuracy}`,
  );
  expect(held).toBeGreaterThan(least);
  expect(below).toBeLessThan(0.06);
});

test('the accuracy of repeated folds, whose answers for a photo differ a little', () => {
  const limit = normalQuantile(0.85) * Math.hypot(1, 0.3);
  const { held } = coverage(
    0.85,
    (random) => {
      const groups = groupsOf(random, 100, true);
      const photos = drawn(random, groups, true);
      const repeats = [0, 1, 2].flatMap(() =>
        Array.from(photos, (value) => Number(value + 0.3 * random.normal() < limit)),
      );
      return shareInterval(meanOverRepeats(repeats, 100), groups, foldInflation(5));
    },
    'repeats',
  );
  expect(held).toBeGreaterThan(least);
});

test.each([10, 20, 30, 50, 100, 200, 600])(
  'a share of %i single photos: whatever it is, by exact chances',
  (photos) => {
    const intervals = Array.from({ length: photos + 1 }, (_, right) => binomialInterval(right, photos));
    let average = 0;
    for (let truth = 0.002; truth < 0.499; truth += 0.002) {
      let [chance, held] = [(1 - truth) ** photos, 0];
      for (const [right, { low, high }] of intervals.entries()) {
        if (truth >= low && truth <= high) held += chance;
        chance *= (((photos - right) / (right + 1)) * truth) / (1 - truth);
      }
      // Chances are discrete: 150 photos at 2% are the worst that is left.
      expect(held).toBeGreaterThan(0.919);
      average += held / 249;
    }
    expect(average).toBeGreaterThan(0.95);
    // Few photos are held more often, whatever is said of them.
    if (photos >= 50) expect(average).toBeLessThan(0.956);
  },
);

test.each([
  [60, 0.05, 0.05],
  [150, 0.1, 0.02],
  [600, 0.01, 0],
])('a paired difference of %i photos: %f gained, %f lost', (photos, gained, lost) => {
  const { held } = coverage(
    gained - lost,
    (random) => {
      const groups = groupsOf(random, photos, false);
      const values = Float64Array.from(groups, () => {
        const luck = random.uniform();
        return luck < gained ? 1 : luck < gained + lost ? -1 : 0;
      });
      return differenceInterval(values, groups).interval;
    },
    `difference ${photos}`,
  );
  expect(held).toBeGreaterThan(least);
});

test.each([
  [10, 50, 0.8, 1],
  [10, 50, 0.955, 1],
  [10, 50, 0.99, 1],
  [30, 100, 0.8, 2],
])('AUROC, false alarms and misses of %i defects and %i normal photos at %f', (defects, normals, area, spread) => {
  const shift = normalQuantile(area) * Math.hypot(1, spread);
  const random = new Random(`detection ${defects} ${area} ${spread}`);
  const groups = Int32Array.from({ length: defects + normals }, (_, row) => row);
  const positive = groups.map((row) => Number(row < defects));
  const sets = Array.from({ length: draws }, () => {
    const scores = Float64Array.from(positive, (bad) => random.normal() * (bad ? spread : 1) + bad * shift);
    return detectionFigures({ scores, positive, threshold: 1, groups });
  });
  const held = (truth: number, figure: 'auroc' | 'falsePositiveRate' | 'falseNegativeRate') =>
    sets.filter((set) => truth >= set[figure].low && truth <= set[figure].high).length / draws;
  expect(held(area, 'auroc')).toBeGreaterThan(least);
  expect(held(normalCdf(-1), 'falsePositiveRate')).toBeGreaterThan(least);
  expect(held(normalCdf((1 - shift) / spread), 'falseNegativeRate')).toBeGreaterThan(least);
});

test('the mean average precision of few photos with few labels', () => {
  const labels = 3;
  const random = new Random('several labels');
  const figures = (photos: number, seed: number) => {
    const truth = Uint8Array.from({ length: photos * labels }, (_, at) =>
      Number(random.uniform() < [0.1, 0.3, 0.5][at % labels]),
    );
    const data = Float32Array.from(truth, (has) => 1 / (1 + Math.exp(-(random.normal() + (has ? 1 : -1)))));
    const given = Uint8Array.from(data, (p) => Number(p >= 0.5));
    const groups = Int32Array.from({ length: photos }, (_, photo) => photo);
    const probabilities = { rows: photos, columns: labels, data };
    return labelFigures({ truth, given, groups, probabilities, seed }).meanAveragePrecision;
  };
  const { value } = figures(10_000, 0);
  const few = 200;
  let held = 0;
  for (let draw = 0; draw < few; draw++) {
    const { low, high } = figures(60, draw);
    if (low <= value && value <= high) held++;
  }
  expect(held / few).toBeGreaterThan(leastHeld(few));
});
