/** The journal of a classifier's versions, beside the classifier; what it says is what is true after a crash. */

import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { type VersionRow, type VersionsResult, versionRow } from '../results/versionsResult.ts';
import { appendTo, ensureFolder, isMissing, makeFolder, writeWhole } from '../runtime/files.node.ts';

/** What is known of the photos of a version. */
const photosSchema = z.record(z.string(), z.string());

const [fileName, reportName, journalName, photosName] = [
  'classifier.onnx',
  'report.html',
  'journal.jsonl',
  'photos.json',
] as const;

/** Versions of one classifier: each in a folder of its own, the one that answers beside them. */
export class Journal {
  readonly folder: string;
  #rows: VersionRow[];

  private constructor(folder: string, rows: VersionRow[]) {
    this.folder = folder;
    this.#rows = rows;
  }

  /**
   * Reads it, and finishes what a crash left undone: a version that was taken, but is not yet the one that answers.
   * @throws CarafeError UNREADABLE, UNWRITABLE
   */
  static async open(folder: string): Promise<Journal> {
    await ensureFolder(folder);
    const journal = await Journal.read(folder);
    const { current } = journal;
    if (current) {
      const sha256 = await sha256Of(join(folder, fileName));
      // A classifier that is none of its versions is its user's own, and is not overwritten.
      const isOurs = sha256 === undefined || journal.#rows.some((one) => one.sha256 === sha256);
      if (isOurs && sha256 !== current.sha256) await journal.#publish(current.version);
    }
    return journal;
  }

  /** Reads one that holds something. @throws CarafeError NOT_FOUND, UNREADABLE */
  static async written(folder: string): Promise<Journal> {
    const journal = await Journal.read(folder);
    if (journal.rows.length > 0) return journal;
    throw new CarafeError(
      'NOT_FOUND',
      `${folder} has no versions.`,
      'Give the folder into which `carafe watch` writes: its `out`.',
    );
  }

  /** Reads it without changing anything. @throws CarafeError UNREADABLE */
  static async read(folder: string): Promise<Journal> {
    const text = await readFile(join(folder, journalName), 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return '';
      throw new CarafeError(
        'UNREADABLE',
        `${join(folder, journalName)} cannot be read.`,
        'Check its permissions, or name another folder.',
        { cause: error },
      );
    });
    return new Journal(folder, text.split('\n').flatMap(rowOf));
  }

  /** Reads it anew: `carafe versions` may have let another version answer. @throws CarafeError UNREADABLE */
  async refresh(): Promise<void> {
    this.#rows = (await Journal.read(this.folder)).#rows;
  }

  get rows(): readonly VersionRow[] {
    return this.#rows;
  }

  /** The version that answers. */
  get current(): VersionRow | undefined {
    return this.#rows.findLast(({ isTaken }) => isTaken);
  }

  /** The folder of a version. */
  place(version: number): string {
    return join(this.folder, 'versions', String(version));
  }

  report(version: number): string {
    return join(this.place(version), reportName);
  }

  /** An empty folder for the next version; what a crash left there is taken away. */
  async nextPlace(): Promise<{ readonly version: number; readonly place: string }> {
    const version = this.#rows.reduce((last, one) => Math.max(last, one.version), 0) + 1;
    const place = this.place(version);
    await rm(place, { recursive: true, force: true });
    makeFolder(place);
    return { version, place };
  }

  /** The photos of the version that was trained last, and of the one that answers. */
  async photosOf(version: number | undefined): Promise<ReadonlyMap<string, string>> {
    if (version === undefined) return new Map();
    try {
      const text = await readFile(join(this.place(version), photosName), 'utf8');
      return new Map(Object.entries(photosSchema.parse(JSON.parse(text))));
    } catch {
      // Without it nothing is known, and it is trained once more.
      return new Map();
    }
  }

  /** Writes a version down, whose file lies in its place, and lets it answer where it is taken. */
  async add(
    given: Omit<VersionRow, 'at' | 'event' | 'sha256'>,
    photos: ReadonlyMap<string, string>,
  ): Promise<VersionRow> {
    await writeWhole(join(this.place(given.version), photosName), JSON.stringify(Object.fromEntries(photos)));
    const sha256 = (await sha256Of(join(this.place(given.version), fileName))) ?? '';
    return this.#append({ ...given, at: new Date().toISOString(), event: 'trained', sha256 });
  }

  /** Lets another version answer. @throws CarafeError NOT_FOUND */
  async choose(version: number): Promise<VersionRow> {
    const found = this.#rows.find((one) => one.version === version);
    const sha256 = found && (await sha256Of(join(this.place(version), fileName)));
    if (!found || sha256 !== found.sha256)
      throw new CarafeError(
        'NOT_FOUND',
        found
          ? `The file of version ${version} is no longer in ${this.place(version)}.`
          : `${this.folder} has no version ${version}.`,
        'Run `carafe versions` with the folder alone: it lists those that can be had.',
      );
    const chosen = { ...found, at: new Date().toISOString(), event: 'chosen', isTaken: true } as const;
    return this.#append({ ...chosen, reason: 'It was chosen.' });
  }

  /** Versions whose files are still there. */
  async kept(): Promise<ReadonlySet<number>> {
    const names = await readdir(join(this.folder, 'versions')).catch(() => []);
    return new Set(names.map(Number));
  }

  /** Removes the files of old versions; the journal keeps their lines. */
  async prune(most: number): Promise<void> {
    const versions = [...(await this.kept())].filter(Number.isInteger).sort((a, b) => b - a);
    const { current } = this;
    for (const version of versions.slice(most))
      if (version !== current?.version) await rm(this.place(version), { recursive: true, force: true });
  }

  /** First what is true, then what follows from it: after a crash in between, the journal is opened and it is done. */
  async #append(one: VersionRow): Promise<VersionRow> {
    // A line that a crash tore is ended first.
    const path = join(this.folder, journalName);
    const text = await readFile(path, 'utf8').catch(() => '');
    const start = text === '' || text.endsWith('\n') ? '' : '\n';
    await appendTo(path, Buffer.from(`${start}${JSON.stringify(one)}\n`));
    this.#rows.push(one);
    if (one.isTaken) await this.#publish(one.version);
    return one;
  }

  /** Report first: who sees the new classifier finds its report, too. */
  async #publish(version: number): Promise<void> {
    for (const name of [reportName, fileName])
      await writeWhole(join(this.folder, name), await readFile(join(this.place(version), name)));
  }
}

/**
 * The versions of a classifier, as its journal has them; `isKept` where the files are still there.
 * @throws CarafeError NOT_FOUND where `watch` has written none there
 */
export async function versions(folder: string): Promise<VersionsResult['versions']> {
  const journal = await Journal.written(folder);
  const kept = await journal.kept();
  const trained = journal.rows.filter(({ event }) => event === 'trained');
  return trained.map((one) => ({
    ...one,
    isKept: kept.has(one.version),
    isCurrent: one.version === journal.current?.version,
  }));
}

/**
 * Lets another version of a classifier answer, an earlier one or one that was refused.
 * @throws CarafeError NOT_FOUND, UNWRITABLE
 */
export async function chooseVersion(folder: string, version: number): Promise<VersionRow> {
  return (await Journal.written(folder)).choose(version);
}

/** A line that is whole; a torn one is none. */
function rowOf(line: string): VersionRow[] {
  try {
    return [versionRow.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

async function sha256Of(file: string): Promise<string | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
