import type { Head } from './head.ts';
import { softmax } from './softmax.ts';
import { svm } from './svm.ts';
import { svmRbf } from './svmRbf.ts';

/** A head whose settings and fitted data are its own affair. */
export type AnyHead = Head<unknown, unknown>;

/** Every head, the simplest first. A new head is one file and one line here. */
export const heads: readonly AnyHead[] = [softmax, svm, svmRbf];
