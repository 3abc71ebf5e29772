// How often each printed 95% interval holds the truth. Features are drawn, so that the truth is known from many fresh points;
// splits and intervals are the product's own. The head is a stand-in that needs no optimisation: the nearest class mean.
// Each row is printed as soon as it is known; CARAFE_BENCH_DRAWS asks for more or fewer draws than 300.
//   npm run bench coverage [accuracy|differences|one-class|labels|forecast ...]
// Goal: 93% to 98%. With few photos and hardly a mistake, one that is seen or not, an interval can only hold more often.

import { measureLearningCurve } from '../dist/evaluation/learningCurve.js';
import { headNamed } from '../dist/heads/registry.js';
import { differenceInterval, foldInflation, meanOverRepeats, shareInterval } from '../dist/metrics/intervals.js';
import { labelFigures } from '../dist/metrics/labelFigures.js';
import { accuracy as accuracyMetric } from '../dist/metrics/metric.js';
import { averagePrecision, detectionFigures } from '../dist/metrics/ranking.js';
import { Random } from '../dist/numerics/random.js';
import { normalCdf, normalQuantile } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { makeSplit } from '../dist/split/makeSplit.js';

const draws = Number(process.env.CARAFE_BENCH_DRAWS ?? 300);
const width = 16;
const common = 0.9;
/** Standard normals for fresh photos, each used once for every class: 20,000 fresh photos of five classes. */
const freshNoise = normals('fresh', 4000 * width);

/** Sizes of groups: single photos, or 1 to 20 that are nearly alike. */
function groupSizes(random, photos, grouped, least) {
  if (!grouped) return Array(photos).fill(1);
  const sizes = [];
  for (let left = photos; left > 0; left -= sizes.at(-1)) sizes.push(Math.min(left, 1 + random.int(20)));
  while (sizes.length < least) {
    const place = largest(sizes);
    const half = Math.floor(sizes[place] / 2);
    sizes[place] -= half;
    sizes.push(half);
  }
  return sizes;
}

function normals(seed, count) {
  const random = new Random(seed);
  return Float64Array.from({ length: count }, () => random.normal());
}

/** Photos of classes whose means lie `apart` on axes of their own; photos of a group share 90% of their variance. */
function drawPhotos(random, photos, classes, apart, grouped) {
  const sizes = groupSizes(random, photos, grouped, 2 * classes);
  const order = random.shuffle(sizes.map((_, group) => group % classes));
  const labels = new Int32Array(photos);
  const groups = new Int32Array(photos);
  const data = new Float32Array(photos * width);
  const shared = new Float64Array(width);
  const [ofGroup, own] = grouped ? [Math.sqrt(common), Math.sqrt(1 - common)] : [0, 1];
  let row = 0;
  for (const [group, size] of sizes.entries()) {
    if (grouped) for (let c = 0; c < width; c++) shared[c] = random.normal();
    for (let k = 0; k < size; k++, row++) {
      labels[row] = order[group];
      groups[row] = group;
      for (let c = 0; c < width; c++)
        data[row * width + c] = (c === order[group] ? apart : 0) + ofGroup * shared[c] + own * random.normal();
    }
  }
  return { labels, groups, data };
}

/** Class means, [classes, width], of the rows that are `taken`. */
function meansOf({ labels, data }, taken, classes) {
  const means = new Float64Array(classes * width);
  const counts = new Float64Array(classes);
  for (let row = 0; row < labels.length; row++) {
    if (!taken(row)) continue;
    counts[labels[row]]++;
    for (let c = 0; c < width; c++) means[labels[row] * width + c] += data[row * width + c];
  }
  for (let at = 0; at < means.length; at++) means[at] /= counts[Math.floor(at / width)];
  return means;
}

/** 1 where the nearest mean is the photo's own class. */
function isRight(means, { labels, data }, row, classes) {
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let label = 0; label < classes; label++) {
    let distance = 0;
    for (let c = 0; c < width; c++) distance += (data[row * width + c] - means[label * width + c]) ** 2;
    if (distance < least) [best, least] = [label, distance];
  }
  return Number(best === labels[row]);
}

function largest(values) {
  return values.reduce((best, value, place) => (value > values[best] ? place : best), 0);
}

/** Share of fresh photos that are nearest the mean of their own class, all classes equally often. */
function accuracyOf(means, classes, apart) {
  // Of class k with noise e, the score of class j is e m(j) + apart m(j)[k] - m(j) m(j) / 2.
  const fixed = Float64Array.from({ length: classes * classes }, (_, at) => {
    const mean = means.subarray((at % classes) * width, ((at % classes) + 1) * width);
    return apart * mean[Math.floor(at / classes)] - mean.reduce((sum, value) => sum + value * value, 0) / 2;
  });
  const scores = new Float64Array(classes);
  let right = 0;
  for (let from = 0; from < freshNoise.length; from += width) {
    for (let label = 0; label < classes; label++) {
      scores[label] = 0;
      for (let c = 0; c < width; c++) scores[label] += freshNoise[from + c] * means[label * width + c];
    }
    for (let truth = 0; truth < classes; truth++) {
      const own = scores[truth] + fixed[truth * classes + truth];
      let beaten = 0;
      for (let label = 0; label < classes; label++)
        if (label !== truth && scores[label] + fixed[truth * classes + label] > own) beaten = 1;
      right += 1 - beaten;
    }
  }
  return right / (freshNoise.length / width) / classes;
}

/** How far apart means must lie for the ideal classifier to reach an accuracy, found on fresh photos. */
function apartFor(accuracy, classes) {
  const ideal = (apart) =>
    Float64Array.from({ length: classes * width }, (_, at) => (at % (width + 1) === 0 ? apart : 0));
  let [low, high] = [0, 12];
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    if (accuracyOf(ideal(middle), classes, middle) < accuracy) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Counts of what an interval does, over draws. */
function tally() {
  const seen = { n: 0, held: 0, above: 0, below: 0, width: 0 };
  return {
    seen,
    add({ low, high }, truth) {
      seen.n++;
      seen.width += high - low;
      if (truth > high) seen.above++;
      else if (truth < low) seen.below++;
      else seen.held++;
    },
  };
}

function row(name, { n, held, above, below, width: total }) {
  const share = held / n;
  const error = Math.sqrt(Math.max(share * (1 - share), 1 / (4 * n)) / n);
  const percent = (value) => `${(100 * value).toFixed(1)}%`;
  const mark = share < 0.93 ? 'below' : share > 0.98 ? 'over' : '';
  return [...name, n, `${percent(share)} ± ${(100 * error).toFixed(1)}`, above, below, (total / n).toFixed(3), mark];
}

const header = ['draws', 'holds', 'truth above', 'truth below', 'mean width', ''];

/** The product's split, the stand-in in place of the head, the product's interval. */
function accuracyCell(photos, classes, accuracy, grouped) {
  const apart = apartFor(accuracy, classes);
  const count = tally();
  const folds = new Set();
  for (let draw = 0; draw < draws; draw++) {
    const seed = `${photos}/${classes}/${accuracy}/${grouped}/${draw}`;
    const set = drawPhotos(new Random(seed), photos, classes, apart, grouped);
    const names = Array.from({ length: classes }, (_, label) => `class ${label}`);
    const ids = Array.from(set.labels, (_, at) => `${seed}/${at}`);
    const split = makeSplit({ ...set, classes: names, ids, given: ids.map(() => undefined), seed: draw });
    if (split.kind === 'holdout') {
      folds.add(0);
      const train = new Set(split.train);
      const file = meansOf(set, (row) => train.has(row), classes);
      const right = Array.from(split.test, (row) => isRight(file, set, row, classes));
      const groups = split.test.map((row) => set.groups[row]);
      count.add(shareInterval(right, groups), accuracyOf(file, classes, apart));
    } else {
      folds.add(split.folds);
      const right = split.assignments.flatMap((assignment) => {
        const heads = Array.from({ length: split.folds }, (_, fold) =>
          meansOf(set, (row) => assignment[row] !== fold, classes),
        );
        return Array.from(assignment, (fold, row) => isRight(heads[fold], set, row, classes));
      });
      const interval = shareInterval(meanOverRepeats(right, photos), set.groups, foldInflation(split.folds));
      count.add(
        interval,
        accuracyOf(
          meansOf(set, () => true, classes),
          classes,
          apart,
        ),
      );
    }
  }
  const most = Math.max(...folds);
  const kind = folds.has(0) ? 'held out' : `${Math.min(...folds) < most ? 'up to ' : ''}${most} folds`;
  return row([photos, classes, accuracy, grouped ? '1 to 20' : 'single', kind], count.seen);
}

/** Scores of two kinds from normal distributions, in groups or alone. */
function scoresOf(random, photos, shift, spread, grouped) {
  return groupSizes(random, photos, grouped, 2).flatMap((size, group) => {
    const shared = random.normal();
    return Array.from({ length: size }, () => ({
      group,
      score:
        shift +
        spread * (grouped ? Math.sqrt(common) * shared + Math.sqrt(1 - common) * random.normal() : random.normal()),
    }));
  });
}

function detectionCell(defects, normals, area, spread, grouped) {
  const shift = normalQuantile(area) * Math.hypot(1, spread);
  const threshold = 1;
  const random = new Random(`${defects}/${normals}/${area}/${spread}/${grouped}`);
  const many = 40_000;
  const all = [
    ...scoresOf(random, Math.round((many * defects) / (defects + normals)), shift, spread, false).map(({ score }) => ({
      score,
      positive: 1,
    })),
    ...scoresOf(random, Math.round((many * normals) / (defects + normals)), 0, 1, false).map(({ score }) => ({
      score,
      positive: 0,
    })),
  ];
  const found = normalCdf((shift - threshold) / spread);
  const alarms = normalCdf(-threshold);
  const truth = {
    auroc: area,
    averagePrecision: averagePrecision(
      all.map(({ score }) => score),
      all.map(({ positive }) => positive),
    ),
    f1: (2 * found * defects) / (defects + found * defects + alarms * normals),
    falsePositiveRate: alarms,
    falseNegativeRate: 1 - found,
  };
  const counts = Object.fromEntries(Object.keys(truth).map((name) => [name, tally()]));
  for (let draw = 0; draw < draws; draw++) {
    const bad = scoresOf(random, defects, shift, spread, grouped);
    const good = scoresOf(random, normals, 0, 1, grouped);
    const figures = detectionFigures({
      scores: [...bad, ...good].map(({ score }) => score),
      positive: [...bad.map(() => 1), ...good.map(() => 0)],
      threshold,
      groups: Int32Array.from([...bad.map(({ group }) => group), ...good.map(({ group }) => 10_000 + group)]),
    });
    for (const [name, count] of Object.entries(counts)) count.add(figures[name], truth[name]);
  }
  return Object.entries(counts).map(([name, { seen }]) =>
    row([name, defects, normals, area, spread, grouped ? '1 to 20' : 'single'], seen),
  );
}

/** Several labels: each with scores of its own, rarer or commoner. */
function labelsCell(photos, labels) {
  const shares = Array.from({ length: labels }, (_, label) => 0.1 + (0.4 * label) / Math.max(1, labels - 1));
  const drawSet = (random, count) => {
    const truth = new Uint8Array(count * labels);
    const data = new Float32Array(count * labels);
    for (let at = 0; at < truth.length; at++) {
      truth[at] = Number(random.uniform() < shares[at % labels]);
      data[at] = 1 / (1 + Math.exp(-(random.normal() + (truth[at] ? 1 : -1))));
    }
    const groups = Int32Array.from({ length: count }, (_, place) => place);
    return {
      truth,
      given: Uint8Array.from(data, (p) => Number(p >= 0.5)),
      groups,
      seed: 0,
      probabilities: { rows: count, columns: labels, data },
    };
  };
  const random = new Random(`labels ${photos} ${labels}`);
  const large = labelFigures(drawSet(random, 20_000));
  const names = ['meanAveragePrecision', 'microF1', 'macroF1', 'exactMatch', 'averagePrecision', 'f1'];
  const pick = (figures, name) => (Array.isArray(figures[name]) ? figures[name][0] : figures[name]);
  const counts = Object.fromEntries(names.map((name) => [name, tally()]));
  for (let draw = 0; draw < Math.min(draws, 200); draw++) {
    const figures = labelFigures({ ...drawSet(random, photos), seed: draw });
    for (const [name, count] of Object.entries(counts))
      if (Number.isFinite(pick(figures, name).value)) count.add(pick(figures, name), pick(large, name).value);
  }
  return names.map((name) => row([name, photos, labels], counts[name].seen));
}

function differenceCell(photos, gain, loss, grouped) {
  const random = new Random(`difference ${photos} ${gain} ${grouped}`);
  const count = tally();
  for (let draw = 0; draw < draws; draw++) {
    const sizes = groupSizes(random, photos, grouped, 2);
    const values = sizes.flatMap((size) => {
      const luck = random.uniform();
      // 90% of a group's photos change as the group does.
      return Array.from({ length: size }, () => {
        const own = random.uniform() < common ? luck : random.uniform();
        return own < gain ? 1 : own < gain + loss ? -1 : 0;
      });
    });
    count.add(
      differenceInterval(values, Int32Array.from(sizes.flatMap((size, group) => Array(size).fill(group)))).interval,
      gain - loss,
    );
  }
  return row([photos, gain, loss, grouped ? '1 to 20' : 'single'], count.seen);
}

/** What twice as many photos gain, on average over ten sets: against the interval of each forecast. */
async function curveCell(photos, accuracy, grouped) {
  const classes = 3;
  const apart = apartFor(accuracy, classes);
  const count = tally();
  const head = headNamed('prototype');
  const meanAccuracy = (size) => {
    const own = Array.from({ length: 10 }, (_, at) => {
      const set = drawPhotos(new Random(`curve/${photos}/${size}/${at}`), size, classes, apart, grouped);
      return accuracyOf(
        meansOf(set, () => true, classes),
        classes,
        apart,
      );
    });
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  };
  const truth = meanAccuracy(2 * photos) - meanAccuracy(photos);
  for (let draw = 0; draw < Math.min(draws, 60); draw++) {
    const { data, ...set } = drawPhotos(
      new Random(`curve ${photos} ${accuracy} ${draw}`),
      photos,
      classes,
      apart,
      grouped,
    );
    const names = Array.from({ length: classes }, (_, label) => `class ${label}`);
    const ids = Array.from(set.labels, (_, at) => `${draw}/${at}`);
    const split = makeSplit({ ...set, classes: names, ids, given: ids.map(() => undefined), seed: draw });
    const problem = { features: { rows: photos, columns: width, data }, labels: set.labels, classes };
    const targets = { classes: names, labels: set.labels };
    const curve = await measureLearningCurve(
      accuracyMetric,
      { head, settings: head.defaults },
      { photos: problem, targets, split, groups: set.groups },
      { openSession, threads: 1, seed: draw },
    );
    if (curve?.expected.gain) count.add(curve.expected.gain, truth);
  }
  return row([photos, accuracy, grouped ? '1 to 20' : 'single', `${(100 * truth).toFixed(1)} points`], count.seen);
}

const line = (cells) => console.log(`| ${cells.join(' | ')} |`);

/** A Markdown table whose rows come one by one. */
function begin(title, names) {
  const all = [...names, ...header];
  console.log(`\n### ${title}\n`);
  line(all);
  line(all.map(() => '---'));
}

const sections = {
  accuracy() {
    begin('Accuracy: the printed interval against the classifier in the file', [
      ...['photos', 'classes', 'ideal', 'groups', 'judged by'],
    ]);
    for (const grouped of [false, true])
      for (const photos of [60, 150, 600, ...(grouped ? [] : [900])])
        for (const classes of [2, 5])
          for (const accuracy of [0.6, 0.9, 0.97, 0.99]) line(accuracyCell(photos, classes, accuracy, grouped));
  },
  differences() {
    begin('Paired differences', ['photos', 'gain', 'loss', 'groups']);
    for (const grouped of [false, true])
      for (const [photos, gain, loss] of [
        [60, 0.05, 0.05],
        [150, 0.1, 0.02],
        [600, 0.02, 0.01],
        [600, 0.005, 0],
      ])
        line(differenceCell(photos, gain, loss, grouped));
  },
  'one-class'() {
    begin('One class: scores of defects and of normal photos', [
      ...['figure', 'defects', 'normal', 'AUROC', 'spread', 'groups'],
    ]);
    for (const [defects, normals, grouped] of [
      [10, 50, false],
      [30, 200, false],
      [100, 300, true],
    ])
      for (const area of [0.8, 0.955, 0.99])
        for (const spread of [1, 2])
          for (const cells of detectionCell(defects, normals, area, spread, grouped)) line(cells);
  },
  labels() {
    begin('Several labels', ['figure', 'photos', 'labels']);
    for (const [photos, labels] of [
      [60, 3],
      [200, 8],
    ])
      for (const cells of labelsCell(photos, labels)) line(cells);
  },
  async forecast() {
    begin('Forecast of twice as many photos', ['photos', 'ideal', 'groups', 'gain']);
    for (const grouped of [false, true])
      for (const photos of [90, 300])
        for (const accuracy of [0.75, 0.95]) line(await curveCell(photos, accuracy, grouped));
  },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in sections));
if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}; name ${Object.keys(sections).join(', ')}`);
for (const [name, run] of Object.entries(sections)) if (asked.length === 0 || asked.includes(name)) await run();
console.log(
  '\nOver 98% where hardly a mistake can be seen, and where small groups leave a few effective photos: an interval there errs on the safe side.',
);
