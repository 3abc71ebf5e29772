/** Photos with labels, as they were found; no photo has been read yet. */

/** The side of a split that the user has chosen for a photo. */
export type GivenSplit = 'train' | 'val' | 'test';

export interface ImageItem {
  /** As it is shown and written out: relative to the image set's folder, with `/`. */
  readonly path: string;
  /** What opens it: an absolute path in Node, a URL or a key in the browser. */
  readonly file: string;
  /** The class, verbatim; several only in a multi-label set. */
  readonly labels: readonly string[];
  /** Photos of one group are never divided by a split. */
  readonly group?: string;
  readonly split?: GivenSplit;
}

export interface ImageSet {
  /** The folder, or the list file, that the user named. */
  readonly source: string;
  /** In a fixed order: by class, then by path, compared by code units. */
  readonly items: readonly ImageItem[];
  /** Every label that occurs, sorted by code units; a class's index is its place here. */
  readonly classes: readonly string[];
}
