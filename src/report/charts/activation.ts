/** A class activation map over its photo. */

import { largestOf } from '../../numerics/statistics.ts';
import { type Html, html, raw } from '../html.ts';

const places = 100;

/** A photo with the places that speak for a class laid over it; a strong colour is a strong place. */
export function activation(
  picture: Html,
  map: { readonly height: number; readonly width: number; readonly values: readonly number[] },
  label: string,
): Html {
  const { height, width, values } = map;
  const largest = Math.max(1e-9, largestOf(values));
  const cells = values.flatMap((value, place) => {
    const share = Math.max(0, value / largest);
    if (share < 0.05) return [];
    const [x, y] = [(place % width) * places, Math.floor(place / width) * places];
    return [
      html`<rect x="${x}" y="${y}" width="${places}" height="${places}" opacity="${Math.round(share * 75) / 100}"/>`,
    ];
  });
  return html`<div class="activation">${picture}<svg viewBox="0 0 ${width * places} ${height * places}" preserveAspectRatio="none" role="img" aria-label="${label}">${raw(`<filter id="soft"><feGaussianBlur stdDeviation="${places / 2.5}"/></filter>`)}<g filter="url(#soft)">${cells}</g></svg></div>`;
}
