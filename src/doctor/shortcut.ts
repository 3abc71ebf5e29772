/** A shortcut (spurious correlation), as a schema. */

import * as z from 'zod';
import type { PhotoFacts } from '../images/facts.ts';
import { interval } from '../metrics/evaluation.ts';

/** What tells the classes apart without a look at what the photos show. */
export const shortcuts = z.array(
  z.object({
    what: z.enum(['size', 'shape', 'format', 'quality', 'camera', 'brightness', 'colour', 'border', 'pattern', 'hour']),
    /** The class, label or kind that it separates from all others; absent where it separates the classes at large. */
    label: z.string().optional(),
    /** Of a classifier that knows this alone, cross-validated; groups are not divided. */
    accuracy: interval,
    /** Of always answering the commonest class. */
    baseline: z.number(),
    sentence: z.string(),
    /**
     * What is usual of two classes, labels or kinds (null: of all others): pixels as `120 x 90`, width by height, a format, a JPEG
     * quality, a camera, a share of white, `grey` or `in colour`, a border's colour, 1 with the mark, the hour it began; null without.
     */
    usual: z.array(z.object({ name: z.string().nullable(), value: z.union([z.string(), z.number()]).nullable() })),
    /** Two photos that show it, in the same order. */
    shownBy: z.array(z.string()),
  }),
);
export type Shortcuts = z.infer<typeof shortcuts>;
export type Shortcut = Shortcuts[number];

/** What is known of a photo besides what it shows. */
export interface AboutPhoto {
  readonly path: string;
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly shot?: { readonly camera: string; readonly time?: number } | undefined;
  readonly facts?: PhotoFacts | undefined;
  /** The whole photo as 32 x 32 grey cells. */
  readonly cells?: Uint8Array | undefined;
}

/** What the photos are: `classes` where each is one of them, `labels` where it may be several or none, `kinds` of normal or not. */
export type Kind = 'classes' | 'labels' | 'kinds';
