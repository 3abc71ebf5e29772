/** ICC profiles of colour spaces that files name by a number. */

/** Primaries (x, y of red, green and blue) by their number in ITU-T H.273, where they are wider than sRGB's. */
const primaries: Readonly<Record<number, readonly (readonly [x: number, y: number])[]>> = {
  9: [
    [0.708, 0.292],
    [0.17, 0.797],
    [0.131, 0.046],
  ],
  12: [
    [0.68, 0.32],
    [0.265, 0.69],
    [0.15, 0.06],
  ],
};

/** sRGB's curve as an ICC profile has it (type 3): gamma, a, b, c, d. */
const curve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];
const white = [0.9505, 1, 1.0891];
/** The white of profiles, D50. */
const paper = [0.9642, 1, 0.8249];
/** Bradford's matrix: from XYZ to what the eye adapts. */
const bradford = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/**
 * An ICC profile of a wide colour space that HEIF and AVIF name by a number alone: 12 is Display P3, 9 is BT.2020, both
 * with sRGB's curve. Undefined for all others, which are sRGB's own or near it.
 */
export function profileOf(number: number): Uint8Array | undefined {
  const points = primaries[number];
  return points && profile(coloursOf(points));
}

type Row = readonly number[];

/** What each primary adds at full strength, as XYZ under D50. */
function coloursOf(points: (typeof primaries)[number]): Row[] {
  const xyz = points.map(([x, y]) => [x / y, 1, (1 - x - y) / y]);
  const strength = solve(transposed(xyz), white);
  const [from, to] = [times(bradford, white), times(bradford, paper)];
  return xyz.map((colour, i) => {
    const eye = times(
      bradford,
      colour.map((value) => value * strength[i]),
    );
    return solve(
      bradford,
      eye.map((value, k) => (value * to[k]) / from[k]),
    );
  });
}

function profile(colours: readonly Row[]): Uint8Array {
  const text = [0, 0, 0, 1, 0, 0, 0, 12, 0x65, 0x6e, 0x55, 0x53, 0, 0, 0, 6, 0, 0, 0, 28, 0, 82, 0, 71, 0, 66];
  const name = [...latin('mluc'), 0, 0, 0, 0, ...text];
  const xyz = (values: Row): number[] => [...latin('XYZ '), 0, 0, 0, 0, ...values.flatMap(fixed)];
  const shape = [...latin('para'), 0, 0, 0, 0, 0, 3, 0, 0, ...curve.flatMap(fixed)];
  const tags: [string, number[]][] = [
    ['desc', name],
    ['cprt', name],
    ['wtpt', xyz(paper)],
    ['rXYZ', xyz(colours[0])],
    ['gXYZ', xyz(colours[1])],
    ['bXYZ', xyz(colours[2])],
    ...['rTRC', 'gTRC', 'bTRC'].map((tag): [string, number[]] => [tag, shape]),
  ];
  let table: number[] = whole(tags.length);
  let content: number[] = [];
  for (const [tag, value] of tags) {
    table = [...table, ...latin(tag), ...whole(132 + 12 * tags.length + content.length), ...whole(value.length)];
    content = [...content, ...value, ...new Array<number>(-value.length & 3).fill(0)];
  }
  const size = 128 + table.length + content.length;
  const kind = [...latin('mntrRGB XYZ '), ...new Array<number>(12).fill(0), ...latin('acsp')];
  const head = [
    ...whole(size),
    0,
    0,
    0,
    0,
    4,
    32,
    0,
    0,
    ...kind,
    ...new Array<number>(28).fill(0),
    ...paper.flatMap(fixed),
  ];
  return Uint8Array.from([...head, ...new Array<number>(128 - head.length).fill(0), ...table, ...content]);
}

function latin(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

function whole(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** s15Fixed16. */
function fixed(value: number): number[] {
  return whole(Math.round(value * 65_536) >>> 0);
}

function times(matrix: readonly Row[], vector: Row): number[] {
  return matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i], 0));
}

function transposed(matrix: readonly Row[]): number[][] {
  return matrix[0].map((_, i) => matrix.map((row) => row[i]));
}

/** Solves a system of three equations by Cramer's rule. */
function solve(matrix: readonly Row[], right: Row): number[] {
  const determinant = ([[a, b, c], [d, e, f], [g, h, i]]: readonly Row[]): number =>
    a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const whole = determinant(matrix);
  return right.map(
    (_, column) =>
      determinant(matrix.map((row, r) => row.map((value, c) => (c === column ? right[r] : value)))) / whole,
  );
}
