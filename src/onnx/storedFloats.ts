/** Finds named constants of a graph again. */

import type { Graph } from './model.ts';

/** The float32 constants that were built with a stem (`GraphBuilder.floats`), in the order in which they were. */
export type StoredFloats = (stem: string) => { readonly dims: readonly number[]; readonly data: Float32Array }[];

/** Finds constants of a graph again by their stems, whatever the prefix of the builder that made them. */
export function storedFloats({ initializers }: Pick<Graph, 'initializers'>): StoredFloats {
  return (stem) =>
    initializers
      .filter(({ name, type }) => type === 'float32' && stemOf(name) === stem)
      .map(({ dims, bytes }) => ({ dims, data: new Float32Array(new Uint8Array(bytes).buffer) }));
}

function stemOf(name: string): string | undefined {
  return /([^/]*)_\d+$/.exec(name)?.[1];
}
