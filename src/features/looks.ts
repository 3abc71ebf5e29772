/** Extracts the features of all photos, as the mean over the looks of a preprocessing. */

import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError } from '../errors.ts';
import { singleLooks } from '../images/framing.ts';
import { message } from '../message.ts';
import { derived, type Rows, rowsAt } from '../numerics/rows.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { extractFeatures } from './extract.ts';
import type { Extraction, ExtractionOptions, ExtractionPlatform } from './extraction.ts';
import type { Inputs } from './mapTable.ts';

/**
 * As `extractFeatures`; where the preprocessing has several looks, features are their mean. Each look is kept in the store
 * by itself, so that another number of looks, or a framing that is a look elsewhere, costs only what is new. Maps are
 * those of the first look.
 * @throws CarafeError ALL_IMAGES_FAILED, INTERRUPTED, IMAGE where a photo changed between two looks
 */
export async function extractLooks(
  items: readonly ImageItem[],
  backbone: Backbone,
  platform: ExtractionPlatform,
  options: ExtractionOptions = {},
): Promise<Extraction> {
  const [first, ...others] = singleLooks(backbone.preprocessing);
  const looks = others.length + 1;
  const through = (number: number): ExtractionOptions['progress'] =>
    options.progress &&
    (({ done, total, ...counts }) =>
      options.progress?.({ ...counts, done: done + number * total, total: looks * total }));
  const extraction = await extractFeatures(items, { ...backbone, preprocessing: first }, platform, {
    ...options,
    progress: through(0),
  });
  if (looks === 1) return extraction;
  const seen = [extraction];
  for (const [k, preprocessing] of others.entries())
    seen.push(
      await extractAgain(extraction, { ...backbone, preprocessing }, platform, {
        ...{ ...options, needs: { depths: options.needs?.depths }, onWarning: undefined },
        progress: through(k + 1),
      }),
    );
  return {
    ...extraction,
    features: meanOf(seen.map(({ features }) => features)),
    representations: meanRepresentations(seen),
    cached: sumOf(seen.map(({ cached }) => cached)),
    computed: sumOf(seen.map(({ computed }) => computed)),
  };
}

/**
 * The photos of an extraction through another preprocessing or network, row by row the same.
 * @throws CarafeError UNREADABLE where one of them cannot be used any more
 */
export async function extractAgain(
  { items }: Pick<Extraction, 'items'>,
  backbone: Backbone,
  platform: ExtractionPlatform,
  options: ExtractionOptions,
): Promise<Extraction> {
  const again = await extractLooks(items, backbone, platform, options);
  const [lost] = again.failed;
  if (!lost && again.items.every((item, row) => item.file === items[row].file)) return again;
  throw new CarafeError(
    'UNREADABLE',
    lost
      ? message`${lost.path} could be read a moment ago and cannot be read now: ${lost}.`
      : 'Some photos changed while they were read.',
    'Let nothing change the photos while Carafe reads them, and start it again.',
  );
}

/** Each representation is the mean of what the looks have of it: what each divides by its length is divided before. */
function meanRepresentations(seen: readonly Extraction[]): Extraction['representations'] {
  const [{ representations }] = seen;
  const means = Array.from(representations ?? [], ([name, own]): [string, Inputs] => {
    const looks = seen.map((look) => look.representations?.get(name)?.features ?? own.features);
    return [name, { ...own, features: meanOf(looks) }];
  });
  return representations && new Map(means);
}

function meanOf(looks: readonly Rows[]): Rows {
  const [{ columns }] = looks;
  const share = 1 / looks.length;
  return derived(looks, columns, (from, target) => {
    target.fill(0);
    for (const look of looks) {
      const data = rowsAt(look, from, target.length / columns);
      for (let at = 0; at < data.length; at++) target[at] += share * data[at];
    }
  });
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
