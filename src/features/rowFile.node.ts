/** Features in a file, where they are too many for the memory. */

import type { WritableRows } from '../numerics/rows.ts';
import { ScratchFile } from '../runtime/scratchFile.node.ts';
import type { OpenRows } from './unitRows.ts';

/** Features up to which they lie in memory; 50,000 photos with 1,280 features take as much. */
const residentBytes = 2 ** 28;

/** Opens tables of features in files of a folder; of few features, none. */
export function rowsIn(folder: string, most = residentBytes): OpenRows {
  return (rows, columns) => (rows * columns * 4 > most ? rowFile(folder, rows, columns) : undefined);
}

/** @throws CarafeError UNWRITABLE where the disk has no room for them */
export function rowFile(folder: string, rows: number, columns: number): WritableRows {
  const stride = columns * Float32Array.BYTES_PER_ELEMENT;
  const file = new ScratchFile(folder, rows * stride, `Features of ${rows.toLocaleString('en-US')} photos`);
  return {
    rows,
    columns,
    read: (from, target) => file.read(from * stride, bytesOf(target)),
    write: (from, values) => file.write(from * stride, bytesOf(values)),
  };
}

function bytesOf(numbers: Float32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
