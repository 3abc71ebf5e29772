// What --balance does where one class is rare: real photos of which one class keeps a fifth, a twentieth or a
// fiftieth. Judged on kept-out photos, as many of each class, none nearly equal to another; accuracy is for photos as common
// as those that were trained on. Differences are paired by draw (another class rare, other photos), with 95% intervals.
// After `npm run build`; CARAFE_BENCH_DRAWS says how many draws.
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { classVerdict } from '../dist/doctor/verdict.js';
import { crossValidate } from '../dist/evaluation/crossValidate.js';
import { extractFeatures } from '../dist/features/extract.js';
import { openStore } from '../dist/features/lmdbStore.node.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { balancedWeights } from '../dist/heads/balance.js';
import { headNamed } from '../dist/heads/registry.js';
import { fitClassCalibration } from '../dist/metrics/classCalibration.js';
import { evaluate } from '../dist/metrics/evaluate.js';
import { Random } from '../dist/numerics/random.js';
import { gather } from '../dist/numerics/rows.js';
import { mean, studentQuantile, variance } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { findImageSet } from '../dist/sets/find.node.js';
import { groupPhotos } from '../dist/split/groupPhotos.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { percent, shared, table } from './run.mjs';

const context = { openSession, threads: availableParallelism(), seed: 0 };
const draws = Number(process.env.CARAFE_BENCH_DRAWS ?? 10);
const sets = { cats_dogs: { common: 200, test: 90 }, flowers5: { common: 200, test: 150 } };
const ratios = [5, 20, 50];

/** One photo of each group, with its features. */
async function load(set, network) {
  const store = openStore({ folder: process.env.CARAFE_CACHE ?? join(tmpdir(), 'carafe-bench-cache') });
  const found = await findImageSet(join(shared, 'images', set));
  const backbone = await resolveBackbone(network, { openSession });
  const extraction = await extractFeatures(found.items, backbone, extractionPlatform(store));
  const labels = Int32Array.from(extraction.items, (item) => found.classes.indexOf(item.labels[0]));
  const { groups, ids } = await groupPhotos(extraction, labels, context);
  const firsts = [...groups.keys()].filter((row) => groups.indexOf(groups[row]) === row);
  await store.close();
  return { features: extraction.features, labels, ids, classes: found.classes, firsts };
}

/** Photos to train on and to test on, one class rare among the former. */
function drawRows({ labels, classes, firsts }, { common, test }, ratio, draw) {
  const rare = draw % classes.length;
  const rows = [];
  const given = [];
  for (const label of classes.keys()) {
    const own = new Random(`${draw}/${label}`).shuffle(firsts.filter((row) => labels[row] === label));
    const learned = Math.round(common / (label === rare ? ratio : 1));
    for (const [place, row] of own.slice(0, test + learned).entries()) {
      rows.push(row);
      given.push(place < test ? 'test' : 'train');
    }
  }
  return { rare, rows, given };
}

async function measure(data, { rare, rows, given }, balance) {
  const labels = Int32Array.from(rows, (row) => data.labels[row]);
  const classes = data.classes;
  const problem = { features: gather(data.features, rows), labels, classes: classes.length, photos: rows.length };
  const ids = rows.map((row) => data.ids[row]);
  const groups = labels.map((_, row) => row);
  const split = makeSplit({ labels, classes, ids, given, groups, seed: 0 });
  const photoWeights = balance ? balancedWeights(labels, classes.length) : new Float32Array(rows.length).fill(1);
  const targets = { classes, labels };
  const options = { targets, calibrate: fitClassCalibration, groups, photoWeights, refit: false };
  const held = await crossValidate(headNamed('softmax'), problem, split, options, context);
  const evaluation = evaluate(held, targets, { paths: ids, groups, heldOut: true, seed: 0 });
  const counts = classes.map((label, own) => ({
    label,
    count: split.train.filter((row) => labels[row] === own).length,
  }));
  const recalls = evaluation.perClass.map(({ recall }) => recall);
  const { advice } = classVerdict(evaluation, { classes: counts, balance: false, backbone: '', leaks: 0 });
  return {
    recall: recalls[rare],
    others: mean(recalls.filter((_, label) => label !== rare)),
    accuracy: recalls.reduce((sum, recall, label) => sum + recall * counts[label].count, 0) / split.train.length,
    alike: mean(recalls),
    advised: advice.some(({ flags }) => flags.includes('--balance')) ? 1 : 0,
  };
}

const points = (value) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;

function difference(pairs, figure) {
  const gains = pairs.map(([plain, balanced]) => balanced[figure] - plain[figure]);
  const middle = mean(gains);
  const half = studentQuantile(0.975, gains.length - 1) * Math.sqrt(variance(gains) / gains.length);
  return `${points(middle)} (${points(middle - half)} to ${points(middle + half)})`;
}

const networks = ['embedded', join(shared ?? '', 'backbones/mobilenetv2_1.0_224.onnx')];
if (!shared) console.log('balance: skipped, the photos are not here');
else
  for (const [set, sizes] of Object.entries(sets))
    for (const network of networks) {
      const data = await load(set, network);
      const rows = [];
      for (const ratio of ratios) {
        const pairs = [];
        for (let draw = 0; draw < draws; draw++) {
          const drawn = drawRows(data, sizes, ratio, draw);
          pairs.push([await measure(data, drawn, false), await measure(data, drawn, true)]);
        }
        const plain = (figure) => percent(mean(pairs.map(([one]) => one[figure])));
        rows.push([
          `1:${ratio} (${Math.round(sizes.common / ratio)})`,
          ...['recall', 'others', 'accuracy', 'alike'].flatMap((figure) => [plain(figure), difference(pairs, figure)]),
          plain('advised'),
        ]);
        console.error(rows.at(-1).join(' | '));
      }
      const header = ['rare class (photos)', 'its recall', 'balanced', 'recall of the others', 'balanced'];
      const more = ['accuracy', 'balanced', 'accuracy, classes equally common', 'balanced', 'advised'];
      table(`${set} on ${basename(network, '.onnx')}, ${draws} draws`, [...header, ...more], rows);
    }
