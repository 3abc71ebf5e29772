// What the benches share: the built command as a process, folders that are gone afterwards, tables.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The real photos and networks, which are not part of the repository; undefined where they are missing. */
export const shared = existsSync(here('../../shared/data/images')) ? here('../../shared/data') : undefined;

/** Ends one bench, with one line: `main.mjs` goes on with the next. */
export class Skipped extends Error {}

// A bench that is run by itself says no more either.
process.on('uncaughtException', (error) => {
  console.log(error instanceof Skipped ? error.message : error);
  process.exit(error instanceof Skipped ? 0 : 1);
});

/** Where the real photos and networks lie. @throws Skipped where they are missing */
export function neededShared(bench) {
  if (!shared) throw new Skipped(`${bench}: skipped, the photos and networks of ../shared/data are not here`);
  return shared;
}

const scratch = mkdtempSync(join(tmpdir(), 'carafe-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** A path inside a folder that is removed when the bench ends. */
export const temporary = (name) => join(scratch, name);

/** Runs `carafe ...`; gives what it printed, whole-process seconds, processor seconds and peak resident bytes. */
export function command(args, cache) {
  const peakFile = temporary('peak');
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', here('peak.mjs'), here('../dist/cli/main.js'), ...args],
    { env: { ...process.env, CARAFE_CACHE: cache, CARAFE_PEAK: peakFile }, encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`carafe ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  const [peak, cpu] = readFileSync(peakFile, 'utf8').split(' ').map(Number);
  return { stdout, seconds, cpu, peak };
}

/** Runs `carafe ... --json`; gives its result beside the rest. */
export function carafe(args, cache) {
  const { stdout, ...measured } = command([...args, '--json'], cache);
  return { result: JSON.parse(stdout), ...measured };
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** A Markdown table, as it stands in docs/figures.md. */
export function table(title, header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  console.log(`\n### ${title}\n\n${[line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')}`);
}

export const percent = (value) => `${(value * 100).toFixed(1)}%`;
export const withInterval = ({ value, low, high }) => `${percent(value)} (${percent(low)} to ${percent(high)})`;
