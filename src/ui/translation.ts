/** All that a page says in a language other than English. */

import type { PhotoProblem } from '../doctor/photoProblems.ts';
import type { Kind, Shortcut } from '../doctor/shortcut.ts';
import type { ImageFailureCode } from '../errors.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import type { TrainResult } from '../results/trainResult.ts';

/** A text; where it depends on a number, its forms for one and for others. `{name}` is replaced by what is given. */
export type Text = string | readonly [one: string, other: string];

export type Table = Readonly<Record<string, Text>>;

/** A table in another language. Without one of the texts it does not compile. */
export type Translated<English extends Table> = {
  readonly [Name in keyof English]: English[Name] extends string ? string : Text;
};

/** Sentences that results have in English; other languages make them from the results' data. */
export interface Sentences {
  readonly verdict: (result: TrainResult | OneClassResult) => string;
  /** @param failure why the photo cannot be used, where that is the problem, in words */
  readonly problem: (problem: PhotoProblem, failure: string) => string;
  readonly shortcut: (shortcut: Shortcut, kind: Kind) => string;
}

export interface Translation {
  /** Tables of texts, by the names that `texts` gave them. */
  readonly tables: Readonly<Record<string, Table>>;
  /** Errors and stages, by their English templates. */
  readonly messages: Readonly<Record<string, string>>;
  /** Why a photo cannot be used. */
  readonly failures: Readonly<Record<ImageFailureCode, string>>;
  /** Those of results that the page shows. */
  readonly sentences: Partial<Sentences>;
}
