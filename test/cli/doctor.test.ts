import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyResult, doctorResult, type Review, undoResult } from '../../src/results/doctorResult.ts';
import { drawImageSet } from '../drawn.ts';
import { onTinyNetwork, temporaryFolder } from './carafe.ts';

const { carafe, start, network } = onTinyNetwork();
const folder = temporaryFolder();
const photos = join(folder, 'photos');
const cache = join(folder, 'cache');
const out = join(folder, 'out');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const twin = 'square/=twin "of" <b>1&.jpg';
beforeAll(async () => {
  await drawImageSet(photos, 14);
  await copyFile(join(photos, 'circle/0.jpg'), join(photos, twin));
  await copyFile(join(photos, 'circle/1.jpg'), join(photos, 'circle/copy.jpg'));
  await sharp({ create: { width: 300, height: 200, channels: 3, background: '#777777' } })
    .jpeg()
    .toFile(join(photos, 'cross/blank.jpg'));
  writeFileSync(join(photos, 'cross/broken.jpg'), 'no photo');
});

const run = (...args: string[]) => carafe(['doctor', ...args, '--backbone', network], cache);
async function examine(...args: string[]) {
  const { stdout, code } = await run(photos, '--out', out, '--json', ...args);
  expect(code).toBe(0);
  return doctorResult.strict().parse(JSON.parse(stdout));
}

test('duplicates, two labels, blank and broken photos are found; page and table are safe', async () => {
  const result = await examine();
  expect(result).toMatchObject({ task: 'single-label', images: { found: 46 }, skipped: [] });
  expect(result.classes.map(({ label }) => label)).toEqual(['circle', 'cross', 'square']);
  const [conflict] = result.duplicates.groups;
  expect(conflict).toMatchObject({ conflict: true, equal: true });
  expect(conflict?.photos.map(({ path }) => path)).toContain(twin);
  expect(result.duplicates.groups.some((group) => group.photos.some(({ path }) => path === 'circle/copy.jpg'))).toBe(
    true,
  );
  expect(result.problems.photos.map(({ path, what }) => [path, what])).toEqual(
    expect.arrayContaining([
      ['cross/broken.jpg', 'unreadable'],
      ['cross/blank.jpg', 'blank'],
    ]),
  );
  const page = readFileSync(join(out, 'doctor.html'), 'utf8');
  expect(page.includes('<b>1')).toBe(false);
  expect(page.includes('script-src &#39;sha256-')).toBe(true);
  const table = readFileSync(join(out, 'doctor.csv'), 'utf8');
  expect(table).toContain('"square/=twin ""of"" <b>1&.jpg"');
  const again = await examine();
  expect({ ...again, seconds: 0, images: 0 }).toEqual({ ...result, seconds: 0, images: 0 });
  expect(again.images.computed).toBe(0);
});

test('the report of a training run beside it sums the page up and links to it, as long as the labels are the same', async () => {
  const { duplicates, problems } = await examine();
  const reported = async (...args: string[]) => {
    const made = await carafe(['train', ...args, '--backbone', network, '--out', out, '--json'], cache);
    expect(made.code).toBe(0);
    return { result: JSON.parse(made.stdout), report: readFileSync(join(out, 'report.html'), 'utf8') };
  };
  const { result, report } = await reported(photos);
  expect(result.doctor).toMatchObject({
    page: 'doctor.html',
    problems: problems.photos.length,
    duplicates: duplicates.groups.length,
  });
  expect(report).toContain('<a href="doctor.html">Open its page</a>');
  const other = join(folder, 'other');
  await cp(photos, other, { recursive: true });
  renameSync(join(other, 'circle/2.jpg'), join(other, 'cross/moved.jpg'));
  const changed = await reported(other);
  expect(changed.result.doctor).toBeUndefined();
  expect(changed.report).not.toContain('doctor.html');
});

test('what more photos would gain is said of every class, and what bad ones cost where it is asked', async () => {
  const { morePhotos, robustness } = await examine('--robustness');
  expect(morePhotos?.photos).toBe(10);
  expect(morePhotos?.classes.map(({ label }) => label).sort()).toEqual(['circle', 'cross', 'square']);
  for (const { gain } of morePhotos?.classes ?? []) expect(gain.low).toBeLessThanOrEqual(gain.high);
  expect(robustness?.losses).toHaveLength(8);
  const { stdout, stderr } = await run(photos, '--out', out, '--robustness');
  expect(stderr).toContain('held-out photos are looked at again in 8 bad versions each');
  expect(stdout).toContain('What to photograph next');
  expect(stdout).toContain('Bad photos cost, of');
});

test('the terminal has a summary', async () => {
  const { stdout, code } = await run(photos, '--out', out);
  expect(code).toBe(0);
  expect(stdout).toContain('Labels: not judged, because so few photos do not show whether');
  expect(stdout).toMatch(/Duplicates: \d+ groups/);
  expect(stdout).toContain('with several labels');
  expect(stdout).toMatch(/Photos that hurt: \d+/);
  expect(stdout).toContain('doctor.html');
});

/** A review of the set as the page saves it. */
async function reviewed(source: string, place: string, decisions: Review['decisions']): Promise<string> {
  const { stdout } = await run(source, '--out', place, '--json');
  const { set } = doctorResult.parse(JSON.parse(stdout));
  const file = join(place, 'review.json');
  writeFileSync(file, JSON.stringify({ format: 'carafe review', set, decisions }));
  return file;
}

const decisions: Review['decisions'] = [
  { path: 'circle/3.jpg', label: 'circle', decision: 'move', to: 'square' },
  { path: 'circle/4.jpg', label: 'circle', decision: 'move', to: 'a "new", class' },
  { path: twin, label: 'square', decision: 'drop' },
  { path: 'cross/blank.jpg', label: 'cross', decision: 'unsure' },
  { path: 'circle/copy.jpg', label: 'circle', decision: 'keep' },
];

test('a review becomes a list, which carafe reads; no file is touched', async () => {
  const place = join(folder, 'applied');
  const file = await reviewed(photos, place, decisions);
  const before = readdirSync(photos, { recursive: true }).sort();
  const { stdout, code } = await run(photos, '--out', place, '--apply', file, '--json');
  expect(code).toBe(0);
  const result = applyResult.strict().parse(JSON.parse(stdout));
  expect(result).toMatchObject({ applied: { moved: 2, dropped: 1, unsure: 1, kept: 1 }, journal: null });
  expect(readdirSync(photos, { recursive: true }).sort()).toEqual(before);
  const rows = readFileSync(result.list ?? '', 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const labels = new Map(rows.map(({ path, label }) => [path.split('/photos/')[1], label]));
  expect(labels.size).toBe(45);
  expect([labels.get('circle/3.jpg'), labels.get('circle/4.jpg'), labels.get(twin)]).toEqual([
    'square',
    'a "new", class',
    undefined,
  ]);
  const read = await carafe(['train', result.list ?? '', '--dry-run', '--json', '--min-photos', '2'], cache);
  expect(JSON.parse(read.stdout).classes).toContainEqual({ label: 'square', count: 15 });
  const text = await run(photos, '--out', place, '--apply', file);
  expect(text.stderr).not.toContain('have changed since');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"set":"[0-9a-f]{8}/, '"set":"00000000'));
  const changed = await run(photos, '--out', place, '--apply', file);
  expect(changed).toMatchObject({ code: 0, stderr: expect.stringContaining('have changed since') });
  expect(text.stdout).toMatch(/2 photos with a new class, 1 left out, 1 kept, 1 unsure/);
});

test('files are moved with --move, nothing is overwritten, and --undo takes all of it back', async () => {
  const copy = join(folder, 'movable');
  await cp(photos, copy, { recursive: true });
  const place = join(folder, 'moved');
  const moves = decisions.map((one) =>
    one.decision === 'move' ? { ...one, to: one.path === 'circle/4.jpg' ? 'new' : 'square' } : one,
  );
  const file = await reviewed(copy, place, moves);
  const before = readdirSync(copy, { recursive: true }).sort();
  const bytes = readFileSync(join(copy, 'circle/3.jpg'));
  const { stdout, code } = await run(copy, '--out', place, '--apply', file, '--move', '--json');
  expect(code).toBe(0);
  const { journal, list } = applyResult.strict().parse(JSON.parse(stdout));
  expect(list).toBeNull();
  // square/3.jpg was there already.
  expect(readFileSync(join(copy, 'square/3-2.jpg'))).toEqual(bytes);
  expect(existsSync(join(copy, 'circle/3.jpg'))).toBe(false);
  expect(existsSync(join(copy, 'new/4.jpg'))).toBe(true);
  expect(existsSync(join(place, 'dropped', twin))).toBe(true);
  // The review is of the set as it was.
  const stale = await run(copy, '--out', place, '--apply', file, '--move');
  expect(stale).toMatchObject({ code: 2, stderr: expect.stringContaining('are not here') });
  const undone = await carafe(['doctor', '--undo', journal ?? '', '--json'], cache);
  expect(undoResult.strict().parse(JSON.parse(undone.stdout))).toMatchObject({ restored: 3, failed: [] });
  // Folders that were made for the moves are gone, too.
  expect(readdirSync(copy, { recursive: true }).sort()).toEqual(before);
  expect(existsSync(join(place, 'dropped'))).toBe(false);
  expect(readFileSync(join(copy, 'circle/3.jpg'))).toEqual(bytes);
  // Undone twice, nothing is left to do; where a place is taken, that is said.
  const twice = await carafe(['doctor', '--undo', journal ?? ''], cache);
  expect(twice).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to move back') });
  mkdirSync(join(place, 'dropped', 'square'), { recursive: true });
  renameSync(join(copy, 'circle/4.jpg'), join(copy, 'elsewhere.jpg'));
  const lost = await carafe(['doctor', '--undo', journal ?? ''], cache);
  expect(lost).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/1 file could not be moved back[\s\S]*no longer at/),
  });
});

test('a move that was interrupted is undone, and a photo that is to move to its own class stays', async () => {
  const copy = join(folder, 'interrupted');
  await cp(photos, copy, { recursive: true });
  const place = join(folder, 'half-moved');
  const file = await reviewed(copy, place, [
    { path: 'circle/3.jpg', label: 'circle', decision: 'move', to: 'circle' },
    { path: 'circle/4.jpg', label: 'circle', decision: 'move', to: 'new' },
    { path: 'circle/5.jpg', label: 'circle', decision: 'move', to: 'new' },
  ]);
  const before = readdirSync(copy, { recursive: true }).sort();
  const { stdout } = await run(copy, '--out', place, '--apply', file, '--move', '--json');
  const { journal, applied } = applyResult.strict().parse(JSON.parse(stdout));
  expect(applied).toMatchObject({ moved: 2, kept: 1 });
  // As if it had ended between the journal's last line and the move that it names.
  renameSync(join(copy, 'new/5.jpg'), join(copy, 'circle/5.jpg'));
  const again = await run(copy, '--out', place, '--apply', file, '--move');
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('move back first what its journal') });
  const undone = await carafe(['doctor', '--undo', journal ?? '', '--json'], cache);
  expect(undoResult.parse(JSON.parse(undone.stdout))).toMatchObject({ restored: 1, failed: [] });
  expect(readdirSync(copy, { recursive: true }).sort()).toEqual(before);
});

test('a list of photos is not moved', async () => {
  const list = join(folder, 'list.csv');
  const rows = ['circle', 'square'].flatMap((label) =>
    [5, 6, 7].map((n) => `photos/${label}/${n}.jpg,${label === 'circle' ? 'round' : 'edgy'}`),
  );
  writeFileSync(list, `path,label\n${rows.join('\n')}\n`);
  const place = join(folder, 'listed');
  const file = await reviewed(list, place, [
    { path: 'photos/circle/5.jpg', label: 'round', decision: 'move', to: 'edgy' },
  ]);
  const { code, stderr } = await run(list, '--out', place, '--apply', file, '--move');
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('does not lie in a folder named after its class'),
  });
});

const one = { path: 'circle/3.jpg', label: 'circle', decision: 'keep' };
test.each([
  ['half-written', '{"format":"carafe review","set":"x","decisions":[{"path":"circle/3', 'not whole JSON'],
  ['empty', '', 'the file is empty'],
  ['something else', '{"a":1}', 'this is no review'],
  ['an unknown decision', { decisions: [{ ...one, decision: 'burn' }] }, 'decisions.0'],
  ['a move to nowhere', { decisions: [{ ...one, decision: 'move', to: ' ' }] }, 'decisions.0.to'],
  ['decided twice', { decisions: [one, one] }, 'decided twice'],
  ['other photos', { decisions: [{ ...one, path: 'cats/1.jpg' }] }, 'made for other photos'],
  ['another label by now', { decisions: [{ ...one, label: 'oval' }] }, 'was labelled "oval", and is "circle" now'],
] as const)('a review that is %s is refused', async (_, content, says) => {
  const file = join(folder, 'bad.json');
  writeFileSync(
    file,
    typeof content === 'string' ? content : JSON.stringify({ format: 'carafe review', set: 'x', ...content }),
  );
  const { code, stderr } = await run(photos, '--out', out, '--apply', file);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
});

test.each([
  [['--move'], '--move only works with --apply'],
  [['--review', '--apply', 'x.json'], '--apply and --review cannot be used together'],
  [['--apply', 'none.json'], '--apply none.json cannot be read'],
] as const)('%j is refused', async (args, says) => {
  const { code, stderr } = await run(photos, ...args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
});

test('without photos, or with a journal that is none, it says what to do', async () => {
  expect(await carafe(['doctor'], cache)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Name the photos'),
  });
  const file = join(folder, 'no-journal.jsonl');
  writeFileSync(file, '{"from":"a","to":"b"}\n');
  expect(await carafe(['doctor', '--undo', file], cache)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('line 1: this is no journal'),
  });
  expect(await carafe(['doctor', '--undo', join(folder, 'gone.jsonl')], cache)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('cannot be read'),
  });
});

test('a folder without classes gets the checks that need none', async () => {
  const place = join(folder, 'flat');
  const { stdout, code } = await run(join(photos, 'circle'), '--out', place, '--json');
  expect(code).toBe(0);
  const result = doctorResult.strict().parse(JSON.parse(stdout));
  expect(result).toMatchObject({ task: 'unlabelled', labelErrors: null, shortcuts: null, classes: [] });
  expect(result.duplicates.groups).toHaveLength(1);
  expect(result.skipped[0]?.reason).toContain('no labels to compare');
});

test('photos with several labels, and classes of two photos, are examined as far as can be', async () => {
  const several = join(folder, 'several.csv');
  const rows = Array.from({ length: 12 }, (_, n) => `photos/circle/${n}.jpg,${['round', 'round|red', ''][n % 3]}`);
  writeFileSync(several, `path,labels\n${rows.join('\n')}\n`);
  const labels = await run(several, '--out', join(folder, 'several'), '--json');
  expect(doctorResult.parse(JSON.parse(labels.stdout))).toMatchObject({ task: 'multi-label', labelErrors: null });
  const few = join(folder, 'few.csv');
  const pairs = ['circle', 'square', 'cross'].flatMap((label) =>
    [5, 6].map((n) => `photos/${label}/${n}.jpg,${label}`),
  );
  writeFileSync(few, `path,label\n${pairs.join('\n')}\nphotos/circle/gone.jpg,circle\n`);
  const { stdout } = await run(few, '--out', join(folder, 'few'), '--json');
  const result = doctorResult.parse(JSON.parse(stdout));
  expect(result.labelErrors?.judged).toBeLessThanOrEqual(6);
  // A photo that has gone since the list was written.
  expect(result.problems.photos).toContainEqual(
    expect.objectContaining({ path: 'photos/circle/gone.jpg', what: 'unreadable' }),
  );
});

test('--review serves the page to this computer alone, and saves what it is sent', async () => {
  const { child, ended } = start(['doctor', photos, '--out', out, '--review', '--backbone', network], cache);
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: string) => {
      said += text;
      const found = /http:\/\/127\.0\.0\.1:\d+\/[\w-]+\//.exec(said)?.[0];
      if (found) resolve(found);
    });
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  const { set } = await examine();
  const review: Review = { format: 'carafe review', set, decisions };
  const file = join(out, 'review.json');
  rmSync(file, { force: true });
  expect((await fetch(`${address}review.json`)).status).toBe(404);
  const page = await fetch(address);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain('Photo doctor');
  expect((await fetch(`${address}review.json`, { method: 'PUT', body: JSON.stringify(review) })).status).toBe(200);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(review);
  expect(await (await fetch(`${address}review.json`)).json()).toEqual(review);
  const half = await fetch(`${address}review.json`, { method: 'PUT', body: '{"format":' });
  expect(half.status).toBe(400);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(review);
  const photo = await fetch(`${address}photo/${encodeURIComponent('circle/0.jpg')}`);
  expect(Buffer.from(await photo.arrayBuffer())).toEqual(readFileSync(join(photos, 'circle/0.jpg')));
  for (const path of ['../out/doctor.csv', '/etc/passwd'])
    expect((await fetch(`${address}photo/${encodeURIComponent(path)}`)).status).toBe(404);
  const { origin } = new URL(address);
  expect((await fetch(`${origin}/`)).status).toBe(404);
  expect((await fetch(`${origin}/review.json`)).status).toBe(404);
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).toContain('--apply');
});
