/** Limits on the size of a photo. */

/** How large a photo may be that is read. */
export interface Limits {
  /** Of the file; a larger one is refused before it is read. */
  readonly maxBytes: number;
  /** Width times height; a larger photo is refused before it is decoded. */
  readonly maxPixels: number;
}

/** 512 MB, and 16,383 x 16,383 pixels, which is sharp's own limit; the largest phone photos have 200 million. */
export const usualLimits: Limits = { maxBytes: 512e6, maxPixels: 0x3fff ** 2 };
