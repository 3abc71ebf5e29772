// NumPy's files, for what scikit-learn is given.
import { writeFileSync } from 'node:fs';

export function writeNpy(path, type, shape, data) {
  const start = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = `${start.padEnd(Math.ceil((start.length + 11) / 64) * 64 - 11)}\n`;
  const magic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  writeFileSync(path, Buffer.concat([magic, Buffer.from(header, 'latin1'), bytes]));
}
