/** What results say, in the page's language. */

import type { PhotoProblem } from '../doctor/photoProblems.ts';
import type { Kind, Shortcut } from '../doctor/shortcut.ts';
import { fill, type MessageValue } from '../message.ts';
import type { FailedImage } from '../results/images.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import type { TrainResult } from '../results/trainResult.ts';
import { number, translation } from './texts.ts';

/** An error's sentence or a stage. */
export function messageWords(said: MessageValue): string {
  if (typeof said === 'number') return number(said);
  if (typeof said === 'string') return said;
  if ('reason' in said) return failureWords(said);
  return fill(translation.value?.messages[said.template] ?? said.template, said.values.map(messageWords));
}

/** Why a photo cannot be used. */
export function failureWords({ code, reason }: Pick<FailedImage, 'code' | 'reason'>): string {
  const failures: Readonly<Record<string, string>> = translation.value?.failures ?? {};
  return failures[code] ?? reason;
}

export function verdictWords(result: TrainResult | OneClassResult): string {
  return translation.value?.sentences.verdict?.(result) ?? result.verdict.sentence;
}

/** @param failed photos that cannot be used */
export function problemWords(problem: PhotoProblem, failed: readonly FailedImage[]): string {
  const failure = failed.find(({ path }) => path === problem.path);
  return translation.value?.sentences.problem?.(problem, failure ? failureWords(failure) : '') ?? problem.sentence;
}

export function shortcutWords(shortcut: Shortcut, kind: Kind): string {
  return translation.value?.sentences.shortcut?.(shortcut, kind) ?? shortcut.sentence;
}
