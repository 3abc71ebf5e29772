/** Photos that could not be read, by reason. */

import type { TrainResult } from '../results/trainResult.ts';
import { plural } from './show.ts';
import { paint, safe } from './terminal.ts';

/** Many failures are summed up by reason, with three examples each. */
export function failuresText(failed: TrainResult['images']['failed']): string {
  const byReason = new Map<string, (typeof failed)[number][]>();
  for (const photo of failed) byReason.set(photo.reason, [...(byReason.get(photo.reason) ?? []), photo]);
  return [...byReason]
    .map(([reason, photos]) => {
      const examples = photos.slice(0, 3).map(({ path }) => safe(path));
      const more = photos.length > 3 ? `, and ${photos.length - 3} more` : '';
      return `  ${paint('yellow', plural(photos.length, 'photo'))}: ${safe(reason)} ${examples.join(', ')}${more}\n`;
    })
    .join('');
}
