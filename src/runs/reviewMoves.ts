/** Which files a review moves where. */

import { CarafeError } from '../errors.ts';
import type { Decision } from '../results/doctorResult.ts';
import type { ImageItem } from '../sets/imageSet.ts';

/** What no folder of a class may be called: other folders' places, and what some file system refuses. */
const badName = /^\.|[\\/:*?"<>|\p{Cc}]|[. ]$/u;

/**
 * From file to file: a photo moves from the folder of its class to that of its new one beside it; what is dropped moves into
 * `dropped` in the folder of the results, where it can be looked at, and deleted.
 * @throws CarafeError USAGE where photos do not lie in folders of their classes, or a class cannot be a folder
 */
export function movesOf(
  items: readonly ImageItem[],
  decided: ReadonlyMap<string, Decision>,
  source: string,
  out: string,
): { from: string; to: string }[] {
  return items.flatMap(({ path, file, labels: [label] }) => {
    const one = decided.get(path);
    if (!one || one.decision === 'keep' || one.decision === 'unsure') return [];
    const parts = path.split('/');
    const place = parts.lastIndexOf(label ?? '', parts.length - 2);
    if (place < 0 || !file.replaceAll('\\', '/').endsWith(path))
      throw new CarafeError(
        'USAGE',
        `\`move\`: ${path} of ${source} does not lie in a folder named after its class.`,
        'Leave `move` out: a new list is written then, with the new labels.',
      );
    if (one.decision === 'drop') return [{ from: file, to: `${out}/dropped/${path}` }];
    if (badName.test(one.to) || one.to.length > 200)
      throw new CarafeError(
        'USAGE',
        `\`move\`: ${JSON.stringify(one.to)} cannot be the name of a folder.`,
        'Leave `move` out: a new list is written then, with the new labels.',
      );
    const target = parts.with(place, one.to).join('/');
    return [{ from: file, to: `${file.slice(0, file.length - path.length)}${target}` }];
  });
}
