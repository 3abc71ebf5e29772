// Near-duplicates: how many planted copies are found, and what else is joined; on real photos, with both networks.
// After `npm run build`: node bench/duplicates.mjs [--sheet FOLDER]   (a sheet of all pairs joined in the plain sets)
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { extractFeatures } from '../dist/features/extract.js';
import { openStore } from '../dist/features/lmdbStore.node.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { Random } from '../dist/numerics/random.js';
import { gather } from '../dist/numerics/rows.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { findImageSet } from '../dist/sets/find.node.js';
import { groupDuplicates } from '../dist/split/duplicates.js';
import { kinds, original } from './plant.mjs';
import { shared, table, temporary } from './run.mjs';

const context = { openSession, threads: availableParallelism() };
const networks = { 'carafe-s': 'embedded', MobileNetV2: 'backbones/mobilenetv2_1.0_224.onnx' };
const plans = [
  { name: 'flowers5', originals: 60, sizes: [300, 600, 3670] },
  { name: 'cats_dogs', originals: 40, sizes: [300, 600] },
];
const place = process.argv.indexOf('--sheet');
const sheets = place < 0 ? undefined : process.argv[place + 1];

/** Every pair within the groups, as 'a b' with a < b. */
function pairsOf(groups) {
  const members = new Map();
  for (const [row, group] of groups.entries()) members.set(group, [...(members.get(group) ?? []), row]);
  return new Set(
    [...members.values()].flatMap((rows) => rows.flatMap((a, i) => rows.slice(i + 1).map((b) => `${a} ${b}`))),
  );
}

/** The photos of some extractions as one set; of each, the places of the wanted ones among the items it was given. */
function together(...parts) {
  const taken = parts.map(([{ extraction, rowOf }, places]) => {
    const rows = places.map((place) => rowOf[place]);
    return {
      features: gather(extraction.features, rows),
      photos: rows.map((row) => extraction.photos[row]),
      paths: rows.map((row) => extraction.items[row].path),
    };
  });
  const { columns } = taken[0].features;
  const photos = taken.flatMap((part) => part.photos);
  const data = new Float32Array(photos.length * columns);
  let at = 0;
  for (const { features } of taken) {
    data.set(features.data, at);
    at += features.data.length;
  }
  return {
    paths: taken.flatMap((part) => part.paths),
    input: {
      features: { rows: photos.length, columns, data },
      ids: photos.map(({ sha256 }) => sha256),
      hashes: photos.map(({ hash }) => hash),
      pictures: photos.map(({ cells, width, height }) => ({ cells, aspect: width / height })),
      shots: photos.map(() => undefined),
      labels: new Int32Array(photos.length),
      given: photos.map(() => undefined),
    },
  };
}

/** Rows of `size` photos, the originals among them. */
function drawn(count, originals, size) {
  const chosen = new Set(originals);
  const others = new Random('others').shuffle(Array.from({ length: count }, (_, row) => row));
  return [...originals, ...others.filter((row) => !chosen.has(row)).slice(0, size - originals.length)];
}

/** Features of the items; rows stand in an order of their own. */
async function extracted(items, backbone, platform) {
  const extraction = await extractFeatures(items, backbone, platform);
  const rows = new Map(extraction.items.map((item, row) => [item, row]));
  return { extraction, rowOf: items.map((item) => rows.get(item)) };
}

async function plant(name, items, rows) {
  const folder = temporary(`planted-${name}`);
  mkdirSync(folder, { recursive: true });
  const copies = [];
  for (const [scene, row] of rows.entries()) {
    const photo = await original(items[row].file);
    for (const [index, [kind, make]] of Object.entries(kinds).entries())
      for (const [frame, bytes] of (await make(photo)).entries()) {
        const file = join(folder, `${scene}-${index}-${frame}.jpg`);
        writeFileSync(file, bytes);
        copies.push({ kind, scene, item: { path: file, file, labels: ['copy'] } });
      }
  }
  return copies;
}

async function sheet(name, pairs, paths, root) {
  const [edge, across] = [110, 6];
  const tiles = [];
  for (const [i, pair] of pairs.entries())
    for (const [side, row] of pair.split(' ').entries()) {
      const resized = sharp(join(root, paths[row])).resize(edge, edge, { fit: 'contain', background: '#888' });
      const left = (i % across) * (2 * edge + 10) + side * edge;
      tiles.push({ input: await resized.toBuffer(), left, top: Math.floor(i / across) * (edge + 10) });
    }
  const height = Math.max(1, Math.ceil(pairs.length / across)) * (edge + 10);
  const blank = { create: { width: across * (2 * edge + 10), height, channels: 3, background: '#fff' } };
  mkdirSync(sheets, { recursive: true });
  await sharp(blank)
    .composite(tiles)
    .png()
    .toFile(join(sheets, `${name}.png`));
}

await many();
if (!shared) console.log('duplicates: skipped, the photos are not here');
else {
  const store = openStore({ folder: process.env.CARAFE_CACHE ?? temporary('duplicates-cache') });
  const platform = extractionPlatform(store);
  const open = (network) => resolveBackbone(network === 'embedded' ? network : join(shared, network), { openSession });
  const columns = [];
  const plain = [];
  const recalls = new Map(Object.keys(kinds).map((kind) => [kind, []]));
  for (const { name, originals, sizes } of plans) {
    const root = join(shared, 'images', name);
    const { items } = await findImageSet(root);
    const chosen = new Random(`plant ${name}`).shuffle([...items.keys()]).slice(0, originals);
    const copies = await plant(name, items, chosen);
    for (const [network, file] of Object.entries(networks)) {
      const backbone = await open(file);
      const base = await extracted(items, backbone, platform);
      const planted = await extracted(
        copies.map(({ item }) => item),
        backbone,
        platform,
      );
      for (const size of sizes) {
        columns.push(`${name} ${size}, ${network}`);
        const rows = drawn(items.length, chosen, size);
        const clean = together([base, rows]);
        const joined = pairsOf((await groupDuplicates(clean.input, context)).groups);
        let dragged = 0;
        for (const kind of Object.keys(kinds)) {
          const own = [...copies.keys()].filter((i) => copies[i].kind === kind);
          const frames = own.length / originals;
          // Frames of a burst stand in the original's place.
          const kept = frames > 1 ? rows.slice(originals) : rows;
          const { input } = together([base, kept], [planted, own]);
          const pairs = pairsOf((await groupDuplicates(input, context)).groups);
          const first = kept.length;
          const wanted = own.flatMap((i, place) => {
            if (frames === 1) return [`${copies[i].scene} ${first + place}`];
            return place % frames === 0 ? [] : [`${first + place - 1} ${first + place}`];
          });
          recalls.get(kind).push(wanted.filter((pair) => pairs.has(pair)).length / wanted.length);
          const sceneOf = (row) => (row < kept.length ? kept[row] : chosen[copies[own[row - first]].scene]);
          const known = new Set(
            [...joined].map((pair) =>
              pair
                .split(' ')
                .map((row) => rows[row])
                .sort((a, b) => a - b)
                .join(' '),
            ),
          );
          for (const pair of pairs) {
            const [a, b] = pair
              .split(' ')
              .map(sceneOf)
              .sort((x, y) => x - y);
            if (a !== b && !known.has(`${a} ${b}`)) dragged++;
          }
        }
        plain.push([name, size.toLocaleString('en'), network, joined.size, dragged]);
        if (sheets) await sheet(`${name}-${size}-${network}`, [...joined], clean.paths, root);
      }
    }
  }
  table(
    'Near-duplicates: planted copies that stand in a group with their original; of a burst, frames with the next one',
    ['copies', ...columns],
    [...recalls].map(([kind, shares]) => [kind, ...shares.map((share) => `${Math.round(100 * share)}%`)]),
  );
  table(
    'What is joined in the same photos without copies, and what copies drag along',
    ['photos', 'number', 'network', 'pairs joined', 'pairs that copies dragged in, all kinds'],
    plain,
  );

  const tiles = await findImageSet(join(shared, 'images/magnetic_tile.csv'));
  const truth = pairsOf(tiles.items.map(({ group }) => group));
  const found = [];
  for (const [network, file] of Object.entries(networks)) {
    const all = await extracted(tiles.items, await open(file), platform);
    const { input } = together([all, [...tiles.items.keys()]]);
    const pairs = [...pairsOf((await groupDuplicates(input, context)).groups)];
    const same = pairs.filter((pair) => truth.has(pair)).length;
    const share = (part, whole) => `${((100 * part) / whole).toFixed(1)}%`;
    found.push([network, pairs.length, share(same, truth.size), share(pairs.length - same, pairs.length)]);
  }
  table(
    'Look-alikes: magnetic_tile, without the groups of its list',
    ['network', 'pairs joined', 'pairs of one tile that are joined', 'joined pairs of different tiles'],
    found,
  );
  await store.close();
}

/** Drawn features of many photos: how long the search takes, and what memory. */
async function many() {
  const photos = 20_000;
  const width = 1280;
  const random = new Random('many');
  const hex = () => Array.from({ length: 16 }, () => random.int(16).toString(16)).join('');
  const drawnCells = () => Uint8Array.from({ length: 1024 }, () => random.int(256));
  const data = new Float32Array(photos * width);
  for (let at = 0; at < data.length; at++) data[at] = Math.abs(random.normal());
  const input = {
    features: { rows: photos, columns: width, data },
    ids: Array.from({ length: photos }, () => hex()),
    hashes: Array.from({ length: photos }, () => hex()),
    pictures: Array.from({ length: photos }, () => ({ cells: drawnCells(), aspect: 1.5 })),
    shots: new Array(photos).fill(undefined),
    labels: new Int32Array(photos),
    given: new Array(photos).fill(undefined),
  };
  // A run of the runtime blocks the event loop, so the system is asked for the highest memory, and drawing comes first.
  const before = process.memoryUsage().rss;
  const highest = () => 1024 * process.resourceUsage().maxRSS;
  const already = highest();
  const began = performance.now();
  const cpu = process.cpuUsage();
  await groupDuplicates(input, context);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const beside = highest() > already ? highest() - before : 0;
  table(
    'Near-duplicates among many photos: drawn features, 1,280 numbers each',
    ['photos', 'seconds', 'seconds of the processor', 'memory beside the features'],
    [
      ['20,000', seconds.toFixed(1), ((user + system) / 1e6).toFixed(1), `${Math.round(beside / 1e6)} MB at most`],
      ['200,000, a hundred times the pairs', `about ${Math.round((100 * seconds) / 60)} minutes`, '', ''],
    ],
  );
}
