/** What to do next, in words of the page: the command's advice names its own flags. */

import { fewPhotos } from '../doctor/fewPhotos.ts';
import type { TrainResult } from '../results/trainResult.ts';
import { number } from '../ui/texts.ts';
import { say } from './texts.ts';

const mostNamed = 3;

/**
 * Advice by the flag that the command would name, or none where more photos are what helps; what a page cannot do is left out.
 * @param canChooseNetwork in the page; elsewhere the studio is started with one
 */
export function adviceOf(
  { verdict: { advice, weak }, classes }: Pick<TrainResult, 'verdict' | 'classes'>,
  canChooseNetwork: boolean,
): string[] {
  return advice.flatMap(({ flags: [flag] }) => {
    const option = /^-*([a-z-]+)/.exec(flag ?? '')?.[1];
    if (option === undefined) {
      const counts = new Map(classes.map(({ label, count }) => [label, count]));
      const few = weak.filter((label) => (counts.get(label) ?? fewPhotos) < fewPhotos).slice(0, mostNamed);
      return [
        say('adviceFew', { labels: few.map((label) => `${label} (${number(counts.get(label) ?? 0)})`).join(', ') }),
      ];
    }
    if (option === 'balance') return [say('adviceRare', { labels: weak.slice(0, mostNamed).join(', ') })];
    return option === 'backbone' ? [say(canChooseNetwork ? 'adviceNetwork' : 'adviceNetworkServer')] : [];
  });
}
