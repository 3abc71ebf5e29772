/** What the studio's page asks of what learns behind it: a local server, or a worker of the page. */

import * as z from 'zod';
import type { PlainError } from '../errors.ts';
import type { PhotoFailure } from '../features/workerPool.ts';
import type { Message } from '../message.ts';
import { compactType, type Difference, exportFormat } from '../results/exportResult.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import type { Pixels } from '../runtime/platform.ts';

/** A class, in the order in which the user made them. */
export const classEntry = z.object({
  name: z.string(),
  /** Whether its photos are learned from. */
  enabled: z.boolean(),
});
export type ClassEntry = z.infer<typeof classEntry>;

const label = z.string().min(1).max(200);
const paths = z.array(z.string().max(1000)).min(1).max(100_000);

/** A change that the user makes. */
export const edit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('make'), label }),
  z.object({ kind: z.literal('rename'), label, to: label }),
  z.object({ kind: z.literal('merge'), label, into: label }),
  z.object({ kind: z.literal('enable'), label, enabled: z.boolean() }),
  z.object({ kind: z.literal('remove'), label }),
  z.object({ kind: z.literal('move'), paths, to: label }),
  z.object({ kind: z.literal('label'), paths, label, on: z.boolean() }),
  z.object({ kind: z.literal('several'), several: z.boolean() }),
  z.object({ kind: z.literal('drop'), paths }),
]);
export type Edit = z.infer<typeof edit>;

/** What a change is called in the menu that takes it back. */
export type ChangeKind = Edit['kind'] | 'add';

/** A photo of the project. */
export interface StudioPhoto {
  /** Relative to the project's folder. */
  readonly path: string;
  /** One, unless a photo may have several. */
  readonly labels: readonly string[];
  /** Whether its features are computed. */
  readonly ready: boolean;
  /** Why it cannot be used. */
  readonly failure?: PhotoFailure | undefined;
}

/** What a long piece of work is doing; `share` from 0 to 1 where it is known. */
export interface Work {
  readonly stage: Message;
  readonly share?: number | undefined;
}

/** An error as it is shown. */
export type Problem = PlainError;

/** Photos of a class. */
export interface Photos {
  readonly photos: number;
  /** Photos of it that cannot be used. */
  readonly failed: number;
  /** Grows with each change of its photos. */
  readonly revision: number;
}

/** All that the page shows at once; photos and results are asked for. */
export interface StudioState {
  /** Whether a photo may have several labels, or none. */
  readonly several: boolean;
  /** Where the photos are kept, in words. */
  readonly place: string;
  readonly backbone: string;
  readonly classes: readonly (ClassEntry & Photos)[];
  /** Photos without a label, where there may be some. */
  readonly unlabelled?: Photos | undefined;
  /** Photos that are learned from. */
  readonly taken: number;
  /** Photos whose features are still to be computed. */
  readonly waiting: number;
  /** Whether a live answer can be given, and by what: grows with each fit. */
  readonly learned: number;
  /** How long the last fit took, in milliseconds. */
  readonly fitted?: number | undefined;
  /** Under way: honest results. */
  readonly measuring?: Work | undefined;
  /** Whether there are results, how many times there were, and whether photos changed since. */
  readonly measured?: { readonly number: number; readonly stale: boolean } | undefined;
  /**
   * The classifier that the project started from: its accuracy, or mean average precision where it gives several labels, and whether
   * the photos ask the same of it, so that it is compared with.
   */
  readonly earlier?: { readonly several: boolean; readonly figure: number; readonly fits: boolean } | undefined;
  readonly undo?: ChangeKind | undefined;
  readonly redo?: ChangeKind | undefined;
  /** What went wrong last, until something else is done. */
  readonly problem?: Problem | undefined;
}

/** A photo to be added. */
export interface NewPhoto {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A photo with its labels. */
export interface LabelledPhoto {
  readonly path: string;
  readonly labels: readonly string[];
}

/** What a list says of photos. */
export interface ListedPhotos {
  readonly photos: readonly LabelledPhoto[];
  /** Columns that the project does not keep. */
  readonly further: readonly string[];
}

/** A live answer. */
export interface Answer {
  /** Undefined where it is unknown to all classes, and where a photo may have several labels. */
  readonly label: string | undefined;
  /** The likeliest first; where a photo may have several labels, in their order, each with the probability from which on it is given. */
  readonly classes: readonly {
    readonly label: string;
    readonly probability: number;
    readonly threshold?: number | undefined;
  }[];
  readonly known: boolean;
  /** Where one class was learned, as normal: the photo's score, and the one above which it is abnormal. */
  readonly normal?: { readonly score: number; readonly threshold: number } | undefined;
  /** The most alike photos, the nearest first, with the cosine of their fingerprints. */
  readonly nearest: readonly {
    readonly path: string;
    readonly labels: readonly string[];
    readonly similarity: number;
  }[];
  /** How much each place speaks for the likeliest class (of one class: against it), 0 to 1, row by row. */
  readonly heatmap?: { readonly height: number; readonly width: number; readonly data: readonly number[] } | undefined;
  /** Which fit answered. */
  readonly learned: number;
}

/** What a file is asked for by. */
export const savedFiles = ['classifier.onnx', 'report.html', 'project.zip'] as const;
export type SavedFile = (typeof savedFiles)[number];

/** What a classifier is exported as. */
export const exportWanted = z.object({ format: exportFormat, weights: compactType.optional() });
export type ExportWanted = z.infer<typeof exportWanted>;

/** An export of the classifier that was measured last. It has passed the self-test. */
export interface StudioExport {
  /** What it is called; a folder is a zip. */
  readonly name: string;
  readonly content: Blob;
  /** Size of the classifier's own file, in bytes. */
  readonly classifierBytes: number;
  /** How far its answers are from those of the classifier, on photos of the project. */
  readonly compared: Difference;
  /** What is missing, and why. */
  readonly notes: readonly Message[];
}

/** What learns. Every method rejects with a CarafeError. */
export interface Engine {
  /** Calls the listener with the state now and after each change; gives what ends it. */
  watch(listener: (state: StudioState) => void): () => void;
  /** Photos of a class, the newest first; of none (`''`) those without a label. */
  photos(label: string): Promise<readonly StudioPhoto[]>;
  /**
   * Adds photos to a class, which is made where it is not there, or with any number of labels where a photo may have several. Gives
   * their paths.
   * @param batch photos that come one after the other under one name are taken back together
   */
  add(labels: readonly string[], photos: readonly NewPhoto[], batch?: string): Promise<readonly string[]>;
  /** What a list says of photos, whose paths are relative to it: a CSV, JSON or JSONL file. @throws CarafeError BAD_LIST, USAGE */
  list(file: NewPhoto): Promise<ListedPhotos>;
  edit(edit: Edit): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** Of a file, or of what a camera sees. Undefined where nothing is learned yet. */
  predict(photo: Blob | Pixels, options: { readonly heatmap: boolean }): Promise<Answer | undefined>;
  /** Trains and measures as the command does; resolves when it is done or cancelled. */
  measure(): Promise<void>;
  cancel(): Promise<void>;
  /** What `measure` found last. */
  results(): Promise<AnyTrainResult | OneClassResult | undefined>;
  /** The address of a photo, or of a small picture of it; one that begins with `blob:` is to be revoked. */
  picture(path: string, isSmall: boolean): Promise<string>;
  /** The address at which a phone on the same network reaches this project; undefined where none does. */
  phone(): Promise<string | undefined>;
  /** Makes the classes of an earlier classifier, which answers until there is something to learn from. */
  startFrom(classifier: NewPhoto): Promise<void>;
  /** Takes another network, from its .onnx and .json, or without files its own again; where the engine begins with it, that is said there. */
  readonly chooseNetwork?: (files: readonly NewPhoto[]) => Promise<void>;
  /** The file as the command writes it. @throws CarafeError NOT_FOUND before there are results */
  file(name: SavedFile): Promise<Blob>;
  /** @throws CarafeError UNSUPPORTED_MODEL, VERIFY_FAILED where it cannot be exported so; NOT_FOUND before there are results */
  export(wanted: ExportWanted): Promise<StudioExport>;
}
