// Which one-class head suits which number of normal photos, network and kind of defect: what `--one-class` takes unless
// told is read off here. Heads learn from some of the good photos; the others and all defects measure them.
//   node bench/oneClassHead.mjs [--seeds 3] [--sizes 20,50,150,400] [--sets magnetic_tile,scratches,teeth]
// magnetic_tile by the list's groups, so that no spot of a tile is on both sides; and two drawn sets, whose photos are
// all independent: scratches on a texture, and parts of which a piece is missing. A row is printed when it is done.
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { extractFeatures } from '../dist/features/extract.js';
import { openStore } from '../dist/features/lmdbStore.node.js';
import { hasTokens, patchNeeds, patchTables } from '../dist/features/patchMaps.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { oneClassChoices, settingsFor } from '../dist/heads/oneClass/registry.js';
import { scoresOf } from '../dist/heads/oneClass/score.js';
import { auroc } from '../dist/metrics/ranking.js';
import { Random } from '../dist/numerics/random.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { findImageSet } from '../dist/sets/find.node.js';
import { percent, shared, temporary } from './run.mjs';

const option = (name, usual) => {
  const place = process.argv.indexOf(`--${name}`);
  return place < 0 ? usual : process.argv[place + 1];
};
const seeds = Number(option('seeds', '3'));
const sizes = option('sizes', '20,50,150,400').split(',').map(Number);
const wanted = option('sets', 'magnetic_tile,scratches,teeth').split(',');
const alarms = [0.01, 0.02, 0.05];
const threads = availableParallelism();
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const line = (cells) => console.log(`| ${cells.join(' | ')} |`);

/** Share of the defects above the score that a share of the good photos exceeds. */
function caught(scores, isGood, alarm) {
  const good = [...scores].filter((_, i) => isGood[i]).sort((a, b) => b - a);
  const limit = good[Math.floor(alarm * good.length)];
  return mean([...scores].filter((_, i) => !isGood[i]).map((score) => Number(score > limit)));
}

/** Photos of 192 pixels, each with something of its own: `good` and one folder of defects. */
async function draw(folder, kind, good, bad) {
  const edge = 192;
  for (const [label, count] of [
    ['good', good],
    ['defect', bad],
  ]) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let i = 0; i < count; i++) {
      const random = new Random(`${kind} ${label} ${i}`);
      const between = (low, high) => low + random.uniform() * (high - low);
      const turned = `rotate(${between(-8, 8)} 96 96)`;
      const [x, y, angle] = [between(40, 150), between(40, 150), between(0, 360)];
      const lines = Array.from(
        { length: 40 },
        () =>
          `<path d="M${between(0, edge)} 0v${edge}" stroke="hsl(30 8% ${between(45, 65)}%)" stroke-width="${between(1, 5)}"/>`,
      ).join('');
      const length = between(14, 40);
      const scratch = `<path d="M${-length} 0Q0 ${between(-9, 9)} ${length} 0" transform="translate(${x} ${y}) rotate(${angle})" stroke="hsl(30 8% 30%)" stroke-width="${between(1.2, 2.5)}" fill="none"/>`;
      const missing = random.int(6);
      const teeth = Array.from({ length: 6 }, (_, k) =>
        label === 'defect' && k === missing
          ? ''
          : `<rect x="84" y="12" width="24" height="40" transform="rotate(${60 * k} 96 96)"/>`,
      ).join('');
      const inside =
        kind === 'scratches'
          ? `<g transform="${turned}">${lines}</g>${label === 'defect' ? scratch : ''}`
          : `<g transform="translate(${between(-6, 6)} ${between(-6, 6)}) ${turned}" fill="hsl(210 10% ${between(55, 75)}%)">${teeth}<circle cx="96" cy="96" r="58"/><circle cx="96" cy="96" r="20" fill="#222"/></g>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${edge}" height="${edge}"><rect width="100%" height="100%" fill="hsl(30 8% ${between(48, 58)}%)"/>${inside}</svg>`;
      await sharp(Buffer.from(svg))
        .flatten()
        .jpeg({ quality: 88 })
        .toFile(join(folder, label, `${i}.jpg`));
    }
  }
  return folder;
}

async function measure(name, source, network, file, store) {
  const set = await findImageSet(source);
  const whole = await resolveBackbone(file, { openSession });
  const { height, width } = whole.preprocessing.crop;
  const backbone = { ...whole, preprocessing: { ...whole.preprocessing, resize: { rule: 'squash', height, width } } };
  const needs = patchNeeds({ needs: 'maps' }, backbone);
  const extraction = await extractFeatures(set.items, backbone, extractionPlatform(store), { needs });
  const inputs = { features: extraction.features, maps: patchTables(backbone, extraction) };
  const isGood = extraction.items.map(({ labels: [label] }) => label === 'good');
  const groupOf = extraction.items.map(({ group, path }) => group ?? path);
  const groups = [...new Set(groupOf.filter((_, row) => isGood[row]))];
  for (const size of sizes)
    for (const head of oneClassChoices) {
      const found = { auroc: [], seconds: [], caught: alarms.map(() => []) };
      for (let seed = 0; seed < seeds; seed++) {
        const order = new Random(`bench/${seed}`).shuffle([...groups]);
        const rows = [];
        for (const group of order) {
          const own = [...isGood.keys()].filter((row) => isGood[row] && groupOf[row] === group);
          if (rows.length < size) rows.push(...own);
        }
        const learned = new Set(rows);
        const met = new Set(rows.map((row) => groupOf[row]));
        const test = Int32Array.from(isGood.keys()).filter(
          (row) => !learned.has(row) && !(isGood[row] && met.has(groupOf[row])),
        );
        const began = performance.now();
        const context = { openSession, threads, seed };
        const fitted = await head.fit(
          inputs,
          Int32Array.from(rows).sort(),
          settingsFor(head, hasTokens(backbone)),
          context,
        );
        found.seconds.push((performance.now() - began) / 1000);
        const scores = await scoresOf(head, fitted, inputs, test, context);
        const good = Array.from(test, (row) => isGood[row]);
        found.auroc.push(
          auroc(
            scores,
            good.map((one) => Number(!one)),
          ),
        );
        for (const [k, alarm] of alarms.entries()) found.caught[k].push(caught(scores, good, alarm));
      }
      line([
        name,
        network,
        size,
        head.name,
        mean(found.auroc).toFixed(3),
        ...found.caught.map((shares) => percent(mean(shares))),
        `${mean(found.seconds).toFixed(1)} s`,
      ]);
    }
}

if (!shared) console.log('oneClassHead: skipped, the photos are not here');
else {
  const store = openStore({ folder: process.env.CARAFE_CACHE ?? temporary('one-class-head') });
  const sourceOf = (name) =>
    name === 'magnetic_tile' ? join(shared, 'images/magnetic_tile.csv') : draw(temporary(name), name, 520, 60);
  console.log('\n### Which one-class head: defects caught where so many good photos raise a false alarm\n');
  line(['set', 'network', 'good photos', 'head', 'AUROC', ...alarms.map((alarm) => `at ${percent(alarm)}`), 'fit']);
  line(Array(9).fill('---'));
  for (const name of wanted) {
    const source = await sourceOf(name);
    for (const network of ['embedded', 'mobilenetv2_1.0_224']) {
      const file = network === 'embedded' ? network : join(shared, `backbones/${network}.onnx`);
      await measure(name, source, network, file, store);
    }
  }
  await store.close();
}
