/** What to do next, in words of the page: the command's advice names its own flags. */

import type { Verdict } from '../doctor/verdict.ts';
import { say } from './texts.ts';

/**
 * Advice by the flag that the command would name; what a page cannot do is left out.
 * @param canChooseNetwork in the page; elsewhere the studio is started with one
 */
export function adviceOf({ advice, weak }: Pick<Verdict, 'advice' | 'weak'>, canChooseNetwork: boolean): string[] {
  return advice.flatMap(({ text, flags: [flag] }) => {
    if (flag === undefined) return [text];
    const option = /^-*([a-z-]+)/.exec(flag)?.[1];
    if (option === 'balance') return [say('adviceRare', { labels: weak.join(', ') })];
    return option === 'backbone' ? [say(canChooseNetwork ? 'adviceNetwork' : 'adviceNetworkServer')] : [];
  });
}
