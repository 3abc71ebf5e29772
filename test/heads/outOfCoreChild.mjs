// A process that fits heads on features in a file, and says how much memory that took; then on the same in memory.
import { fitChosen } from '../../dist/evaluation/fitChosen.js';
import { rowFile } from '../../dist/features/rowFile.node.js';
import { gaussian } from '../../dist/heads/oneClass/gaussian.js';
import { scoresOf } from '../../dist/heads/oneClass/score.js';
import { predictLogits } from '../../dist/heads/predictLogits.js';
import { prototype } from '../../dist/heads/prototype.js';
import { softmax } from '../../dist/heads/softmax.js';
import { svm } from '../../dist/heads/svm.js';
import { gather, resident } from '../../dist/numerics/rows.js';
import { openSession } from '../../dist/runtime/platform.node.js';

const [rows, columns] = [600_000, 128];
const context = { openSession, threads: 1, seed: 0 };
const labels = Int32Array.from({ length: rows }, (_, row) => row & 1);
const weights = new Float32Array(rows).fill(1);
const peak = () => process.resourceUsage().maxRSS / 1024;

const stored = rowFile(process.argv[2], rows, columns);
let state = 1;
for (let from = 0, step = 10_000; from < rows; from += step) {
  const block = new Float32Array(step * columns);
  for (let at = 0; at < block.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // The classes lie apart along the first eight numbers.
    const own = at % columns < 8 ? labels[from + Math.floor(at / columns)] : 0;
    block[at] = state / 2 ** 32 - 0.5 + 0.3 * own;
  }
  stored.write(from, block);
}

const some = Int32Array.from({ length: 1000 }, (_, i) => 599 * i);
async function answers(features) {
  const asked = { features: gather(features, some) };
  const found = [];
  for (const head of [softmax, svm, prototype]) {
    const problem = { features, labels, classes: 2 };
    const fitted = await fitChosen(head, problem, [{ settings: head.defaults, weights }], context, { loose: true });
    const [{ data }] = await predictLogits(head, fitted, asked, context);
    found.push({ name: head.name, says: Float32Array.from(some, (_, i) => data[2 * i + 1] - data[2 * i]) });
  }
  const normal = Int32Array.from({ length: rows / 2 }, (_, i) => 2 * i);
  const fitted = await gaussian.fit({ features }, normal, gaussian.defaults, context);
  const scores = await scoresOf(gaussian, fitted, asked, Int32Array.from(some.keys()), context);
  const middle = scores.toSorted()[500];
  found.push({ name: 'gaussian', says: scores.map((score) => score - middle) });
  return found;
}

const few = { rows: 1000, columns, data: new Float32Array(1000 * columns).map((_, at) => Math.sin(at)) };
await fitChosen(
  softmax,
  { features: few, labels: labels.slice(0, 1000), classes: 2 },
  [{ settings: softmax.defaults, weights: weights.slice(0, 1000) }],
  context,
);
const before = peak();
const streamed = await answers(stored);
const after = peak();
const held = await answers(resident(stored));
const heads = streamed.map(({ name, says }, k) => ({
  name,
  accuracy: says.filter((value, i) => value > 0 === (labels[some[i]] === 1)).length / some.length,
  difference: says.reduce((most, value, i) => Math.max(most, Math.abs(value - held[k].says[i])), 0),
}));
console.log(JSON.stringify({ before, peak: after, features: (4 * rows * columns) / 2 ** 20, heads }));
