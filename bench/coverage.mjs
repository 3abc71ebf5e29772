// How often each printed 95% interval holds the truth. Features are drawn, so that the truth is known from many fresh points;
// splits and intervals are the product's own. The head is a stand-in that needs no optimisation: the nearest class mean.
// Goal: 93% to 98%. With few photos and hardly a mistake, one that is seen or not, an interval can only hold more often.

import { evaluate } from '../dist/evaluation/evaluate.js';
import { differenceInterval } from '../dist/evaluation/intervals.js';
import { labelFigures } from '../dist/evaluation/labelFigures.js';
import { measureCurve } from '../dist/evaluation/measureCurve.js';
import { averagePrecision, detectionFigures } from '../dist/evaluation/ranking.js';
import { headNamed } from '../dist/heads/registry.js';
import { Random } from '../dist/numerics/random.js';
import { normalCdf, normalQuantile } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/platform.node.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { table } from './run.mjs';

const draws = Number(process.env.CARAFE_BENCH_DRAWS ?? 300);
const width = 16;
const common = 0.9;
const fresh = 20_000;

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

/** Photos of classes whose means lie `apart` on axes of their own; photos of a group share 90% of their variance. */
function drawPhotos(random, photos, classes, apart, grouped) {
  const sizes = groupSizes(random, photos, grouped, 2 * classes);
  const order = random.shuffle(sizes.map((_, group) => group % classes));
  const labels = Int32Array.from(sizes.flatMap((size, group) => Array(size).fill(order[group])));
  const groups = Int32Array.from(sizes.flatMap((size, group) => Array(size).fill(group)));
  const shared = sizes.map(() => Float64Array.from({ length: width }, () => random.normal()));
  const own = grouped ? Math.sqrt(1 - common) : 1;
  const data = new Float32Array(photos * width);
  for (let at = 0; at < data.length; at++) {
    const row = Math.floor(at / width);
    const column = at % width;
    const mean = column === labels[row] ? apart : 0;
    data[at] = mean + (grouped ? Math.sqrt(common) * shared[groups[row]][column] : 0) + own * random.normal();
  }
  return { labels, groups, data };
}

/** Weights and biases of the nearest class mean. */
function meansOf({ labels, data }, rows, classes) {
  const means = new Float64Array(classes * width);
  const counts = new Float64Array(classes);
  for (const row of rows) {
    counts[labels[row]]++;
    for (let c = 0; c < width; c++) means[labels[row] * width + c] += data[row * width + c];
  }
  for (let at = 0; at < means.length; at++) means[at] /= counts[Math.floor(at / width)];
  return means;
}

function logitsOf(means, data, row, classes) {
  return Float32Array.from({ length: classes }, (_, label) => {
    let sum = 0;
    for (let c = 0; c < width; c++) sum -= (data[row * width + c] - means[label * width + c]) ** 2;
    return sum / 2;
  });
}

function largest(values) {
  return values.reduce((best, value, place) => (value > values[best] ? place : best), 0);
}

/** Share of fresh photos that a fitted head names correctly. */
function accuracyOf(means, classes, apart, seed) {
  const test = drawPhotos(new Random(seed), fresh, classes, apart, false);
  let right = 0;
  for (let row = 0; row < fresh; row++)
    if (largest(logitsOf(means, test.data, row, classes)) === test.labels[row]) right++;
  return right / fresh;
}

/** How far apart means must lie for the ideal classifier to reach an accuracy, found on fresh photos. */
function apartFor(accuracy, classes) {
  const ideal = (apart) =>
    Float64Array.from({ length: classes * width }, (_, at) => (at % (width + 1) === 0 ? apart : 0));
  let [low, high] = [0, 12];
  for (let step = 0; step < 14; step++) {
    const middle = (low + high) / 2;
    if (accuracyOf(ideal(middle), classes, middle, 'apart') < accuracy) low = middle;
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

/** The product's split, the stand-in in place of the head, the product's figures. */
function accuracyCell(photos, classes, accuracy, grouped) {
  const apart = apartFor(accuracy, classes);
  const count = tally();
  let kind = '';
  for (let draw = 0; draw < draws; draw++) {
    const seed = `${photos}/${classes}/${accuracy}/${grouped}/${draw}`;
    const set = drawPhotos(new Random(seed), photos, classes, apart, grouped);
    const names = Array.from({ length: classes }, (_, label) => `class ${label}`);
    const ids = Array.from(set.labels, (_, at) => `${seed}/${at}`);
    const split = makeSplit({ ...set, classes: names, ids, given: ids.map(() => undefined), seed: draw });
    const parts =
      split.kind === 'holdout'
        ? [{ train: [...split.train], test: [...split.test], fold: 0 }]
        : split.assignments.flatMap((assignment, repeat) => {
            const own = Array.from({ length: split.folds }, (_, k) => ({
              train: [],
              test: [],
              fold: repeat * split.folds + k,
            }));
            for (const [at, fold] of assignment.entries())
              for (const part of own) (part.fold % split.folds === fold ? part.test : part.train).push(at);
            return own;
          });
    kind =
      split.kind === 'holdout' ? `${split.test.length} held out` : `${split.folds} folds x ${split.assignments.length}`;
    const judged = parts.flatMap(({ train, test, fold }) => {
      const means = meansOf(set, train, classes);
      const repeat = split.kind === 'holdout' ? 0 : Math.floor(fold / split.folds);
      return test.map((at) => ({ at, fold, repeat, logits: logitsOf(means, set.data, at, classes) }));
    });
    judged.sort((a, b) => a.repeat - b.repeat || a.at - b.at);
    const logits = new Float32Array(judged.length * classes);
    for (const [place, one] of judged.entries()) logits.set(one.logits, place * classes);
    const { accuracy: interval } = evaluate({
      classes: names,
      paths: judged.map(({ at }) => ids[at]),
      truth: Int32Array.from(judged, ({ at }) => set.labels[at]),
      groups: Int32Array.from(judged, ({ at }) => set.groups[at]),
      heldOut: true,
      logits: { rows: judged.length, columns: classes, data: logits },
      temperature: 1,
      folds: split.kind === 'folds' ? Int32Array.from(judged, ({ fold }) => fold) : undefined,
      photosOnce: judged.filter(({ repeat }) => repeat === 0).length,
      seed: draw,
    });
    const file = meansOf(set, split.kind === 'holdout' ? split.train : set.labels.keys(), classes);
    count.add(interval, accuracyOf(file, classes, apart, `${seed}/fresh`));
  }
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
    falseReject: alarms,
    miss: 1 - found,
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
  const names = ['meanAveragePrecision', 'microF1', 'macroF1', 'accuracy', 'averagePrecision', 'f1'];
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
      return accuracyOf(meansOf(set, set.labels.keys(), classes), classes, apart, `curve fresh ${at}`);
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
    const curve = await measureCurve(head, head.defaults, problem, split, set.groups, {
      openSession,
      threads: 1,
      seed: draw,
    });
    if (curve) count.add(curve.expected.gain, truth);
  }
  return row([photos, accuracy, grouped ? '1 to 20' : 'single', `${(100 * truth).toFixed(1)} points`], count.seen);
}

const accuracies = [];
for (const grouped of [false, true])
  for (const photos of [60, 150, 600, 900])
    for (const classes of [2, 5])
      for (const accuracy of [0.6, 0.9, 0.97, 0.99]) accuracies.push(accuracyCell(photos, classes, accuracy, grouped));
table(
  'Accuracy: the printed interval against the classifier in the file',
  ['photos', 'classes', 'ideal', 'groups', 'judged by', ...header],
  accuracies,
);

const detections = [];
for (const [defects, normals, grouped] of [
  [10, 50, false],
  [30, 200, false],
  [100, 300, true],
])
  for (const area of [0.8, 0.955, 0.99])
    for (const spread of [1, 2]) detections.push(...detectionCell(defects, normals, area, spread, grouped));
table(
  'One class: scores of defects and of normal photos',
  ['figure', 'defects', 'normal', 'AUROC', 'spread', 'groups', ...header],
  detections,
);

table('Several labels', ['figure', 'photos', 'labels', ...header], [...labelsCell(60, 3), ...labelsCell(200, 8)]);

const differences = [];
for (const grouped of [false, true])
  for (const [photos, gain, loss] of [
    [60, 0.05, 0.05],
    [150, 0.1, 0.02],
    [600, 0.02, 0.01],
    [600, 0.005, 0],
  ])
    differences.push(differenceCell(photos, gain, loss, grouped));
table('Paired differences', ['photos', 'gain', 'loss', 'groups', ...header], differences);

const curves = [];
for (const grouped of [false, true])
  for (const photos of [90, 300])
    for (const accuracy of [0.75, 0.95]) curves.push(await curveCell(photos, accuracy, grouped));
table('Forecast of twice as many photos', ['photos', 'ideal', 'groups', 'gain', ...header], curves);
console.log(
  '\nOver 98% where hardly a mistake can be seen, and where small groups leave a few effective photos: an interval there errs on the safe side.',
);
