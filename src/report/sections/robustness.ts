/** What bad photos cost. */

import type { Robustness } from '../../evaluation/robustness.ts';
import { corruptionWords } from '../../images/corruptions.ts';
import { bars } from '../charts/bars.ts';
import { decimal, percent, plural, seconds } from '../format.ts';
import { type Html, html } from '../html.ts';

/** Points of accuracy that each kind of bad photo costs, as bars. */
export function robustness({ photos, accuracy, losses, seconds: spent }: Robustness): Html {
  const [worst] = losses;
  const most = Math.max(0.1, worst?.lost.value ?? 0);
  const items = losses.map(({ corruption, lost }) => ({
    label: corruptionWords[corruption],
    share: Math.min(1, Math.max(0, lost.value / most)),
    figure: `${decimal(100 * lost.value)} (${decimal(100 * lost.low)} to ${decimal(100 * lost.high)})`,
    kind: lost.low > 0 ? ('wrong' as const) : ('plain' as const),
  }));
  const harmful = losses.filter(({ lost }) => lost.low > 0);
  return html`<section id="robustness"><h2>What if photos come out badly?</h2>
<p>${
    harmful.length === 0 || !worst
      ? html`None of these costs measurable accuracy.`
      : html`Most is lost where photos are <strong>${corruptionWords[worst.corruption]}</strong>: ${decimal(100 * worst.lost.value)} points of accuracy.`
  }</p>
<div class="counts">${bars(items)}</div>
<p class="soft">Points of accuracy lost, with 95% intervals, on ${plural(photos, 'held-out photo')} (${percent(accuracy)} correct as they are), each changed in one way by the computer. This took ${seconds(spent)}.</p></section>`;
}
