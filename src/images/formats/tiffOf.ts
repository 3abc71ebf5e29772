/** Pixels and their colour profile as a TIFF that sharp reads. */

/** Pixels as a decoder of another kind has them: 8-bit, RGB or RGB and opacity, rows of `stride` bytes. */
export interface DecodedRows {
  readonly width: number;
  readonly height: number;
  readonly bands: 3 | 4;
  readonly stride: number;
  readonly pixels: Uint8Array;
}

/** An uncompressed TIFF of pixels and their ICC profile: how they are handed to sharp, which reads profiles of files. */
export function tiffOf({ width, height, bands, stride, pixels }: DecodedRows, profile?: Uint8Array): Uint8Array {
  const row = width * bands;
  const start = 512 + (profile ? profile.length + (profile.length % 2) : 0);
  const file = new Uint8Array(start + row * height);
  const data = new DataView(file.buffer);
  const short = 3;
  const long = 4;
  const bytes = 7;
  // Bits of each band lie at 400.
  const tags: [tag: number, type: number, count: number, value: number][] = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, bands, 400],
    [259, short, 1, 1],
    [262, short, 1, 2],
    [273, long, 1, start],
    [277, short, 1, bands],
    [278, long, 1, height],
    [279, long, 1, row * height],
    ...(bands === 4 ? ([[338, short, 1, 2]] as [number, number, number, number][]) : []),
    ...(profile ? ([[34_675, bytes, profile.length, 512]] as [number, number, number, number][]) : []),
  ];
  file.set([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  data.setUint16(8, tags.length, true);
  tags.forEach(([tag, type, count, value], i) => {
    const at = 10 + 12 * i;
    data.setUint16(at, tag, true);
    data.setUint16(at + 2, type, true);
    data.setUint32(at + 4, count, true);
    data.setUint32(at + 8, value, true);
  });
  for (let band = 0; band < bands; band++) data.setUint16(400 + 2 * band, 8, true);
  if (profile) file.set(profile, 512);
  for (let y = 0; y < height; y++) file.set(pixels.subarray(y * stride, y * stride + row), start + y * row);
  return file;
}
