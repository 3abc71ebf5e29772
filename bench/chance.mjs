// What is chosen on photos must not be judged by them: where labels are chance, accuracy is 50%, whatever chooses. Each draw
// has its own features, so many that all photos could be learned by heart, and its own labels, dealt evenly to two classes;
// the split is the product's. The mean over the draws ± one standard error. After `npm run build`:
//   node bench/chance.mjs [photos] [draws] [a part of the name of those wanted]
import { withBottleneck } from '../dist/evaluation/chooseBottleneck.js';
import { amongHeads } from '../dist/evaluation/chooseHead.js';
import { amongRepresentations } from '../dist/evaluation/chooseRepresentation.js';
import { crossValidate } from '../dist/evaluation/crossValidate.js';
import { headNamed, heads } from '../dist/heads/registry.js';
import { fitClassCalibration, withBias } from '../dist/metrics/classCalibration.js';
import { Random } from '../dist/numerics/random.js';
import { indexOfLargest, mean, variance } from '../dist/numerics/statistics.js';
import { choosingDepths } from '../dist/runs/depths.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { table } from './run.mjs';

const [photos = 60, draws = 100] = process.argv.slice(2, 4).map(Number);
const wanted = process.argv[4] ?? '';
const width = 40;
const softmax = headNamed('softmax');
/** Those that take seconds a training part are left out: they are chosen as the others are. */
const quick = heads.filter(({ slow, needs }) => !slow && needs === 'pooled');
const ways = [
  ['softmax', softmax],
  [`--head auto (${quick.map(({ name }) => name).join(', ')})`, amongHeads(quick, softmax)],
  ['--bottleneck auto', withBottleneck(softmax, 'auto')],
  [
    '--framing auto',
    amongRepresentations({ kind: 'framing', names: ['crop', 'all'], by: softmax, standardErrors: 1.64 }, softmax),
  ],
  ['--depths auto', choosingDepths(softmax, 'auto', softmax)],
].filter(([name]) => name.includes(wanted));

/** The share of answers that are right, of photos that were kept out. */
async function accuracyOf(how, draw) {
  const random = new Random(`chance/${photos}/${draw}`);
  const drawnFeatures = () => ({
    features: {
      rows: photos,
      columns: width,
      data: Float32Array.from({ length: photos * width }, () => random.normal()),
    },
  });
  const own = drawnFeatures();
  const labels = Int32Array.from(random.shuffle(Array.from({ length: photos }, (_, i) => i % 2)));
  const split = makeSplit({
    labels,
    classes: ['a', 'b'],
    groups: Int32Array.from(labels.keys()),
    ids: Array.from(labels, (_, row) => `${draw}/${row}`),
    given: Array.from(labels, () => undefined),
    seed: draw,
    mostRepeats: 1,
  });
  // Seen in another way they say nothing either.
  const problem = { ...own, labels, classes: 2, representations: new Map([['all', drawnFeatures()]]) };
  const options = {
    targets: { classes: ['a', 'b'], labels },
    calibrate: fitClassCalibration,
    groups: Int32Array.from(labels.keys()),
    photoWeights: new Float32Array(photos).fill(1),
    refit: false,
  };
  const held = await crossValidate(how, problem, split, options, { openSession, threads: 1, seed: draw });
  const { rows } = held;
  const logits = withBias(held.logits, held.calibrations);
  const right = Array.from(rows, (row, i) =>
    Number(indexOfLargest(logits.data.subarray(2 * i, 2 * i + 2)) === labels[row]),
  );
  return mean(right);
}

const rows = [];
for (const [name, how] of ways) {
  const found = [];
  const began = performance.now();
  for (let draw = 0; draw < draws; draw++) found.push(await accuracyOf(how, draw));
  const error = Math.sqrt(variance(found) / draws);
  const average = mean(found);
  const away = Math.abs(average - 0.5) / error;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  rows.push([name, `${(100 * average).toFixed(1)}% ± ${(100 * error).toFixed(1)}`, away.toFixed(1), `${seconds} s`]);
  console.error(rows.at(-1).join(' | '));
}
table(
  `Random labels, ${photos} photos, ${draws} draws`,
  ['chosen by', 'accuracy', 'standard errors from 50%', 'took'],
  rows,
);
