/** What it comes to, in the first lines. */

import type { Verdict } from '../doctor/verdict.ts';
import { paint, safe } from './terminal.ts';

const colours = { better: 'green', unclear: 'yellow', worse: 'red', unknown: 'yellow' } as const;

/** What it comes to, and what to do next: the first lines of a result. */
export function verdictText({ standing, sentence, advice }: Verdict): string {
  const steps = advice.map(({ text }) => `  ${paint('cyan', '→')} ${safe(text)}\n`);
  return `${paint(['bold', colours[standing]], safe(sentence))}\n${steps.join('')}\n`;
}
