/** A heatmap in colours. */

/** A picture with transparency, four bytes a pixel (RGBA), rows from the top. */
export interface Overlay {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** How a heatmap's numbers are read: nothing is shown up to `usual`, most at `high` and above. */
export interface HeatScale {
  readonly usual: number;
  readonly high: number;
}

/** Colours of a heatmap, a pixel a place: clear where the photo is as usual, from yellow to red where it is not. */
export function heatmapColours(
  heatmap: { readonly height: number; readonly width: number; readonly data: Float32Array },
  { usual, high }: HeatScale,
): Overlay {
  const { width, height } = heatmap;
  const data = new Uint8Array(width * height * 4);
  for (const [i, value] of heatmap.data.entries()) {
    const heat = Math.min(1, Math.max(0, (value - usual) / (high - usual || 1)));
    data.set([255, Math.round(210 * (1 - heat)), 0, Math.round(200 * heat)], 4 * i);
  }
  return { width, height, data };
}
