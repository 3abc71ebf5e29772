// Photos of none of the classes, by how many photos there are to learn from: flowers5 known, pets far. Of fresh flowers,
// whose groups were not learned, the share that is called unknown where 1% is wanted, and whether the printed interval
// holds the wanted share; of pets, the share that is caught; and how well a class that is left out is told, on average.
//   node bench/unknown.mjs [embedded|mobilenetv2_1.0_224,...] [photos,...] [draws]

import { measureUnknown } from '../dist/evaluation/unknown.js';
import { scoresOf } from '../dist/heads/oneClass/score.js';
import { subspace } from '../dist/heads/oneClass/subspace.js';
import { auroc } from '../dist/metrics/ranking.js';
import { Random } from '../dist/numerics/random.js';
import { gather } from '../dist/numerics/rows.js';
import { mean } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { percent, shared, table } from './run.mjs';
import { loadSet, openCache } from './sets.mjs';

const [networks = 'mobilenetv2_1.0_224,embedded', sizes = '60,150,600,2000', times = '8'] = process.argv.slice(2);
const falsePositiveRate = 0.01;
const freshPhotos = 800;

/** One draw: so many flowers are learned, others are fresh. */
async function draw(flowers, pets, count, seed) {
  const order = new Random(`unknown/${seed}`).shuffle([...flowers.labels.keys()]);
  const learned = order.slice(0, count);
  const known = new Set(learned.map((row) => flowers.groups[row]));
  const fresh = order
    .slice(count)
    .filter((row) => !known.has(flowers.groups[row]))
    .slice(0, freshPhotos);
  const places = [...known];
  const of = (values) => learned.map((row) => values[row]);
  const features = gather(flowers.features, learned);
  const input = {
    photos: { features },
    labels: Int32Array.from(of(flowers.labels)),
    classes: flowers.classes,
    groups: Int32Array.from(of(flowers.groups), (group) => places.indexOf(group)),
    ids: of(flowers.ids),
  };
  const context = { openSession, threads: 1, seed };
  const split = makeSplit({ ...input, given: learned.map(() => undefined), seed });
  const { fitted, unknown } = await measureUnknown({ ...input, split, refit: true, falsePositiveRate }, context);
  const scores = async (table, rows) => [
    ...(await scoresOf(subspace, fitted, { features: table }, Int32Array.from(rows), context)),
  ];
  const near = await scores(flowers.features, fresh);
  const far = await scores(pets.features, pets.labels.keys());
  const above = (values) => mean(values.map((value) => Number(value > unknown.threshold)));
  const { rejected } = unknown;
  return {
    fresh: above(near),
    far: above(far),
    auroc: auroc([...near, ...far], [...near.map(() => 0), ...far.map(() => 1)]),
    promised: unknown.falsePositiveRate.guaranteed,
    holds: Number(rejected !== null && rejected.low <= falsePositiveRate && falsePositiveRate <= rejected.high),
    holdsTruth: Number(rejected !== null && rejected.low <= above(near) && above(near) <= rejected.high),
    left: mean(unknown.leaveOneClassOut.map((one) => one.auroc)),
    leftCaught: mean(unknown.leaveOneClassOut.map((one) => one.caught)),
  };
}

if (!shared) console.log('unknown: skipped, the photos are not here');
else {
  const store = openCache();
  for (const network of networks.split(',')) {
    const [flowers, pets] = [await loadSet('flowers5', network, store), await loadSet('cats_dogs', network, store)];
    const rows = [];
    for (const count of sizes.split(',').map(Number)) {
      const draws = [];
      for (let seed = 0; seed < Number(times); seed++) draws.push(await draw(flowers, pets, count, seed));
      const figure = (name, digits = 1) => {
        const values = draws.map((one) => one[name]);
        const spread = mean(values.map((value) => (value - mean(values)) ** 2));
        const error = Math.sqrt(spread / Math.max(1, values.length - 1));
        return `${(100 * mean(values)).toFixed(digits)}% ± ${(100 * error).toFixed(digits)}`;
      };
      rows.push([
        count,
        percent(mean(draws.map((one) => one.promised))),
        figure('fresh', 2),
        figure('far', 0),
        mean(draws.map((one) => one.auroc)).toFixed(3),
        `${draws.filter((one) => one.holds).length} of ${draws.length}`,
        `${draws.filter((one) => one.holdsTruth).length} of ${draws.length}`,
        `${mean(draws.map((one) => one.left)).toFixed(2)}, ${percent(mean(draws.map((one) => one.leftCaught)))}`,
      ]);
      console.error(rows.at(-1).join(' | '));
    }
    table(
      `flowers5 known, cats_dogs far, ${network}: ${times} draws, ± one standard error`,
      [
        'photos',
        'promised',
        'fresh flowers',
        'pets caught',
        'AUROC',
        'interval holds 1%',
        'holds the fresh share',
        'left out',
      ],
      rows,
    );
  }
  await store.close();
}
