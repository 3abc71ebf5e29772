/** Float16 bits to numbers and back. */

const words = new Uint32Array(1);
const float = new Float32Array(words.buffer);

let everyNumber: Float32Array | undefined;

/** float16 bits (IEEE 754 binary16) as numbers; exact. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  // Maps are millions of numbers, and there are only 65,536 of them.
  everyNumber ??= Float32Array.from({ length: 2 ** 16 }, (_, value) => numberOf(value));
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = everyNumber[bits[i]];
  return out;
}

function numberOf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** Numbers as float16 bits: to the nearest, ties to even; what is too large becomes infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    float[0] = value;
    const sign = (words[0] >>> 16) & 0x8000;
    const size = words[0] & 0x7fffffff;
    if (size > 0x7f800000) return sign | 0x7e00;
    // 65,520 lies half way between the largest number and the next that there would be.
    if (size >= 0x477ff000) return sign | 0x7c00;
    if (size < 0x38800000) return sign | roundEven(Math.abs(value) * 2 ** 24);
    const rest = size & 0x1fff;
    const kept = (size - 0x38000000) >>> 13;
    return sign | (kept + (rest > 0x1000 || (rest === 0x1000 && kept & 1) ? 1 : 0));
  });
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
