// Planted label errors: how many of them stand among as many photos as were planted, and in twice as many, for both networks;
// beside them cleanlab's published ranking of the same features (bench/labelErrors.py). The sets have errors of their own besides.
//   node bench/labelErrors.mjs [draws] [words that a plan must have, such as 'flowers5 mobilenetv2']
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { labelErrorsIn } from '../dist/doctor/labelErrors.js';
import { labelSpace, scoreLabels } from '../dist/doctor/labelScores.js';
import { Random } from '../dist/numerics/random.js';
import { gather } from '../dist/numerics/rows.js';
import { mean } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { table, temporary } from './run.mjs';
import { loadSet, openCache } from './sets.mjs';

const [times = '8', only = ''] = process.argv.slice(2);
const draws = Number(times);
const context = { openSession, threads: 2 };
const mobile = 'mobilenetv2_1.0_224';
const plans = [
  ['cats_dogs', mobile, 600, 'random', 0.02],
  ['flowers5', mobile, 1500, 'random', 0.02],
  ['flowers5', mobile, 1500, 'random', 0.1],
  ['flowers5', mobile, 2900, 'random', 0.03],
  ['cats_dogs', 'embedded', 600, 'random', 0.02],
  ['flowers5', 'embedded', 1500, 'random', 0.02],
  ['flowers5', mobile, 1500, 'most alike classes', 0.02],
  ['flowers5', 'embedded', 1500, 'most alike classes', 0.02],
  ['flowers5', mobile, 1500, 'bursts at once', 0.02],
  ['flowers5', 'embedded', 1500, 'bursts at once', 0.02],
];
/** The class of flowers5 that each is most often taken for. */
const alike = {
  daisy: 'dandelion',
  dandelion: 'sunflowers',
  roses: 'tulips',
  sunflowers: 'dandelion',
  tulips: 'roses',
};

/** Labels of a draw with some made wrong; a burst is ten nearest photos of one class that get another label together. */
function plant(set, rows, kind, rate, random) {
  const labels = Int32Array.from(rows, (row) => set.labels[row]);
  const { classes } = set;
  const wanted = Math.round(rate * rows.length);
  const planted = new Set();
  const order = random.shuffle([...rows.keys()]);
  const other = (label) => (label + 1 + random.int(classes.length - 1)) % classes.length;
  const { columns, data } = set.features;
  const similarity = (a, b) => {
    let [dot, x, y] = [0, 0, 0];
    for (let d = 0; d < columns; d++) {
      const [p, q] = [data[rows[a] * columns + d], data[rows[b] * columns + d]];
      dot += p * q;
      x += p * p;
      y += q * q;
    }
    return dot / Math.sqrt(x * y);
  };
  for (const row of order) {
    if (planted.size >= wanted) break;
    if (planted.has(row)) continue;
    const label = labels[row];
    const wrong = kind === 'most alike classes' ? classes.indexOf(alike[classes[label]]) : other(label);
    const together =
      kind === 'bursts at once'
        ? order
            .filter((one) => labels[one] === label && !planted.has(one))
            .map((one) => [one, similarity(row, one)])
            .sort((a, b) => b[1] - a[1])
            .slice(0, 10)
            .map(([one]) => one)
        : [row];
    for (const one of together) {
      labels[one] = wrong;
      planted.add(one);
    }
  }
  return { labels, planted };
}

/** Precision among k, recall in 2k and average precision of a ranking. */
function figures(order, planted) {
  const k = planted.size;
  const hits = (most) => order.slice(0, most).filter((row) => planted.has(row)).length;
  let [precisions, seen] = [0, 0];
  for (const [place, row] of order.entries()) if (planted.has(row)) precisions += ++seen / (place + 1);
  return [hits(k) / k, hits(2 * k) / k, precisions / k];
}

const store = openCache();
const rows = [];
const chances = [];
for (const [name, network, size, kind, rate] of plans.filter((plan) => plan.join(' ').includes(only))) {
  const set = await loadSet(name, network, store);
  const [own, theirs, listed] = [[], [], []];
  for (let draw = 0; draw < draws; draw++) {
    const random = new Random(`label errors/${draw}`);
    const drawn = random.shuffle([...set.labels.keys()]).slice(0, size);
    const { labels, planted } = plant(set, drawn, kind, rate, random);
    const features = gather(set.features, drawn);
    const photos = {
      labels,
      classes: set.classes,
      groups: Int32Array.from(drawn, (row) => set.groups[row]),
      ids: drawn.map((row) => set.ids[row]),
      seed: 0,
    };
    const space = await labelSpace(features, 0, context);
    const scores = scoreLabels(space, photos);
    const { score } = scores;
    const paths = drawn.map((_, place) => String(place));
    const found = labelErrorsIn(space, { ...photos, paths, duplicates: [] }, scores);
    listed.push(...found.photos.map(({ path, wrong }) => [wrong, Number(planted.has(Number(path)))]));
    own.push(
      figures(
        [...drawn.keys()].sort((a, b) => score[b] - score[a]),
        planted,
      ),
    );
    const file = temporary('draw');
    writeFileSync(
      `${file}.f32`,
      new Uint8Array(features.data.buffer, features.data.byteOffset, features.data.byteLength),
    );
    writeFileSync(`${file}.json`, JSON.stringify({ labels: [...labels], columns: features.columns }));
    const { status, stdout, stderr, error } = spawnSync(
      process.env.PYTHON ?? 'python3',
      [fileURLToPath(new URL('labelErrors.py', import.meta.url)), file],
      { encoding: 'utf8' },
    );
    if (status === 0) theirs.push(figures(JSON.parse(stdout), planted));
    else if (draw === 0) console.error(`no cleanlab: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  }
  const shown = (list) =>
    list.length === 0 ? '-' : [0, 1, 2].map((at) => mean(list.map((one) => one[at])).toFixed(2)).join(' / ');
  rows.push([name, network, size, `${100 * rate}%, ${kind}`, shown(own), shown(theirs)]);
  console.error(rows.at(-1).join(' | '));
  const average = (of) => (listed.length === 0 ? '-' : mean(listed.map(of)).toFixed(2));
  chances.push([
    ...rows.at(-1).slice(0, 4),
    (listed.length / draws).toFixed(0),
    average(([said]) => said),
    average(([, truth]) => truth),
    average(([said, truth]) => (said - truth) ** 2),
  ]);
}
await store.close();
table(
  `Planted label errors, mean of ${draws} draws: precision among as many / recall in twice as many / average precision`,
  ['set', 'network', 'photos', 'planted', 'carafe', 'cleanlab'],
  rows,
);
table(
  'How probably labels are wrong, as the list says, and how many of the list were planted',
  ['set', 'network', 'photos', 'planted', 'listed', 'said', 'were', 'squared difference'],
  chances,
);
