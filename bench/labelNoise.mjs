// How many labels are wrong, as the doctor estimates it, against as many as were planted: none, 1, 2, 5 and 10%, at random and
// each class into the one that it is most often taken for. Half of the photos (by their hash) judge; the other half, and other
// drawn photos, were for choosing how it is done. A set's own wrong labels count as right.
//   node bench/labelNoise.mjs [draws] [choose]
import { fitNoise } from '../dist/doctor/labelNoise.js';
import { labelLogits, labelSpace } from '../dist/doctor/labelScores.js';
import { writeSampleImages } from '../dist/index.js';
import { softmaxRows } from '../dist/metrics/softmaxRows.js';
import { Random } from '../dist/numerics/random.js';
import { gather } from '../dist/numerics/rows.js';
import { indexOfLargest, mean } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { percent, table, temporary } from './run.mjs';
import { loadSet, openCache } from './sets.mjs';

const draws = Number(process.argv[2] ?? 10);
const judges = process.argv[3] === 'choose' ? 0 : 1;
const context = { openSession, threads: 2 };
const seeds = judges ? [2, 3] : [0, 1];
const sets = [
  ['cats_dogs', 300],
  ['flowers5', 1500],
  ['magnetic_tile', 650],
  ...seeds.map((seed) => [`drawn, seed ${seed}`, 420, seed]),
];
const plans = [
  ['none', 0],
  ...['random', 'most alike classes'].flatMap((kind) => [0.01, 0.02, 0.05, 0.1].map((rate) => [kind, rate])),
];

/** The class that photos of each class are most often taken for. */
function alikeOf(logits, labels, classes) {
  const { columns, data } = softmaxRows(logits, 2);
  const taken = Array.from({ length: classes }, () => new Float64Array(classes));
  for (const [row, label] of labels.entries())
    for (let c = 0; c < columns; c++) if (c !== label) taken[label][c] += data[row * columns + c] || 0;
  return taken.map(indexOfLargest);
}

const store = openCache();
const rows = [];
const totals = [];
for (const network of ['mobilenetv2_1.0_224', 'embedded'])
  for (const [name, size, seed] of sets) {
    const folder = seed === undefined ? name : temporary(`drawn-${seed}`);
    if (seed !== undefined) await writeSampleImages(folder, { seed });
    const set = await loadSet(folder, network, store);
    const half = (row) => seed !== undefined || Number.parseInt(set.ids[row].slice(0, 8), 16) % 2 === judges;
    const photos = [...set.labels.keys()].filter(half);
    const found = new Map(plans.map((plan) => [plan, []]));
    for (let draw = 0; draw < draws; draw++) {
      const random = new Random(`label noise/${name}/${draw}`);
      const drawn = random.shuffle([...photos]).slice(0, size);
      const space = await labelSpace(gather(set.features, drawn), 0, context);
      const about = {
        classes: set.classes,
        groups: Int32Array.from(drawn, (row) => set.groups[row]),
        ids: drawn.map((row) => set.ids[row]),
        seed: 0,
      };
      const truth = Int32Array.from(drawn, (row) => set.labels[row]);
      const alike = alikeOf(labelLogits(space, { ...about, labels: truth }), truth, set.classes.length);
      for (const plan of plans) {
        const [kind, rate] = plan;
        const labels = truth.slice();
        const planted = random.shuffle([...drawn.keys()]).slice(0, Math.round(rate * drawn.length));
        for (const row of planted)
          labels[row] =
            kind === 'random'
              ? (labels[row] + 1 + random.int(set.classes.length - 1)) % set.classes.length
              : alike[labels[row]];
        const { share } = fitNoise(labelLogits(space, { ...about, labels }), labels);
        if (!share) continue;
        const count = (value) => value * drawn.length;
        const isHeld = count(share.low) <= planted.length + 0.5 && planted.length - 0.5 <= count(share.high);
        found.get(plan).push([planted.length, count(share.value), count(share.low), count(share.high), Number(isHeld)]);
      }
    }
    for (const [[kind, rate], numbers] of found) {
      const average = (at) => mean(numbers.map((one) => one[at]));
      const shown = (at) => average(at).toFixed(0);
      const what = kind === 'none' ? kind : `${100 * rate}%, ${kind}`;
      if (numbers.length < draws)
        rows.push([name, network, what, '-', `not judged in ${draws - numbers.length}`, '-', '-']);
      if (numbers.length === 0) continue;
      totals.push(...numbers.map((one) => [kind, rate, one[4]]));
      rows.push([name, network, what, shown(0), shown(1), `${shown(2)} to ${shown(3)}`, percent(average(4))]);
      console.error(rows.at(-1).join(' | '));
    }
  }
await store.close();
table(
  `Wrong labels as estimated, mean of ${draws} draws`,
  ['set', 'network', 'planted', 'labels', 'estimate', 'interval', 'held'],
  rows,
);
table(
  'How often the interval held',
  ['planted', 'held'],
  plans.map(([kind, rate]) => {
    const own = totals.filter((one) => one[0] === kind && one[1] === rate);
    return [kind === 'none' ? kind : `${100 * rate}%, ${kind}`, percent(mean(own.map((one) => one[2])))];
  }),
);
