// Every figure of docs/figures.md: `npm run bench`, or `npm run bench -- NAME...` for some of them.
import { Skipped } from './run.mjs';

const benches = [
  'quality',
  'heads',
  'fewshot',
  'grocery',
  'extraction',
  'warm',
  'serve',
  'memory',
  'parity',
  'inspect',
  'gains',
  'finetune',
  'finetunePage',
  'views',
  'oneClass',
  'oneClassHead',
  'unknown',
  'calibration',
  'coverage',
  'study',
  'duplicates',
  'doctor',
  'balance',
  'chance',
  'rows',
  'predictionSets',
  'studio',
  'next',
  'classGains',
  'robustness',
  'strength',
  'scale',
  'nearDuplicates',
  'export',
];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !benches.includes(name));
if (unknown.length > 0) {
  console.error(`No bench is called ${unknown.join(', ')}; there are ${benches.join(', ')}.`);
  process.exit(2);
}
// The benches read arguments of their own when they are run by themselves.
process.argv.length = 2;
for (const name of wanted.length > 0 ? wanted : benches)
  try {
    await import(`./${name}.mjs`);
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    console.log(error.message);
  }
