/** What there is to decide, photo by photo, from what the doctor found. */

import type { LabelError } from '../doctor/labelErrors.ts';
import type { DoctorResult } from '../results/doctorResult.ts';
import { problemWords } from '../ui/sentences.ts';

export type Kind = 'labels' | 'problems' | 'duplicates';

/** A photo to decide about. */
export interface Question {
  readonly path: string;
  readonly label: string;
  readonly kind: Kind;
  /** Why it is here, where it is not its label. */
  readonly why?: string;
  readonly error?: LabelError;
}

/** Label errors first, then photos that hurt, then copies that could be left out; each photo once. */
export function questionsOf({ labelErrors, problems, duplicates, images }: DoctorResult): Question[] {
  const all: Question[] = [
    ...(labelErrors?.photos ?? []).map((error): Question => ({ ...error, kind: 'labels', error })),
    ...problems.photos.map(
      (problem): Question => ({
        path: problem.path,
        label: problem.label ?? '',
        kind: 'problems',
        why: problemWords(problem, images.failed),
      }),
    ),
    ...duplicates.groups.flatMap(({ photos, conflict }) =>
      photos
        .filter(({ keep }) => conflict || !keep)
        .map(
          ({ path, label }): Question => ({
            path,
            label: label ?? '',
            kind: 'duplicates',
            why: photos
              .filter((other) => other.path !== path)
              .slice(0, 3)
              .map((other) => `= ${other.path}${other.label && other.label !== label ? ` (${other.label})` : ''}`)
              .join(', '),
          }),
        ),
    ),
  ];
  const seen = new Set<string>();
  return all.filter(({ path }) => !seen.has(path) && seen.add(path));
}
