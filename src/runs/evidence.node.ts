/** The photos that a classifier learned from which are most like others: the evidence for its answers. */

import { readClassifierFile } from '../classifier/file.ts';
import { ownBackbone } from '../classifier/ownBackbone.ts';
import { extractLooks } from '../features/looks.ts';
import { rowsAt } from '../numerics/rows.ts';
import { averageOf, nearestTo } from '../numerics/similarity.ts';
import type { DetectResult, PredictResult } from '../results/predictResult.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { learnedPhotos } from './learnedPhotos.ts';
import type { TrainPlatform } from './options.ts';
import { withPlatform } from './platform.node.ts';

/** Photos that are shown for each answer. */
const shown = 3;

type Answers = PredictResult | DetectResult;
type Photo = Pick<ImageItem, 'path' | 'file'>;

/**
 * The same answers, each with the most similar of the photos that the classifier learned from, as far as the cache knows
 * where they are and they are unchanged. A photo is no evidence for itself.
 * @param photos where the photos of the answers lie, in their order
 * @throws CarafeError NOT_FOUND where the classifier was not opened from a file
 */
export function withEvidence<Result extends Answers>(
  result: Result,
  photos: readonly Photo[],
  options: { readonly threads: number; readonly signal?: AbortSignal | undefined },
): Promise<Result> {
  return withPlatform(result.classifier, options, (platform) => evidenceOn(result, photos, platform, options));
}

async function evidenceOn<Result extends Answers>(
  result: Result,
  photos: readonly Photo[],
  platform: TrainPlatform,
  { threads, signal }: { readonly threads: number; readonly signal?: AbortSignal | undefined },
): Promise<Result> {
  const { file, bytes } = await platform.readClassifier(result.classifier, `\`why\`: ${result.classifier}`);
  const { model, card } = readClassifierFile(bytes, file, (any) => any);
  const { folder, items } = await learnedPhotos(card, platform);
  const learned = { folder, photos: items.length };
  const asked = photos.filter((_, place) => !('code' in result.predictions[place]));
  if (items.length === 0 || asked.length === 0) return { ...result, learned };
  const backbone = ownBackbone({ model, card });
  const extract = (some: readonly ImageItem[]) => extractLooks(some, backbone, platform, { threads, signal });
  const known = await extract(items);
  const own = await extract(asked.map(({ path, file }) => ({ path, file, labels: [] })));
  const { columns } = known.features;
  const average = averageOf(known.features, columns);
  const evidence = new Map(
    own.items.map(({ file }, row) => {
      const vector = rowsAt(own.features, row, 1);
      // One more, since the photo itself may be among them.
      const near = nearestTo(vector, average, known.features, shown + 1)
        .filter((one) => known.photos[one.row].sha256 !== own.photos[row].sha256)
        .slice(0, shown);
      return [file, near.map((one) => ({ path: known.items[one.row].file, similarity: one.similarity }))];
    }),
  );
  const predictions = result.predictions.map((prediction, place) => {
    const near = evidence.get(photos[place].file);
    return 'code' in prediction || !near ? prediction : { ...prediction, evidence: near };
  });
  return { ...result, predictions, learned };
}
