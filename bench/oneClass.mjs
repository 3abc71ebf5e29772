// One-class heads on magnetic_tile, every head with every backbone; and photos of none of the classes.
//   node bench/oneClass.mjs [backbone,...] [--seeds 5] [--heads patchcore,...]
// Train on 70% of the good tiles, test on the others and on all defects. Tiles that the list names as one group, or that
// are nearly equal, stay on one side; splits by the list's groups alone, and at random, show what leaks. A row is printed
// when it is done.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { measureUnknown } from '../dist/evaluation/unknown.js';
import { extractFeatures } from '../dist/features/extract.js';
import { openStore } from '../dist/features/lmdbStore.node.js';
import { hasTokens, patchNeeds, patchTables } from '../dist/features/patchMaps.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { oneClassHeads, settingsFor } from '../dist/heads/oneClass/registry.js';
import { scoresOf } from '../dist/heads/oneClass/score.js';
import { subspace } from '../dist/heads/oneClass/subspace.js';
import { auroc } from '../dist/metrics/ranking.js';
import { Random } from '../dist/numerics/random.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { findImageSet } from '../dist/sets/find.node.js';
import { groupPhotos } from '../dist/split/groupPhotos.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { percent, shared, temporary } from './run.mjs';

const threads = availableParallelism();
const option = (name) => {
  const place = process.argv.indexOf(`--${name}`);
  return place < 0 ? undefined : process.argv[place + 1];
};
const named = process.argv[2]?.startsWith('-') ? undefined : process.argv[2]?.split(',');
const seeds = Number(option('seeds') ?? 5);
const wantedHeads = option('heads')?.split(',');
const names = ['embedded', 'mobilenetv2_1.0_224', 'mobilenetv1_1.0_224', 'squeezenet1.1_224', 'inception_v3_299'];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
const rowsOf = (length, keep) => Int32Array.from({ length }, (_, row) => row).filter(keep);

/** The network on whole photos, as one-class training uses it. */
async function wholePhotos(name) {
  const file = name === 'embedded' ? name : join(shared, `backbones/${name}.onnx`);
  const backbone = await resolveBackbone(file, { openSession });
  const { height, width } = backbone.preprocessing.crop;
  return { ...backbone, preprocessing: { ...backbone.preprocessing, resize: { rule: 'squash', height, width } } };
}

async function extracted(set, backbone, needs, store) {
  const extraction = await extractFeatures(set.items, backbone, extractionPlatform(store), { needs });
  const labels = Int32Array.from(extraction.items, (item) => set.classes.indexOf(item.labels[0]));
  const { groups } = await groupPhotos(extraction, labels, { openSession, threads });
  return { extraction, labels, groups, given: extraction.items.map(({ group }) => group) };
}

/** About a share of the good photos, drawn by whole groups (or one by one). */
function drawn(good, groups, wanted, seed) {
  const byGroup = new Map();
  for (const row of good) {
    const key = groups ? groups[row] : row;
    byGroup.set(key, [...(byGroup.get(key) ?? []), row]);
  }
  const taken = [];
  for (const key of new Random(`bench/${seed}`).shuffle([...byGroup.keys()])) {
    if (taken.length >= wanted) break;
    taken.push(...byGroup.get(key));
  }
  return Int32Array.from(taken).sort();
}

async function tiles(store) {
  const set = await findImageSet(join(shared, 'images/magnetic_tile.csv'));
  console.log('\n### One class: magnetic_tile, area under the ROC curve, mean and spread over seeds\n');
  line([
    'backbone',
    'head',
    'by groups and near-duplicates',
    'by the list’s groups',
    'at random',
    'fit',
    'score, a photo',
  ]);
  line(Array(7).fill('---'));
  for (const name of named ?? names) {
    const backbone = await wholePhotos(name);
    const needs = patchNeeds({ needs: 'maps' }, backbone);
    const { extraction, labels, groups, given } = await extracted(set, backbone, needs, store);
    const inputs = { features: extraction.features, maps: patchTables(backbone, extraction) };
    const kinds = [groups, given, undefined];
    const good = [...rowsOf(labels.length, (row) => set.classes[labels[row]] === 'good')];
    const isGood = new Set(good);
    for (const head of oneClassHeads.filter((one) => !wantedHeads || wantedHeads.includes(one.name))) {
      const areas = kinds.map(() => []);
      let [fitting, scoring] = [0, 0];
      for (const [k, kind] of kinds.entries())
        for (let seed = 0; seed < seeds; seed++) {
          const rows = drawn(good, kind, 0.7 * good.length, seed);
          const learned = new Set(rows);
          const test = rowsOf(labels.length, (row) => !learned.has(row));
          const context = { openSession, threads, seed };
          const began = performance.now();
          const fitted = await head.fit(inputs, rows, settingsFor(head, hasTokens(backbone)), context);
          const fit = performance.now();
          const scores = await scoresOf(head, fitted, inputs, test, context);
          fitting += (fit - began) / (1000 * kinds.length * seeds);
          scoring += (performance.now() - fit) / (kinds.length * seeds * test.length);
          areas[k].push(
            auroc(
              scores,
              test.map((row) => Number(!isGood.has(row))),
            ),
          );
        }
      const shown = areas.map((a) => `${mean(a).toFixed(3)} ± ${spread(a).toFixed(3)}`);
      line([name, head.name, ...shown, `${fitting.toFixed(1)} s`, `${scoring.toFixed(1)} ms`]);
    }
  }
}

/** Fitting on 210 tiles, and how fast photos are scored, from the file on disk on. */
async function speed() {
  const set = await findImageSet(join(shared, 'images/magnetic_tile.csv'));
  const backbone = await wholePhotos('mobilenetv2_1.0_224');
  const head = oneClassHeads.find(({ name }) => name === 'patchcore');
  const needs = patchNeeds(head, backbone);
  const good = { ...set, items: set.items.filter(({ labels: [label] }) => label === 'good') };
  const stores = ['plain', 'maps'].map((name) => openStore({ folder: temporary(name) }));
  const timed = async (asked, store) => {
    const began = performance.now();
    const result = await extracted(good, backbone, asked, store);
    return { ...result, seconds: (performance.now() - began) / 1000 };
  };
  const plain = await timed({}, stores[0]);
  const { extraction, groups, seconds } = await timed(needs, stores[1]);
  const inputs = { features: extraction.features, maps: patchTables(backbone, extraction) };
  const rows = drawn([...extraction.items.keys()], groups, 210, 0);
  const context = { openSession, threads, seed: 0 };
  let began = performance.now();
  const fitted = await head.fit(inputs, rows, head.defaults, context);
  const fit = (performance.now() - began) / 1000;
  began = performance.now();
  await scoresOf(
    head,
    fitted,
    inputs,
    rowsOf(extraction.items.length, () => true),
    context,
  );
  const scored = seconds + (performance.now() - began) / 1000;
  for (const store of stores) await store.close();
  const rate = (spent) => `${Math.round(extraction.items.length / spent)} images/s`;
  console.log(`
PatchCore on ${rows.length} tiles, MobileNetV2, ${threads} threads: fitted in ${fit.toFixed(1)} s; scoring ${rate(scored)}, features alone ${rate(plain.seconds)} (${(plain.seconds / scored).toFixed(2)} times as fast)`);
}

/** Photos of none of the classes: flowers known and pets not, the other way round, and classes left out in turn. */
async function unknown(store) {
  console.log('\n### Photos of none of the classes, area under the ROC curve\n');
  line(['backbone', 'known', 'unknown', 'told', 'called unknown', 'known ones called so', 'classes left out in turn']);
  line(Array(7).fill('---'));
  for (const name of (named ?? names).slice(0, 2)) {
    const file = name === 'embedded' ? name : join(shared, `backbones/${name}.onnx`);
    const backbone = await resolveBackbone(file, { openSession });
    const sets = new Map();
    for (const kind of ['flowers5', 'cats_dogs']) {
      const set = await findImageSet(join(shared, 'images', kind));
      sets.set(kind, { set, ...(await extracted(set, backbone, {}, store)) });
    }
    for (const [known, other] of [
      ['flowers5', 'cats_dogs'],
      ['cats_dogs', 'flowers5'],
    ]) {
      const { set, extraction, labels, groups } = sets.get(known);
      const { features, photos } = extraction;
      const ids = photos.map(({ sha256 }) => sha256);
      // A fifth by whole groups is kept out, however the product would split so many photos.
      const kept = new Set(drawn([...labels.keys()], groups, labels.length / 5, 0));
      const given = ids.map((_, row) => (kept.has(row) ? 'test' : undefined));
      const split = makeSplit({ labels, classes: set.classes, groups, ids, given, seed: 0 });
      const context = { openSession, threads, seed: 0 };
      const measured = { photos: { features }, labels, classes: set.classes, groups, ids };
      const input = { ...measured, split, refit: false, falsePositiveRate: 0.01 };
      const { fitted, unknown: told } = await measureUnknown(input, context);
      const strange = sets.get(other).extraction.features;
      const inside = await scoresOf(subspace, fitted, { features }, split.test, context);
      const outside = await scoresOf(
        subspace,
        fitted,
        { features: strange },
        rowsOf(strange.rows, () => true),
        context,
      );
      const area = auroc([...inside, ...outside], [...inside.map(() => 0), ...outside.map(() => 1)]);
      const left = told.leaveOneClassOut.map(({ label, auroc: a }) => `${label} ${a.toFixed(2)}`).join(', ');
      const above = (scores) => percent(mean(Array.from(scores, (score) => Number(score > told.threshold))));
      line([name, known, other, area.toFixed(3), above(outside), above(inside), left]);
    }
  }
}

if (!shared || !existsSync(join(shared, 'images/magnetic_tile.csv')))
  console.log('oneClass: skipped, the photos are not here');
else {
  const store = openStore({ folder: process.env.CARAFE_CACHE ?? temporary('one-class') });
  await unknown(store);
  await speed();
  await tiles(store);
  await store.close();
}
