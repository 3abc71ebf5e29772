/** Compares a new one-class classifier with a previous one. */

import type { Backbone } from '../backbone/backbone.ts';
import type { OneClassCard } from '../classifier/card.ts';
import type { PreviousClassifier } from '../classifier/previous.ts';
import { countTrained, learnedFrom } from '../classifier/trainedPhotos.ts';
import { crossValidateOneClass, type OneClassCrossValidated } from '../evaluation/crossValidateOneClass.ts';
import type { OneClassProblem } from '../evaluation/oneClassProblem.ts';
import { hasTokens, patchNeeds } from '../features/patchMaps.ts';
import type { OneClassContext } from '../heads/oneClass/oneClassHead.ts';
import { oneClassHeadNamed, settingsFor } from '../heads/oneClass/registry.ts';
import { compareOneClassFigures } from '../metrics/compareOneClass.ts';
import type { OneClassChanges } from '../results/oneClassResult.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { tooFewKnown } from './comparePrevious.ts';

/** A run that is compared with an earlier classifier. */
interface RunAfterPrevious {
  readonly backbone: Backbone;
  readonly problem: OneClassProblem;
  readonly items: readonly ImageItem[];
  /** SHA-256 of each photo. */
  readonly ids: readonly string[];
  readonly judged: Pick<OneClassCrossValidated<unknown>, 'scores' | 'thresholds'>;
  /** Photos that are judged. */
  readonly rows: Int32Array;
}

/**
 * What changed since an earlier one-class classifier. As with classes, it is not asked itself, since it may have learned from
 * the photos that are kept out: its head is trained again in this run's folds on the normal photos that it had, and gets its
 * threshold in the same way, for the same false-positive rate. Both are judged on the same photos, which neither had seen.
 */
export async function compareOneClass(
  { card, source }: PreviousClassifier<OneClassCard>,
  { backbone, problem, items, ids, judged, rows }: RunAfterPrevious,
  context: OneClassContext,
): Promise<OneClassChanges> {
  const { normal, fold, folds, groups, inputs } = problem;
  const knew = learnedFrom(card.training.photos);
  const known = Uint8Array.from(normal, (one, row) => Number(one === 1 && fold[row] >= 0 && knew(ids[row])));
  const had = known.reduce((sum, one) => sum + one, 0);
  const common = { previous: source, head: card.head.name, known: had };
  if (card.backbone.hash !== backbone.hash)
    return { ...common, notCompared: `it stands on another network, ${card.backbone.name}` };
  const few = tooFewKnown(had, countTrained(card.training.photos));
  if (few) return { ...common, notCompared: few };
  if (folds === 0) return { ...common, notCompared: 'the normal photos are all equal or nearly equal' };
  const head = oneClassHeadNamed(card.head.name);
  const needs = patchNeeds(head, backbone);
  if ((needs.maps || needs.spatial) && !inputs.maps)
    return { ...common, notCompared: 'its head reads feature maps, which were not computed' };

  const settings = settingsFor(head, hasTokens(backbone));
  const again = await crossValidateOneClass(head, settings, { ...problem, normal: known }, context);
  const isHeldOut = rows.every((row) => fold[row] < 0);
  const compared = compareOneClassFigures(judged, again, {
    ...{ normal, groups, rows, seed: context.seed },
    folds: isHeldOut ? undefined : folds,
  });
  const answer = ({ scores, thresholds }: typeof judged, row: number) =>
    scores[row] <= thresholds[row] ? 'normal' : 'abnormal';
  const flipped = Array.from(rows, (row) => ({ row, before: answer(again, row), after: answer(judged, row) }))
    .filter(({ before, after }) => before !== after)
    .map(({ row, before, after }) => ({
      ...{ path: items[row].path, labels: [...items[row].labels], before: [before], after: [after] },
      became: (after === 'normal') === (normal[row] === 1) ? ('right' as const) : ('wrong' as const),
    }));
  return { ...common, compared: { photos: rows.length, ...compared, flipped } };
}
