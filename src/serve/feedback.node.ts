/** Photos that come back with the right label, and a sample of unknown ones: folders that `train` reads. */

import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeAside } from '../images/decodeAside.node.ts';
import { fileKind, type ReadableFormat } from '../images/formats/fileKind.ts';
import type { Limits } from '../images/limits.ts';
import { appendTo, ensureFolder, makeFolder, writeWhole } from '../runtime/files.node.ts';
import { Problem } from './problem.ts';

/** Photos that a folder takes, so that no client fills the disk. */
const mostPhotos = 100_000;
/** Unknown photos that are kept at most. */
const mostUnknown = 1000;

const endings: Readonly<Partial<Record<ReadableFormat, string>>> = {
  JPEG: 'jpg',
  TIFF: 'tif',
  Targa: 'tga',
  Netpbm: 'ppm',
};

/** A photo's SHA-256, and a file name by it: no name that a client chose comes to the disk. */
function named(bytes: Uint8Array): { readonly sha256: string; readonly name: string } {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const format = fileKind(bytes);
  return { sha256, name: `${sha256.slice(0, 16)}.${endings[format] ?? format.toLowerCase()}` };
}

/** What is small enough to see that a photo can be read. */
const look = { resize: { rule: 'longest-edge', size: 64 }, kernel: 'bilinear' } as const;

/** Where photos with their right labels go. */
export class Feedback {
  readonly #folder: string;
  readonly #limits: Limits;
  #count: number;
  /** Photos are filed one after the other: else one that comes twice at once would lie under two labels. */
  #filing: Promise<void> = Promise.resolve();

  private constructor(folder: string, limits: Limits, count: number) {
    this.#folder = folder;
    this.#limits = limits;
    this.#count = count;
  }

  /** @throws CarafeError UNWRITABLE */
  static async open(folder: string, limits: Limits): Promise<Feedback> {
    await ensureFolder(folder);
    const names = await readdir(folder, { recursive: true });
    return new Feedback(folder, limits, names.length);
  }

  /**
   * Keeps a photo under its label: in a folder a class, or with several labels in `photos/`, with a row in `labels.jsonl`.
   * The same photo again replaces what was said before.
   * @param known labels of the classifier
   * @param isSeveral whether a photo may have several labels, or none
   * @returns the photo's SHA-256
   * @throws Problem NOT_ANSWERABLE; ImageError where it is no photo; CarafeError UNWRITABLE
   */
  async add(bytes: Uint8Array, labels: readonly string[], isSeveral: boolean): Promise<string> {
    if (!isSeveral && labels.length !== 1)
      throw new Problem('BAD_REQUEST', 'A photo has one label here.', 'Send the field label once.');
    for (const label of labels) requireName(label);
    if (this.#count >= mostPhotos)
      throw new Problem('NOT_ANSWERABLE', 'The folder for feedback is full.', 'Its owner must empty it.');
    await decodeAside(bytes, look, this.#limits);
    const { sha256, name } = named(bytes);
    const filed = this.#filing.then(() => this.#file(bytes, name, labels, isSeveral));
    this.#filing = filed.catch(() => {});
    await filed;
    return sha256;
  }

  async #file(bytes: Uint8Array, name: string, labels: readonly string[], isSeveral: boolean): Promise<void> {
    if (isSeveral) {
      makeFolder(join(this.#folder, 'photos'));
      await writeWhole(join(this.#folder, 'photos', name), bytes);
      const row = `${JSON.stringify({ path: `photos/${name}`, labels })}\n`;
      await appendTo(join(this.#folder, 'labels.jsonl'), Buffer.from(row));
    } else {
      await this.#forget(name);
      makeFolder(join(this.#folder, labels[0]));
      await writeWhole(join(this.#folder, labels[0], name), bytes);
    }
    this.#count++;
  }

  /** Takes the photo away from where it lay under another label. */
  async #forget(name: string): Promise<void> {
    const entries = await readdir(this.#folder, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory());
    await Promise.all(folders.map((folder) => rm(join(this.#folder, folder.name, name), { force: true })));
  }
}

/** File systems take 255 bytes. */
const mostLabelBytes = 200;

/** A label becomes the name of a folder. @throws Problem NOT_ANSWERABLE */
function requireName(label: string): void {
  const isPlain =
    label.length <= 100 &&
    Buffer.byteLength(label) <= mostLabelBytes &&
    /^[\p{L}\p{N}]/u.test(label) &&
    !/[/\\:*?"<>|\p{Cc}\p{Cf}]/u.test(label) &&
    !/[. ]$/.test(label);
  if (isPlain) return;
  throw new Problem(
    'NOT_ANSWERABLE',
    'This label cannot be the name of a folder.',
    'Begin it with a letter or a digit, leave out / \\ : * ? " < > |, and take at most 100 characters.',
  );
}

/**
 * A fair sample of the photos that were called unknown: those with the smallest hashes. Which photos these are does not depend on
 * when they came, how often, or how often the service was started since.
 */
export class UnknownSample {
  readonly #folder: string;
  /** File names by hash, ascending. */
  readonly #kept: string[];
  readonly #most: number;

  private constructor(folder: string, kept: string[], most: number) {
    this.#folder = folder;
    this.#kept = kept;
    this.#most = most;
  }

  /** @param most photos that are kept @throws CarafeError UNWRITABLE */
  static async open(folder: string, most = mostUnknown): Promise<UnknownSample> {
    await ensureFolder(folder);
    const names = await readdir(folder);
    const kept = names.filter((name) => /^[0-9a-f]{16}\.\w+$/.test(name)).sort();
    return new UnknownSample(folder, kept, most);
  }

  /** Keeps the photo, or not. @throws CarafeError UNWRITABLE */
  async offer(bytes: Uint8Array): Promise<void> {
    const { name } = named(bytes);
    const place = this.#kept.findIndex((kept) => kept >= name);
    if (this.#kept[place] === name || (place < 0 && this.#kept.length >= this.#most)) return;
    this.#kept.splice(place < 0 ? this.#kept.length : place, 0, name);
    const left = this.#kept.splice(this.#most);
    await writeWhole(join(this.#folder, name), bytes);
    // Its own place may have gone to another meanwhile.
    const gone = this.#kept.includes(name) ? left : [...left, name];
    await Promise.all(gone.map((old) => rm(join(this.#folder, old), { force: true })));
  }
}
