// Heads on so many drawn features, in memory or in a file: one process, one line of JSON. ROWS, WHERE (memory, file), FOLDER;
// KNN for that head alone, as it is and as it keeps photos within other bounds, on at most 5,000 kept out.
// A class lies about one of twenty centres; along half of the 1,280 numbers they differ little, beside noise. A fifth is kept out.
import { fitChosen } from '../dist/evaluation/fitChosen.js';
import { rowFile } from '../dist/features/rowFile.node.js';
import { knnWithin } from '../dist/heads/knn.js';
import { gaussian } from '../dist/heads/oneClass/gaussian.js';
import { scoresOf } from '../dist/heads/oneClass/score.js';
import { predictEachLogits } from '../dist/heads/predictLogits.js';
import { prototype } from '../dist/heads/prototype.js';
import { softmax } from '../dist/heads/softmax.js';
import { svm } from '../dist/heads/svm.js';
import { auroc } from '../dist/metrics/ranking.js';
import { projector } from '../dist/numerics/projection.js';
import { pick, writableMatrix } from '../dist/numerics/rows.js';
import { openSession } from '../dist/runtime/platform.node.js';

const [rows, columns, classes] = [Number(process.env.ROWS), 1280, 20];
const context = { openSession, threads: 1, seed: 0 };

let state = 1;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32 - 0.5;
};
const centres = Float32Array.from({ length: classes * columns }, (_, at) => (at % columns < 640 ? uniform() : 0));
const labels = Int32Array.from({ length: rows }, () => Math.floor((uniform() + 0.5) * classes));
const features =
  process.env.WHERE === 'file'
    ? rowFile(process.env.FOLDER, rows, columns)
    : writableMatrix({ rows, columns, data: new Float32Array(rows * columns) });
for (let from = 0, step = 1000; from < rows; from += step) {
  const block = new Float32Array(step * columns);
  for (let row = 0, at = 0; row < step; row++) {
    const centre = labels[from + row] * columns;
    for (let d = 0; d < columns; d++, at++) block[at] = Math.max(0, 0.2 + 0.14 * centres[centre + d] + uniform());
  }
  features.write(from, block);
}
const isTest = (row) => row % 5 === 4;
const test = Int32Array.from({ length: Math.floor(rows / 5) }, (_, i) => 5 * i + 4);
const weights = Float32Array.from(labels, (_, row) => (isTest(row) ? 0 : 1));
const problem = { features, labels, classes };
const asked = { features: pick(features, process.env.KNN ? test.subarray(0, 5000) : test) };

const found = [];
async function measure(name, work) {
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  found.push({ name, value, cpu: (user + system) / 1e6, peak: process.resourceUsage().maxRSS / 1024 });
  process.stderr.write(`${JSON.stringify(found.at(-1))}\n`);
}
/** The share of the kept-out photos that a head names rightly. */
async function accuracy(head) {
  const fitted = await fitChosen(head, problem, [{ settings: head.defaults, weights }], context);
  let right = 0;
  await predictEachLogits(head, fitted, asked, context, (_, row, logits) => {
    let most = 0;
    for (let c = 1; c < classes; c++) if (logits[c] > logits[most]) most = c;
    right += Number(most === labels[test[row]]);
  });
  return right / asked.features.rows;
}
if (process.env.KNN) await neighbours();
else await others();
console.log(JSON.stringify(found));

/** knn as it is; of 100,000 photos, also with all of them as float32 and with parts of them. */
async function neighbours() {
  const each = columns + 4 * classes;
  await measure('knn', () => accuracy(knnWithin(2 ** 28)));
  if (rows > 300_000) return;
  await measure('knn, half', () => accuracy(knnWithin(0.4 * rows * each)));
  await measure('knn, a quarter', () => accuracy(knnWithin(0.2 * rows * each)));
  await measure('knn, float32', () => accuracy(knnWithin(Number.POSITIVE_INFINITY)));
}

async function others() {
  for (const head of [prototype, softmax, svm]) await measure(head.name, () => accuracy(head));
  await measure('gaussian', async () => {
    const normal = Int32Array.from(labels.keys()).filter((row) => labels[row] < 10 && !isTest(row));
    const fitted = await gaussian.fit(problem, normal, gaussian.defaults, context);
    const some = Int32Array.from(test.keys());
    const scores = await scoresOf(gaussian, fitted, asked, some, context);
    return auroc(
      scores,
      Uint8Array.from(test, (row) => Number(labels[row] >= 10)),
    );
  });
  // What the doctor reads of all photos, and what it stands on.
  await measure('200 components', async () => {
    const project = await projector(features, 200, { ...context, passes: 1 });
    const { data } = await project(features);
    return data.reduce((sum, value) => sum + value * value, 0) / data.length;
  });
}
