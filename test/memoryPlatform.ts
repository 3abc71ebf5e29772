import type { Backbone } from '../src/backbone/backbone.ts';
import { memoryStore } from '../src/features/memoryStore.ts';
import { mapCuts } from '../src/features/network.ts';
import type { FeatureStore, MapRecord } from '../src/features/store.ts';
import type { WorkerPool } from '../src/features/workerPool.ts';
import { prepare } from '../src/images/prepare.node.ts';
import type { Preprocessing } from '../src/images/preprocessing.ts';
import { toFloat16 } from '../src/numerics/float16.ts';
import { Random } from '../src/numerics/random.ts';
import type { OneClassOptions, OneClassPlatform, TrainOptions } from '../src/runs/options.ts';
import type { StudyPlatform } from '../src/runs/study.ts';
import { train } from '../src/runs/train.ts';
import { trainOneClass } from '../src/runs/trainOneClass.ts';
import { openSession } from '../src/runtime/platform.node.ts';
import { type GivenSplit, type ImageItem, imageSet } from '../src/sets/imageSet.ts';
import { perform } from '../src/study/task.ts';
import { lookOf, sha } from './features/fakePlatform.ts';
import { tinyBackbone } from './features/tinyBackbone.ts';

/** A photo that is no file: what the network would see in it is given. */
export interface MemoryPhoto {
  readonly path: string;
  readonly labels: readonly string[];
  /** [width of the network] */
  readonly features: Float32Array;
  /** The same where the whole photo is squashed; as cropped unless told. */
  readonly squashed?: Float32Array;
  readonly group?: string;
  readonly split?: GivenSplit;
  /** Stands for the file's bytes: photos with equal content are equal. The path unless told. */
  readonly content?: string;
}

export interface MemoryPlatform extends StudyPlatform, OneClassPlatform {
  /** What was written, by path; `read` gives it back. */
  readonly written: Map<string, Uint8Array | string>;
  /** `PATH` for each photo and `PATH in view N` for each view for which the network was run. */
  readonly computed: string[];
}

/**
 * A place to train in that is all memory: photos are their features, and the network is a tiny one, which real sessions
 * run where the classifier's file is made and proven. So the way of `train` is gone in a second, in this process.
 * @param photos may be changed between runs, for another set on the same store
 */
export function memoryPlatform(
  photos: readonly MemoryPhoto[],
  { store = memoryStore(), backbone = tinyBackbone({ width: photos[0].features.length }) }: MemoryOptions = {},
): MemoryPlatform {
  const byPath = new Map(photos.map((photo) => [photo.path, photo]));
  const written = new Map<string, Uint8Array | string>();
  const computed: string[] = [];
  const photoAt = (path: string): MemoryPhoto => {
    const photo = byPath.get(path);
    if (!photo) throw new TypeError(`${path} is no photo`);
    return photo;
  };
  const write = async (path: string, content: Uint8Array | string) => void written.set(path, content);
  const set = (source: string) => imageSet(source, photos.map(itemOf));
  return {
    store,
    written,
    computed,
    computer: { decoder: 'memory', runtime: 'memory', device: 'cpu' },
    sha256: sha,
    stamp: (path) => sha(contentOf(photoAt(path))),
    openWorkers: ({ preprocessing }, needs) =>
      drawingPool(photoAt, preprocessing, [...mapCuts(backbone, needs).keys()], computed),
    makeThumbnail: async () => Uint8Array.of(82, 73, 70, 70),
    openSession,
    cores: 1,
    findImageSet: async (source) => set(source),
    resolveBackbone: async () => backbone,
    prepare,
    ensureFolder: async () => {},
    readClassifier: async (path) => {
      const content = written.get(path);
      if (!(content instanceof Uint8Array)) throw new TypeError(`${path} was not written`);
      return { file: path, bytes: content };
    },
    write,
    append: (path, content) => {
      const before = written.get(path);
      if (!(before instanceof Uint8Array)) throw new TypeError(`${path} was not written`);
      return write(path, Buffer.concat([before, content]));
    },
    photograph: async () => Uint8Array.of(82, 73, 70, 70),
    openMeasurers: (_, seed, signal) => ({
      measure: (task) => perform(task, { openSession, threads: 1, seed, signal }),
      close: async () => {},
    }),
  };
}

export interface MemoryOptions {
  readonly store?: FeatureStore;
  readonly backbone?: Backbone;
}

/** One framing, so that each photo is looked at once. */
const usual = {
  out: 'out',
  framing: 'crop' as const,
  balance: false,
  refit: false,
  falsePositiveRate: 0.01,
  threads: 1,
};

/** `train` on photos in memory; `files` of what comes out are in `platform.written`. */
export function trainInMemory(platform: MemoryPlatform, options: Partial<TrainOptions> = {}) {
  return train('photos', { ...usual, ...options }, platform);
}

/** `trainOneClass` on photos in memory. */
export function trainOneClassInMemory(platform: MemoryPlatform, options: Partial<OneClassOptions> = {}) {
  return trainOneClass(
    'photos',
    { out: 'out', falsePositiveRate: 0.01, threads: 1, head: 'gaussian', ...options },
    platform,
  );
}

export interface DrawOptions {
  readonly classes?: readonly string[];
  readonly width?: number;
  /** How far apart the classes lie, in standard deviations of their photos in each dimension. */
  readonly apart?: number;
  readonly seed?: string;
}

/** Photos of classes that are overlapping clouds, in turn one of each; no two of them are nearly equal. */
export function drawnPhotos(
  count: number,
  { classes = ['a', 'b', 'c'], width = 12, apart = 1, seed = 'photos' }: DrawOptions = {},
): MemoryPhoto[] {
  const centres = new Map(classes.map((label) => [label, normals(`centre of ${label}`, width)]));
  return Array.from({ length: count }, (_, i) => {
    const label = classes[i % classes.length];
    const centre = centres.get(label) ?? [];
    const noise = normals(`${seed} ${i}`, width);
    return {
      path: `${label}/${i}.jpg`,
      labels: [label],
      features: noise.map((value, d) => 2 + value + apart * centre[d]),
    };
  });
}

/** Each photo so many times, other files of nearly equal features; what they have in common is their group. */
export function copied(photos: readonly MemoryPhoto[], times: number): MemoryPhoto[] {
  return photos.flatMap((photo) =>
    Array.from({ length: times }, (_, copy) => ({
      ...photo,
      path: photo.path.replace('.jpg', ` copy ${copy}.jpg`),
      group: photo.group ?? photo.path,
    })),
  );
}

export function normals(seed: string, count: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => random.normal());
}

function contentOf({ content, path }: MemoryPhoto): string {
  return content ?? path;
}

function itemOf({ path, labels, group, split }: MemoryPhoto): ImageItem {
  return { path, file: path, labels, ...(group === undefined ? {} : { group }), ...(split ? { split } : {}) };
}

/** Views are the photo with a little noise of their own; maps have the first features in each of four places. */
function drawingPool(
  photoAt: (path: string) => MemoryPhoto,
  { resize, mirror }: Preprocessing,
  maps: readonly string[],
  computed: string[],
): WorkerPool {
  return {
    capacity: 1,
    async process(file, view, isWanted) {
      const photo = photoAt(file);
      const sha256 = sha(contentOf(photo));
      if (!(await isWanted(sha256))) return { kind: 'skipped', sha256 };
      const how = `${view ? ` in view ${view.number}` : ''}${resize.rule === 'squash' ? ' squashed' : ''}${mirror ? ' mirrored' : ''}`;
      computed.push(`${file}${how}`);
      const noise = view || mirror ? normals(`${sha256}${how}`, photo.features.length) : undefined;
      const seen = resize.rule === 'squash' ? (photo.squashed ?? photo.features) : photo.features;
      const features = seen.map((value, d) => value + (noise ? 0.3 * noise[d] : 0));
      const places = Float32Array.from({ length: 16 }, (_, at) => features[at % 4]);
      const map: MapRecord = { height: 2, width: 2, data: toFloat16(places) };
      return {
        kind: 'computed',
        sha256,
        features,
        maps: new Map(maps.map((name) => [name, map])),
        ...lookOf(sha256),
        width: 40,
        height: 30,
      };
    },
    close: async () => {},
  };
}
