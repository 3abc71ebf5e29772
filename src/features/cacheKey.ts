/** Everything a vector depends on, as one key. */

import type { Backbone } from '../backbone/backbone.ts';
import type { View } from '../images/view.ts';
import type { MapCut } from './network.ts';
import type { VectorSpace } from './store.ts';

/** What computes: its versions decide the last bits of a vector. */
export interface Computer {
  /** Name and version of what decodes and resizes photos. */
  readonly decoder: string;
  /** Name and version of the runtime. */
  readonly runtime: string;
  /** Execution provider. */
  readonly device: string;
}

/** Raise it when the way from pixels to vector changes in a way that nothing else in the key says. */
const pipelineVersion = 1;

/** What of a photo a space holds, besides the backbone's features of the photo itself. */
export interface SpaceOf {
  /** A distorted view instead of the photo. */
  readonly view?: View | undefined;
  /** A feature map instead of the features. */
  readonly map?: MapCut | undefined;
}

/**
 * The space of the vectors, or maps, that a backbone gives here. Together with the photo's SHA-256 it is a vector's key:
 * a renamed or copied photo is found again, and no vector of another model, preprocessing, cut, view, decoder, runtime
 * or execution provider ever is.
 */
export function vectorSpace(
  backbone: Backbone,
  computer: Computer,
  sha256: (text: string) => string,
  { view, map }: SpaceOf = {},
): VectorSpace {
  const description = canonicalJson({
    pipelineVersion,
    model: backbone.hash,
    cut: map ?? backbone.cut,
    width: map?.channels ?? backbone.network.width,
    preprocessing: backbone.preprocessing,
    // View 0 is the photo itself.
    view: view ?? 0,
    stored: map ? 'float16' : 'float32',
    ...computer,
  });
  return {
    id: sha256(description),
    description,
    backbone: { name: backbone.name, hash: backbone.hash },
    width: map?.channels ?? backbone.network.width,
  };
}

/** JSON in which the order of an object's keys does not matter: they are sorted by code units. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
