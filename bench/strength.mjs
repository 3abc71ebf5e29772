// What framings, looks and depths give beside the network's own framing, a single look and the last features: five folds,
// groups kept together, the same folds for all, paired intervals. What `carafe train` does unless told is the last row.
//   node bench/strength.mjs [set] [network] [each]     after `npm run build`; features stay in $CARAFE_CACHE
//   set: of ../shared, or a folder of your own
//   each: take every n-th photo of a set; 1 unless told
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { extractFeatures } from '../dist/features/extract.js';
import { extractAgain } from '../dist/features/looks.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { problemOf } from '../dist/heads/head.js';
import { framed, framingOf, withLooks } from '../dist/images/framing.js';
import { choosingDepths, readDepths } from '../dist/runs/depths.js';
import { frame, inFraming } from '../dist/runs/frame.js';
import { answersOn, gainOver } from '../dist/runs/gain.js';
import { sightOf } from '../dist/runs/sight.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { findImageSet } from '../dist/sets/find.node.js';
import { groupPhotos } from '../dist/split/groupPhotos.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { singleLabel } from '../dist/tasks/singleLabel.js';
import { percent, shared, table, withInterval } from './run.mjs';
import { openCache } from './sets.mjs';

const [wanted, onlyNetwork, each = 1] = process.argv.slice(2);
const known = { magnetic_tile: 'magnetic_tile.csv', cats_dogs: 'cats_dogs', flowers5: 'flowers5' };
const sets = wanted && existsSync(wanted) ? { [basename(wanted)]: resolve(wanted) } : known;
const networks = ['embedded', 'mobilenetv2_1.0_224'];
const points = (value) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;
const context = { openSession, threads: 2, seed: 0 };

/** What is compared: each gives problem and head from the photos that were looked at once. */
const settings = {
  crop: ({ seenAs }) => seenAs((own) => framed(own, 'crop')),
  squash: ({ seenAs }) => seenAs((own) => framed(own, 'squash')),
  pad: ({ seenAs }) => seenAs((own) => framed(own, 'pad')),
  auto: ({ chosen }) => chosen('auto', 1),
  '2 looks': ({ seenAs }) => seenAs((own) => withLooks(own, framingOf(own), 2)),
  '4 looks': ({ seenAs }) => seenAs((own) => withLooks(own, framingOf(own), 4)),
  'auto, 4 looks': ({ chosen }) => chosen('auto', 4),
  'all depths': ({ deep }) => deep('all'),
  'depths auto': ({ deep }) => deep('auto'),
  'auto, depths auto': ({ chosen }) => chosen('auto', 1, 'auto'),
};

/** A set through a network, and how it is seen otherwise. */
async function open(set, network, store) {
  const found = await findImageSet(resolve(shared, 'images', sets[set]));
  const items = found.items.filter((_, place) => place % each === 0);
  const spec = network === 'embedded' ? network : join(shared, `backbones/${network}.onnx`);
  const backbone = await resolveBackbone(spec, { openSession });
  const platform = extractionPlatform(store);
  const extracting = { needs: { depths: true } };
  const extraction = await extractFeatures(items, backbone, platform, extracting);
  const targets = singleLabel.targets(found.classes, extraction.items);
  const grouped = await groupPhotos(extraction, targets.labels, context);
  const split = makeSplit({ ...grouped, ...targets, seed: 0, folds: 5, repeats: 1 });
  const photoWeights = new Float32Array(extraction.items.length).fill(1);
  const run = { task: singleLabel, targets, groups: grouped.groups, split };
  const answers = async (problem, how) => {
    const began = process.cpuUsage();
    const answered = await answersOn(run, problem, { how, photoWeights }, context);
    const { user, system } = process.cpuUsage(began);
    return { ...answered, cpu: (user + system) / 1e6 };
  };
  const seenAs = async (preprocessingOf) => {
    const other = { ...backbone, preprocessing: preprocessingOf(backbone.preprocessing) };
    const { features } = await extractAgain(extraction, other, platform, extracting);
    return answers(problemOf({ features }, targets), singleLabel.usual);
  };
  const deep = (depths) =>
    answers(
      problemOf(readDepths(extraction, depths), targets),
      choosingDepths(singleLabel.usual, depths, singleLabel.usual),
    );
  const chosen = async (framing, looks, depths = 'last') => {
    const sight = sightOf(backbone, { framing, looks });
    const looking = { sight, backbone, extraction, platform, extracting, depths };
    const seen = await frame(looking, { ...run, photoWeights }, context);
    const taken = (seen.choices ?? []).slice(0, 5).map((choice) => choice.chosen);
    return {
      ...(await answers(seen.problem, inFraming(seen, choosingDepths(singleLabel.usual, depths, singleLabel.usual)))),
      taken,
    };
  };
  return { run, seenAs, chosen, deep, paths: extraction.items.map(({ path }) => path) };
}

if (!shared) console.log('strength: skipped, the photos are not here');
else {
  const store = openCache();
  const rows = [];
  for (const set of Object.keys(sets))
    for (const network of networks) {
      if ((wanted && basename(wanted) !== set) || (onlyNetwork && onlyNetwork !== network)) continue;
      const opened = await open(set, network, store);
      const { run, paths } = opened;
      let usual;
      for (const [name, answer] of Object.entries(settings)) {
        const answered = await answer(opened);
        usual ??= answered;
        const about = { paths, groups: run.groups, heldOut: true, seed: 0 };
        const { evaluation } = singleLabel.evaluate(answered, run.targets, about);
        const recalls = evaluation.perClass.map(({ recall }) => recall);
        const { gain, verdict } = gainOver(run, answered, usual, context);
        const times = [...new Set(answered.taken)].map(
          (one) => `${one} ${answered.taken.filter((other) => other === one).length}`,
        );
        rows.push([
          `${set}, ${paths.length.toLocaleString('en')}`,
          basename(network, '_1.0_224'),
          times.length > 0 ? `${name} (${times.join(', ')})` : name,
          withInterval(evaluation.accuracy),
          percent(recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length),
          evaluation.logLoss.toFixed(3),
          answered === usual ? '' : `${points(gain.value)} (${points(gain.low)} to ${points(gain.high)})`,
          answered === usual ? '' : { better: 'better', worse: 'worse', tie: 'a tie' }[verdict],
        ]);
        console.error(rows.at(-1).join(' | '));
      }
    }
  await store.close();
  const header = [
    'photos',
    'network',
    'seen',
    'accuracy (95%)',
    'balanced',
    'log-loss',
    'against crop, points (95%)',
    'verdict',
  ];
  table('How photos are seen, 5 folds', header, rows);
}
