// Near neighbours in cells beside exact ones: planted copies among drawn features, and how long many rows take.
// ROWS (200,000) of the second part, in a file.
import { rowFile } from '../dist/features/rowFile.node.js';
import { exactlyNearest } from '../dist/numerics/exactlyNearest.js';
import { nearestInCells } from '../dist/numerics/nearestRows.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { lookAlikes, neighboursWanted } from '../dist/split/lookAlikes.js';
import { table, temporary } from './run.mjs';

const columns = 1280;
const context = { openSession, threads: 1 };
const number = (value, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });

let state = 1;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

/** Rows about fifty centres, along thirty directions and beside noise; each tenth is a copy of the one before it, ever less alike. */
function draw(features, each = 1000) {
  const [classes, directions] = [50, 30];
  const centres = Float32Array.from({ length: classes * columns }, uniform);
  const ways = Float32Array.from({ length: directions * columns }, () => uniform() - 0.5);
  for (let from = 0; from < features.rows; from += each) {
    const block = new Float32Array(each * columns);
    for (let row = 0; row < each; row++) {
      const isCopy = row % 10 === 9;
      const far = 0.02 + 0.3 * ((row % 100) / 100);
      const label = Math.floor(classes * uniform());
      const along = Float32Array.from({ length: directions }, () => uniform() - 0.5);
      for (let d = 0, at = row * columns; d < columns; d++, at++) {
        let value = isCopy
          ? block[at - columns] + far * (uniform() - 0.5)
          : 0.4 * centres[label * columns + d] + 0.2 * (uniform() - 0.5);
        if (!isCopy) for (let k = 0; k < directions; k++) value += 0.5 * along[k] * ways[k * columns + d];
        block[at] = Math.max(0, value);
      }
    }
    features.write(from, block);
  }
  return features;
}

async function timed(work) {
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return { value, cpu: (user + system) / 1e6 };
}
const listOf = (rows) => Int32Array.from({ length: rows }, (_, row) => row);

const few = 20_000;
const features = draw(rowFile(temporary('few'), few, columns));
const [exact, cells] = [
  await timed(() => exactlyNearest(features, listOf(few), neighboursWanted, context)),
  await timed(() => nearestInCells(features, listOf(few), neighboursWanted, context)),
];
const pairs = (neighbours, least) =>
  new Set(
    lookAlikes(neighbours)
      .filter(({ closeness }) => closeness > least)
      .map(({ a, b }) => `${a} ${b}`),
  );
const share = (least) => {
  const [all, found] = [pairs(exact.value, least), pairs(cells.value, least)];
  const both = [...all].filter((pair) => found.has(pair)).length;
  return [all.size, found.size, `${((100 * both) / all.size).toFixed(2)}%`].map(String);
};
const planted = (neighbours) => {
  let found = 0;
  for (let row = 9; row < few; row += 10)
    found += Number(neighbours.places.subarray(row * neighboursWanted, (row + 1) * neighboursWanted).includes(row - 1));
  return `${((100 * found) / (few / 10)).toFixed(2)}%`;
};
const shared = () => {
  let both = 0;
  for (let row = 0; row < few; row++) {
    const own = (list) => list.value.places.subarray(row * neighboursWanted, (row + 1) * neighboursWanted);
    const known = new Set(own(exact));
    for (const place of own(cells)) both += Number(known.has(place));
  }
  return `${((100 * both) / (few * neighboursWanted)).toFixed(1)}%`;
};
table(
  'Near-duplicates among 20,000 drawn photos, in cells beside all pairs',
  ['pairs', 'by all pairs', 'in cells', 'of those by all pairs, in cells'],
  [
    ['far closer than others nearby', ...share(1)],
    ['worth comparing by their pictures', ...share(Number.NEGATIVE_INFINITY)],
    ['planted copies with their original among the 50 nearest', planted(exact.value), planted(cells.value), ''],
    ['of the 50 nearest', '', '', shared()],
    ['processor time', `${number(exact.cpu, 1)} s`, `${number(cells.cpu, 1)} s`, ''],
  ],
);

const rows = Number(process.env.ROWS ?? 200_000);
const many = draw(rowFile(temporary('many'), rows, columns));
const found = await timed(() => nearestInCells(many, listOf(rows), neighboursWanted, context));
console.log(
  `- ${number(rows)} x 1,280 in a file, in cells: ${number(found.cpu)} s of the processor, ${number(process.resourceUsage().maxRSS / 1024)} MB at most`,
);
