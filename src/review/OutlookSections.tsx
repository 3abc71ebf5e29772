/** What to photograph next, and what bad photos cost. */

import { gainOrder } from '../evaluation/classGains.ts';
import { number, percent } from '../ui/texts.ts';
import { say as outlook } from './outlookWords.ts';
import type { SectionInput } from './sections.tsx';

const points = (share: number) => number(Math.round(1000 * share) / 10 || 0, 1);

/** Of each class, what ten more photos would gain, and which mistake they would mend. */
export function NextSection({ result: { morePhotos } }: SectionInput) {
  if (!morePhotos) return null;
  const { photos, classes, left } = morePhotos;
  const { best, most } = gainOrder(morePhotos);
  return (
    <section id="next">
      <h2>{outlook('next')}</h2>
      <p>
        {best
          ? outlook('nextBest', {
              label: best.label,
              photos,
              gain: points(best.gain.value),
              low: points(best.gain.low),
              high: points(best.gain.high),
            })
          : outlook('nextNone', { photos, most: points(most) })}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scroll" tabIndex={0} aria-label={outlook('next')}>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{outlook('class')}</th>
              <th scope="col">{outlook('now')}</th>
              <th scope="col">{outlook('gain')}</th>
              <th scope="col">{outlook('interval')}</th>
              <th scope="col" class="words">
                {outlook('mends')}
              </th>
            </tr>
          </thead>
          <tbody>
            {classes.map(({ label, now, gain, mends }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td>{number(Math.round(now))}</td>
                <td>{points(gain.value)}</td>
                <td>{outlook('range', { low: points(gain.low), high: points(gain.high) })}</td>
                <td class="words">{mends ? outlook('mistake', mends) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="soft">
        {outlook('nextHow', { photos })} {left.length > 0 && outlook('nextLeft', { classes: left.join(', ') })}
      </p>
    </section>
  );
}

/** Points of accuracy that each kind of bad photo costs, as bars. */
export function RobustnessSection({ result: { robustness } }: SectionInput) {
  const worst = robustness?.losses[0];
  if (!robustness || !worst) return null;
  const most = Math.max(0.1, worst.lost.value);
  return (
    <section id="robustness">
      <h2>{outlook('robustness')}</h2>
      <p>
        {worst.lost.low > 0
          ? outlook('worst', { kind: outlook(worst.corruption), lost: points(worst.lost.value) })
          : outlook('harmless')}
      </p>
      <div class="counts">
        <ul class="bars">
          {robustness.losses.map(({ corruption, lost: { value, low, high } }) => (
            <li key={corruption} class={low > 0 ? 'wrong' : 'plain'}>
              <span>{outlook(corruption)}</span>
              <i style={{ '--share': Math.min(1, Math.max(0, value / most)) }} />
              <b>
                {points(value)} ({outlook('range', { low: points(low), high: points(high) })})
              </b>
            </li>
          ))}
        </ul>
      </div>
      <p class="soft">
        {outlook('robustnessHow', { count: robustness.photos, accuracy: percent(robustness.accuracy) })}
      </p>
    </section>
  );
}
