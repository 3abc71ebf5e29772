/** What distorted views gained and cost. */

import type { TrainResult } from '../../results/trainResult.ts';
import { count, plural, points, seconds } from '../format.ts';
import { type Html, html } from '../html.ts';

/** What distorted views of the photos gained, and what they cost. */
export function views(result: NonNullable<TrainResult['views']>): Html {
  const { metric: figure, gain, verdict, cached, computed } = result;
  const same = gain.low === 0 && gain.high === 0;
  const said = {
    better: `They helped: ${figure} rose by`,
    worse: `They did harm: ${figure} changed by`,
    tie: `No difference can be measured: ${figure} changed by`,
  }[verdict];
  return html`<section id="views"><h2>What did the views do?</h2>
<p>Besides each photo, ${plural(result.count, 'view')} of it ${result.count === 1 ? 'was' : 'were'} trained on: ${distortions(result)}. ${said} <strong>${points(gain.value)}</strong> (${same ? 'nothing changed for any photo' : `95% interval ${points(gain.low)} to ${points(gain.high)}`}), compared with the same training without them, on the same test photos.</p>
<p class="soft">They cost ${seconds(result.seconds.extraction)} of feature extraction (${count(computed)} computed, ${count(cached)} cached) and ${seconds(result.seconds.fitting)} of training. Test photos were never distorted.</p></section>`;
}

function distortions({ flip, crop, scale, brightness, rotate }: NonNullable<TrainResult['views']>): string {
  const all = [
    flip && 'mirrored every other time',
    crop > 0 && `cropped by ${crop}%`,
    scale > 0 && `enlarged by up to ${scale}%`,
    brightness > 0 && `brightened or darkened by up to ${brightness}%`,
    rotate > 0 && `rotated by up to ${rotate}°`,
  ];
  return all.filter((part) => part !== false).join(', ');
}
