/** WebDataset: photos and their labels in tars, side by side under one name: `0001.jpg`, `0001.cls`. */

import { open, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { fileReason } from '../runtime/files.node.ts';
import { isImageName } from './imageNames.ts';
import { compare, type ImageItem, type ImageSet, imageSet } from './imageSet.ts';
import { readTar, type TarEntry } from './tarHeaders.node.ts';
import { tarAddress } from './tarMember.ts';
import { statOrUndefined, type Walked } from './walk.node.ts';

/** A label in a file of more than this is none. */
const mostLabelBytes = 2 ** 16;
/** A text of more letters, or of several lines, is a description, not a label. */
const mostLabelLetters = 200;

/** The tars that a source names: one, a range such as `train-{000..063}.tar`, a pattern, or a folder that holds tars, and neither photos nor folders. */
export async function tarsOf(source: string): Promise<string[] | undefined> {
  const info = await statOrUndefined(source);
  if (info?.isDirectory()) {
    const entries = await readdir(source, { withFileTypes: true }).catch(() => []);
    const isOther = entries.some((entry) => entry.isDirectory() || isImageName(entry.name));
    const tars = entries.map(({ name }) => name).filter(isTarName);
    const compressed = entries.find(({ name }) => isCompressed(name));
    if (compressed && !isOther) throw refused(join(source, compressed.name));
    return tars.length > 0 && !isOther ? tars.sort(compare).map((name) => join(source, name)) : undefined;
  }
  if (isCompressed(source)) throw refused(source);
  if (!isTarName(source)) return undefined;
  if (info) return [source];
  const [range, low, high] = /\{(\d{1,9})\.\.(\d{1,9})\}/.exec(source) ?? [];
  if (range === undefined) {
    const found = isDynamicPattern(source)
      ? await glob(source.replaceAll('\\', '/'), { expandDirectories: false })
      : [];
    return found.length > 0 ? found.sort(compare) : undefined;
  }
  const numbers = Array.from({ length: Math.max(0, Number(high) - Number(low) + 1) }, (_, i) => Number(low) + i);
  const tars = numbers.map((number) => source.replace(range, `${number}`.padStart(low.length, '0')));
  const missing: string[] = [];
  for (const tar of tars) if (!(await statOrUndefined(tar))) missing.push(tar);
  if (missing.length === 0 && tars.length > 0) return tars;
  throw new CarafeError(
    'NOT_FOUND',
    `${missing.length.toLocaleString('en-US')} of the ${tars.length.toLocaleString('en-US')} tars of '${source}' are not there${missing.length > 0 ? `, such as ${missing[0]}` : ''}.`,
    'Check the path and the range.',
  );
}

function isCompressed(name: string): boolean {
  return /\.(tar\.(gz|bz2|xz|zst|lz4)|tgz|tbz2|txz)$/i.test(name);
}

function refused(tar: string): CarafeError {
  return new CarafeError(
    'USAGE',
    `${tar} is compressed, so photos cannot be read from where they lie in it.`,
    'Unpack it once to a plain .tar, such as by gunzip: photos are compressed themselves, so it hardly grows.',
  );
}

function isTarName(name: string): boolean {
  return /\.tar$/i.test(name);
}

interface Sample {
  readonly tar: string;
  readonly photo: TarEntry;
  readonly labels: readonly string[] | undefined;
}

/**
 * The photos in tars. A sample is what has the same name up to the first dot; its label is its `.cls`, else the `label`, `labels`, `class` or
 * `cls` of its `.json`, else its `.txt`. Where no sample has one, folders in the tars are classes.
 * @param ofPaths the set that photos make by their names
 * @throws CarafeError NO_IMAGES, BAD_LIST, UNREADABLE
 */
export async function findInTars(
  source: string,
  tars: readonly string[],
  ofPaths: (walked: Walked, fileOf: (path: string) => string) => Promise<ImageSet>,
): Promise<ImageSet> {
  const notes: string[] = [];
  const samples: Sample[] = [];
  let strange = 0;
  for (const tar of tars) {
    const { entries, broken } = await readTar(tar).catch((error: unknown) => {
      throw new CarafeError('UNREADABLE', `${tar} cannot be read: ${fileReason(error)}`, 'Check the file.', {
        cause: error,
      });
    });
    if (broken !== undefined)
      notes.push(
        `${tar}: ${broken}. The ${counted(entries.length, 'file')} before that ${entries.length === 1 ? 'is' : 'are'} used.`,
      );
    const inside = entries.map((entry) => ({ ...entry, name: entry.name.replace(/^(\.\/)+/, '') }));
    const sound = inside.filter(({ name }) => isSound(name));
    strange += inside.length - sound.length;
    for (const sample of await samplesOf(tar, sound)) samples.push(sample);
  }
  if (strange > 0)
    notes.push(`Not used: ${counted(strange, 'file')} with a name that leads out of the tar, or is hidden.`);
  if (samples.length === 0)
    throw new CarafeError(
      'NO_IMAGES',
      `'${source}' contains no photos in ${tars.length === 1 ? 'its tar' : `its ${tars.length} tars`}.${notes.length > 0 ? ` ${notes[0]}` : ''}`,
      'A tar holds photos and labels side by side: 0001.jpg and 0001.cls.',
    );
  const labelled = samples.filter(({ labels }) => labels !== undefined);
  if (labelled.length === 0) return byFolders(samples, notes, ofPaths);
  if (labelled.length < samples.length)
    notes.push(`Not used: ${counted(samples.length - labelled.length, 'photo')} without a label beside it.`);
  const items = labelled.map(
    ({ tar, photo, labels = [] }): ImageItem => ({
      path: `${basename(tar)}/${photo.name}`,
      file: tarAddress({ tar: resolve(tar), ...photo }),
      labels,
    }),
  );
  return imageSet(source, items, { notes });
}

async function byFolders(
  samples: readonly Sample[],
  notes: readonly string[],
  ofPaths: (walked: Walked, fileOf: (path: string) => string) => Promise<ImageSet>,
): Promise<ImageSet> {
  const files = new Map<string, string>();
  const folders = new Set<string>();
  for (const { tar, photo } of samples) {
    const { name } = photo;
    if (files.has(name))
      throw new CarafeError(
        'BAD_LIST',
        `Two photos are called '${name}', one of them in ${tar}, and no photo has a label beside it.`,
        'Put the label of each photo beside it, as 0001.cls beside 0001.jpg, or give one tar.',
      );
    files.set(name, tarAddress({ tar: resolve(tar), ...photo }));
    for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) folders.add(name.slice(0, at));
  }
  const walked = { images: [...files.keys()].sort(compare), folders: [...folders].sort(compare), leftOut: [] };
  const set = await ofPaths(walked, (path) => files.get(path) ?? path);
  return { ...set, notes: [...notes, ...(set.notes ?? [])] };
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}

/** Whether a name stays inside its tar, and is not one of a system's own. */
function isSound(name: string): boolean {
  return !/[\\\0]/.test(name) && name.split('/').every((part) => part !== '' && !part.startsWith('.'));
}

/** Name up to the first dot of its last part, and what follows it. */
function keyOf(name: string): { readonly key: string; readonly extension: string } {
  const from = name.lastIndexOf('/') + 1;
  const dot = name.indexOf('.', from);
  return dot < 0
    ? { key: name, extension: '' }
    : { key: name.slice(0, dot), extension: name.slice(dot + 1).toLowerCase() };
}

async function samplesOf(tar: string, entries: readonly TarEntry[]): Promise<Sample[]> {
  const beside = new Map<string, Map<string, TarEntry>>();
  const photos: TarEntry[] = [];
  for (const entry of entries) {
    const { key, extension } = keyOf(entry.name);
    if (isImageName(entry.name)) photos.push(entry);
    else if (/(^|\.)(cls|json|txt)$/.test(extension)) {
      const found = beside.get(key) ?? new Map();
      beside.set(key, found.set(extension.split('.').at(-1) ?? '', entry));
    }
  }
  const file = await open(tar);
  try {
    const text = async ({ from, bytes }: TarEntry) => {
      if (bytes > mostLabelBytes) return undefined;
      const { buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, from);
      return buffer.toString('utf8').trim();
    };
    const samples: Sample[] = [];
    for (const photo of photos) {
      const found = beside.get(keyOf(photo.name).key);
      let labels: readonly string[] | undefined;
      for (const [kind, read] of kinds) {
        const entry = labels === undefined ? found?.get(kind) : undefined;
        const written = entry && (await text(entry));
        if (written !== undefined) labels = read(written);
      }
      samples.push({ tar, photo, labels });
    }
    return samples;
  } finally {
    await file.close();
  }
}

const label = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const described = z.looseObject({
  label: label.optional(),
  labels: z.array(label).optional(),
  class: label.optional(),
  cls: label.optional(),
});

/** How each kind of file says a label, the surest first. */
const kinds: readonly [string, (text: string) => readonly string[] | undefined][] = [
  ['cls', one],
  [
    'json',
    (text) => {
      try {
        const found = described.safeParse(JSON.parse(text)).data;
        const single = found?.label ?? found?.class ?? found?.cls;
        return found?.labels ?? (single === undefined ? undefined : one(single));
      } catch {
        return undefined;
      }
    },
  ],
  ['txt', one],
];

function one(text: string): readonly string[] | undefined {
  const isLabel = text !== '' && text.length <= mostLabelLetters && !/[\r\n]/.test(text);
  return isLabel ? [text] : undefined;
}
