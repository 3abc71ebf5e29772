/** Sets of classes: what it gives where one answer is not sure enough. */

import type { Evaluation, SetFigures } from '../../metrics/evaluation.ts';
import { type Bar, bars } from '../charts/bars.ts';
import { count, name, percent, plural, share } from '../format.ts';
import { type Html, html } from '../html.ts';

/** Sizes of sets that have a bar of their own; larger ones share one. */
const mostBars = 6;

/** How often the set of classes that comes with each answer holds the right one, and how large sets are. */
export function sets({ sets: figures, accuracy }: Evaluation): Html | false {
  if (!figures) return false;
  const { coverage, guaranteed, covered, size, perClass } = figures;
  const [weakest] = perClass
    .flatMap(({ label, covered: own }) => (own === null ? [] : [{ label, covered: own }]))
    .sort((a, b) => a.covered - b.covered);
  const single = accuracy.value >= coverage;
  return html`<section id="sets"><h2>If one answer is not sure enough</h2>
<div class="two"><div><p>With each answer comes a <strong>set</strong> of classes the photo may be of. It is made to hold the right class for <strong>${share(coverage)}</strong> of photos like these${guaranteed < coverage && html` (so few photos guarantee ${percent(guaranteed)})`}. Of the test photos, ${percent(covered.value)} had their class in the set (95% interval ${percent(covered.low)} to ${percent(covered.high)}). A set has <strong>${size.toFixed(2)}</strong> classes on average.</p>
<p class="soft">${single && html`The first answer alone is right that often, so hardly any set has a second class; a higher <code>--coverage</code> would show close calls. `}${weakest && weakest.covered < coverage - 0.05 && html`The promise holds over all photos, not for each class: of ${name(weakest.label)}, ${percent(weakest.covered)} had it in the set. `}The limit comes from training photos, each answered by a classifier that had not seen it (split conformal prediction); near-duplicates count as one photo.</p></div>
<div class="counts">${bars(sizeBars(figures))}</div></div></section>`;
}

function sizeBars({ sizes }: SetFigures): Bar[] {
  const all = sizes.reduce((sum, { photos }) => sum + photos, 0);
  const bar = (label: string, photos: number): Bar => ({
    label,
    share: photos / all,
    figure: `${percent(photos / all)} (${count(photos)})`,
    kind: 'plain',
  });
  const shown = sizes.length <= mostBars ? sizes : sizes.slice(0, mostBars - 1);
  const rest = sizes.slice(shown.length);
  return [
    ...shown.map(({ size, photos }) => bar(plural(size, 'class', 'classes'), photos)),
    ...(rest.length > 0
      ? [
          bar(
            `${count(rest[0].size)} or more`,
            rest.reduce((sum, { photos }) => sum + photos, 0),
          ),
        ]
      : []),
  ];
}
