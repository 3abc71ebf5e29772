/** Every head. */

import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError } from '../errors.ts';
import { conv } from './conv.ts';
import type { Head } from './head.ts';
import { knn } from './knn.ts';
import { mlp } from './mlp.ts';
import { prototype } from './prototype.ts';
import { sigmoid } from './sigmoid.ts';
import { softmax } from './softmax.ts';
import { svm } from './svm.ts';
import { svmRbf } from './svmRbf.ts';

/** A head whose settings and fitted data are its own affair. */
export type AnyHead = Head<unknown, unknown>;

const headsByName = { prototype, softmax, svm, knn, 'svm-rbf': svmRbf, mlp, conv } satisfies Readonly<
  Record<string, AnyHead>
>;
/** Multi-label heads: classes are independent in the loss, so a photo may have several or none. */
const labelHeadsByName = { sigmoid, svm } satisfies Readonly<Record<string, AnyHead>>;

/** What a user may name; `auto` compares them all. */
export type HeadName = keyof typeof headsByName | keyof typeof labelHeadsByName | 'auto';

/** Every head, the simplest first. A new head is one file and one line here. */
export const heads: readonly AnyHead[] = Object.values(headsByName);
export const labelHeads: readonly AnyHead[] = Object.values(labelHeadsByName);

/** @throws CarafeError USAGE if there is no such head for any task */
export function requireHeadName(name: string): HeadName {
  if (name !== 'auto' && !Object.hasOwn(labelHeadsByName, name)) headNamed(name);
  return name as HeadName;
}

/** @throws CarafeError USAGE if there is no such head */
export function headNamed(name: string): AnyHead {
  const head = own(headsByName, name);
  if (head) return head;
  throw new CarafeError('USAGE', `\`head: '${name}'\` is not a head.`, `Choose one of ${namesOf(heads)}.`);
}

/** @throws CarafeError USAGE if there is no such multi-label head */
export function labelHeadNamed(name: string): AnyHead {
  const head = own(labelHeadsByName, name);
  if (head) return head;
  throw new CarafeError(
    'USAGE',
    `\`head: '${name}'\`: photos that have several labels, or none, need a head that answers each label separately.`,
    `Choose one of ${namesOf(labelHeads)}.`,
  );
}

function own(all: Readonly<Record<string, AnyHead>>, name: string): AnyHead | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

function namesOf(some: readonly AnyHead[]): string {
  return some.map(({ name }) => name).join(', ');
}

/** @throws CarafeError USAGE if the head reads feature maps and the backbone has none */
export function requireNeeds({ name, needs }: AnyHead, backbone: Backbone): void {
  if (needs === 'pooled' || backbone.network.spatial) return;
  throw new CarafeError(
    'USAGE',
    `\`head: '${name}'\` reads a feature map, and ${backbone.name} has none at its cut.`,
    'Take a head that reads features, such as softmax, or another network.',
  );
}
