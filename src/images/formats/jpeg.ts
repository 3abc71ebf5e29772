/** The markers of a JPEG: its components, and whether only the last marker is missing. */

/** What the markers of a JPEG file say of it. */
export interface JpegStream {
  /** The end marker (EOI) is there. */
  readonly isEnded: boolean;
  /** Every coefficient of every component was begun, to its last bit. */
  readonly isWhole: boolean;
}

/** The segments of a JPEG file before its first scan: the marker of each, and what it holds. */
export function* jpegHeader(bytes: Uint8Array): Generator<{ readonly marker: number; readonly segment: Uint8Array }> {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return;
    const end = at + 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
    yield { marker, segment: bytes.subarray(at + 4, end) };
    at = end;
  }
}

/** How many components a JPEG has: 4 are inks. Undefined where its header is broken. */
export function jpegComponents(bytes: Uint8Array): number | undefined {
  for (const { marker, segment } of jpegHeader(bytes)) if (isFrame(marker)) return segment[5];
  return undefined;
}

/** Start of frame (SOF). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Walks the markers of a JPEG file, as its decoder does. */
export function jpegStream(bytes: Uint8Array): JpegStream {
  let components: number[] = [];
  /** For each component, the lowest bit that is there of each coefficient. */
  const bits = new Map<number, Int8Array>();
  const isWhole = (): boolean =>
    components.length > 0 && components.every((id) => bits.get(id)?.every((bit) => bit === 0) ?? false);
  for (let at = 2; ; ) {
    while (at < bytes.length && bytes[at] !== 0xff) at++;
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) return { isEnded: false, isWhole: isWhole() };
    if (marker === 0xd9) return { isEnded: true, isWhole: isWhole() };
    if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    const end = at + ((bytes[at] << 8) | bytes[at + 1]);
    if (!(end <= bytes.length)) return { isEnded: false, isWhole: false };
    const segment = bytes.subarray(at + 2, end);
    if (isFrame(marker)) components = Array.from({ length: segment[5] ?? 0 }, (_, i) => segment[6 + 3 * i]);
    else if (marker === 0xda) {
      const count = segment[0] ?? 0;
      const [from, to, low] = [1, 2, 3].map((i) => segment[2 * count + i] ?? 0);
      for (let i = 0; i < count; i++) {
        const id = segment[1 + 2 * i];
        const reached = bits.get(id) ?? new Int8Array(64).fill(127);
        bits.set(id, reached.fill(low & 15, from, to + 1));
      }
    }
    at = end;
  }
}

/**
 * The file with the end marker that it lacks, and without half of one.
 * @param filling what stands before the marker: of a picture that is whole, no decoder reads it
 */
export function withEnd(bytes: Uint8Array, filling?: number): Uint8Array {
  const length = bytes.at(-1) === 0xff ? bytes.length - 1 : bytes.length;
  const filled = filling === undefined ? 0 : 1024;
  const ended = new Uint8Array(length + filled + 2).fill(filling ?? 0);
  ended.set(bytes.subarray(0, length));
  ended.set([0xff, 0xd9], length + filled);
  return ended;
}
