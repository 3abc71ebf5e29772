/**
 * Reads TensorBoard's event files, sharing nothing with what writes them: TFRecord's framing, whose checksums are computed
 * bit by bit, and the few fields of Event and Summary by their numbers in TensorFlow's event.proto and summary.proto.
 */

export interface ReadEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly version?: string;
  readonly tag?: string;
  readonly value?: number;
  readonly text?: string;
  readonly plugin?: string;
}

type Field = bigint | Uint8Array;

/** @throws Error for a checksum that does not hold, or bytes that are left over */
export function readEvents(file: Uint8Array): ReadEvent[] {
  const events: ReadEvent[] = [];
  const view = viewOf(file);
  let at = 0;
  while (at < file.length) {
    const length = Number(view.getBigUint64(at, true));
    requireChecksum(file.subarray(at, at + 8), view.getUint32(at + 8, true));
    const content = file.subarray(at + 12, at + 12 + length);
    requireChecksum(content, view.getUint32(at + 12 + length, true));
    events.push(readEvent(content));
    at += length + 16;
  }
  if (at !== file.length) throw new Error('the last record is cut short');
  return events;
}

function readEvent(bytes: Uint8Array): ReadEvent {
  const event = fieldsOf(bytes);
  const read = { wallTime: viewOf(bytesOf(event, 1)).getFloat64(0, true), step: Number(event.get(2) ?? 0n) };
  if (event.has(3)) return { ...read, version: textOf(event, 3) };
  const value = fieldsOf(bytesOf(fieldsOf(bytesOf(event, 5)), 1));
  const tag = textOf(value, 1);
  if (value.has(2)) return { ...read, tag, value: viewOf(bytesOf(value, 2)).getFloat32(0, true) };
  const tensor = fieldsOf(bytesOf(value, 8));
  if (tensor.get(1) !== 7n) throw new Error('a tensor of strings was expected');
  const plugin = textOf(fieldsOf(bytesOf(fieldsOf(bytesOf(value, 9)), 1)), 1);
  return { ...read, tag, text: textOf(tensor, 8), plugin };
}

/** Number to content; a number of fixed size as its bytes. */
function fieldsOf(bytes: Uint8Array): Map<number, Field> {
  const fields = new Map<number, Field>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const field = { 0: varint, 1: () => take(8), 2: () => take(Number(varint())), 5: () => take(4) }[key & 7];
    if (!field || fields.has(key >> 3)) throw new Error(`field ${key >> 3} was not expected`);
    fields.set(key >> 3, field());
  }
  if (at !== bytes.length) throw new Error('a field is cut short');
  return fields;
}

function bytesOf(fields: Map<number, Field>, number: number): Uint8Array {
  const field = fields.get(number);
  if (!(field instanceof Uint8Array)) throw new Error(`field ${number} is missing`);
  return field;
}

function textOf(fields: Map<number, Field>, number: number): string {
  return new TextDecoder().decode(bytesOf(fields, number));
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** TFRecord's masked checksum, with the polynomial as RFC 3720 writes it: highest bit first. */
function requireChecksum(bytes: Uint8Array, stored: number): void {
  const reversed = (value: number, bits: number) =>
    [...Array(bits).keys()].reduce((sum, bit) => sum * 2 + ((value >>> bit) & 1), 0);
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder ^= reversed(byte, 8) << 24;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder < 0 ? 0x1edc6f41 : 0);
    remainder >>>= 0;
  }
  const unmasked = (stored - 0xa282ead8) >>> 0;
  const sum = ((unmasked << 15) | (unmasked >>> 17)) >>> 0;
  if (sum !== reversed(~remainder >>> 0, 32)) throw new Error('a checksum does not hold');
}
