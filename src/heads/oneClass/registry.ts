/** Every one-class head. */

import type { Backbone } from '../../backbone/backbone.ts';
import { embedded } from '../../backbone/embedded.ts';
import { CarafeError } from '../../errors.ts';
import { gaussian } from './gaussian.ts';
import { knn } from './knn.ts';
import type { OneClassHead } from './oneClassHead.ts';
import { padim } from './padim.ts';
import { patchcore } from './patchcore.ts';
import { subspace } from './subspace.ts';
import { svm } from './svm.ts';

/** A one-class head whose settings and fitted data are its own affair. */
export type AnyOneClassHead = OneClassHead<unknown, unknown>;

const byName = { patchcore, padim, gaussian, knn, svm };
const choices: Readonly<Record<string, AnyOneClassHead>> = byName;

/** What a user may name. */
export type OneClassHeadName = keyof typeof byName;

/** The heads that a user may choose, the usual one first. A new one is one file and one line here. */
export const oneClassChoices: readonly AnyOneClassHead[] = Object.values(choices);

/** @throws CarafeError USAGE where there is no such head */
export function requireOneClassHeadName(name: string): OneClassHeadName {
  return oneClassHeadNamed(name).name as OneClassHeadName;
}

/**
 * Every one-class head, for benches and the conformance suite; `subspace` is what tells unknown photos, in every classifier.
 * @internal
 */
export const oneClassHeads: readonly AnyOneClassHead[] = [...oneClassChoices, subspace];

/**
 * The head that is best by measurement with a network, where none is named: with the small network that comes with the
 * package one Gaussian a place, elsewhere the nearest of a bank of patches (`bench/oneClassHead.mjs`).
 */
export function usualOneClassHead(backbone: Pick<Backbone, 'name' | 'isExtracted'>): AnyOneClassHead {
  // Patches are nowhere but in the photos.
  if (backbone.isExtracted) return gaussian;
  return backbone.name === embedded.name ? padim : patchcore;
}

/** A head of a quite different kind, to try if this one catches little. */
export function otherOneClassHead(name: string): string {
  return name === gaussian.name ? patchcore.name : gaussian.name;
}

/** A head's settings; patches of token networks are compared as AnomalyDINO does: all their numbers, the top 1%. */
export function settingsFor(head: AnyOneClassHead, tokens: boolean): unknown {
  if (head !== patchcore || !tokens) return head.defaults;
  return { ...patchcore.defaults, dims: 0, top: 0.01, neighbours: 0, tokens: true };
}

/** @throws CarafeError USAGE where there is no such head */
export function oneClassHeadNamed(name: string): AnyOneClassHead {
  const head = Object.hasOwn(choices, name) ? choices[name] : undefined;
  if (head) return head;
  const names = oneClassChoices.map((each) => each.name).join(', ');
  throw new CarafeError(
    'USAGE',
    `\`head: '${name}'\` is not a one-class head.`,
    `With \`trainOneClass\` choose one of ${names}.`,
  );
}
