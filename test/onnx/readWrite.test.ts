import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect, test } from 'vitest';
import { CarafeError } from '../../src/errors.ts';
import type { Attribute, Model } from '../../src/onnx/model.ts';
import { dataTypes } from '../../src/onnx/model.ts';
import { readModel } from '../../src/onnx/read.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { structure } from '../backbone/structures.ts';
import { tinyNetwork } from './networks.ts';

test.each(['squeezenet1_1', 'mobilenet_v3_large', 'vit_b_16'])('%s survives reading and writing', (name) => {
  const model = structure(name);
  const bytes = writeModel(model);
  expect(readModel(bytes, name)).toEqual(model);
  expect(writeModel(readModel(bytes, name))).toEqual(bytes);
});

test('every kind of attribute survives', () => {
  const inner = tinyNetwork().graph;
  const attributes: [string, Attribute][] = [
    ['float', { kind: 'float', value: 0.5 }],
    ['zero', { kind: 'float', value: 0 }],
    ['int', { kind: 'int', value: -7 }],
    ['large', { kind: 'int', value: 2n ** 62n + 1n }],
    ['string', { kind: 'string', value: new TextEncoder().encode('größer') }],
    ['empty', { kind: 'string', value: new Uint8Array() }],
    ['tensor', { kind: 'tensor', value: { name: 't', type: 'int8', dims: [3], bytes: Uint8Array.of(1, 2, 3) } }],
    ['graph', { kind: 'graph', value: inner }],
    ['floats', { kind: 'floats', value: [1, -2.5] }],
    ['none', { kind: 'floats', value: [] }],
    ['ints', { kind: 'ints', value: [1, -1, 2n ** 60n] }],
    ['no ints', { kind: 'ints', value: [] }],
    ['strings', { kind: 'strings', value: [Uint8Array.of(65), new Uint8Array()] }],
  ];
  const base = tinyNetwork();
  const node = { op: 'Foo', domain: 'my.own', name: 'n', inputs: ['', 'a'], outputs: ['b', ''] };
  const model: Model = {
    ...base,
    opsets: new Map([
      ['', 17],
      ['my.own', 1],
    ]),
    metadata: new Map([['carafe.labels', '["daisy","Gänseblümchen"]']]),
    functions: [Uint8Array.of(10, 1, 65)],
    graph: { ...base.graph, nodes: [{ ...node, attributes: new Map(attributes) }] },
  };
  expect(readModel(writeModel(model), 'the network')).toEqual(model);
});

/** A file with one stored tensor, written field by field. */
function withTensor(write: (out: BinaryWriter) => void): Uint8Array {
  const out = new BinaryWriter();
  out.tag(1, WireType.Varint).int64(8);
  out.tag(7, WireType.LengthDelimited).fork();
  out.tag(5, WireType.LengthDelimited).fork();
  write(out);
  out.join();
  out.join();
  out.tag(8, WireType.LengthDelimited).fork().tag(2, WireType.Varint).int64(17).join();
  return out.finish();
}

const typedFields: [string, keyof typeof dataTypes, (out: BinaryWriter) => void, ArrayLike<number | bigint>][] = [
  ['packed floats', 'float32', (out) => packed(out, 4, (o) => o.float(1.5).float(-2)), Float32Array.of(1.5, -2)],
  [
    'floats one by one',
    'float32',
    (out) => void out.tag(4, WireType.Bit32).float(1.5).tag(4, WireType.Bit32).float(-2),
    Float32Array.of(1.5, -2),
  ],
  ['doubles', 'float64', (out) => packed(out, 10, (o) => o.double(1e300).double(-2)), Float64Array.of(1e300, -2)],
  ['int8 as int32', 'int8', (out) => packed(out, 5, (o) => o.int32(-1).int32(127)), Int8Array.of(-1, 127)],
  ['float16 as int32', 'float16', (out) => packed(out, 5, (o) => o.int32(0x3c00).int32(1)), Uint16Array.of(0x3c00, 1)],
  [
    'int32 one by one',
    'int32',
    (out) => void out.tag(5, WireType.Varint).int32(-5).tag(5, WireType.Varint).int32(6),
    Int32Array.of(-5, 6),
  ],
  ['int64', 'int64', (out) => packed(out, 7, (o) => o.int64(-1).int64(2n ** 61n)), BigInt64Array.of(-1n, 2n ** 61n)],
  [
    'uint64',
    'uint64',
    (out) => packed(out, 11, (o) => o.uint64(1).uint64(2n ** 63n)),
    BigUint64Array.of(1n, 2n ** 63n),
  ],
];

function packed(out: BinaryWriter, field: number, write: (out: BinaryWriter) => BinaryWriter): void {
  write(out.tag(field, WireType.LengthDelimited).fork()).join();
}

test.each(typedFields)('weights in fields of numbers: %s', (_, type, write, expected) => {
  const bytes = withTensor((out) => {
    out.tag(1, WireType.Varint).int64(2).tag(2, WireType.Varint).int32(dataTypes[type]);
    write(out);
  });
  const [tensor] = readModel(bytes, 'the network').graph.initializers;
  if (!ArrayBuffer.isView(expected)) throw new TypeError('expected a typed array');
  expect(tensor?.bytes).toEqual(new Uint8Array(expected.buffer));
});

test('external data is kept, and fields that a later version adds are passed over', () => {
  const model = tinyNetwork();
  const [first] = model.graph.initializers;
  if (!first) throw new Error('no weights');
  const outside = { ...first, bytes: new Uint8Array(), external: { location: 'w.bin', offset: 64, length: 864 } };
  const changed = { ...model, graph: { ...model.graph, initializers: [outside] } };
  const extra = new BinaryWriter().tag(3000, WireType.LengthDelimited).string('from the future').finish();
  const bytes = new Uint8Array([...writeModel(changed), ...extra]);
  expect(readModel(bytes, 'the network')).toEqual(changed);
});

const tooDeep = (depth: number): Model => {
  const base = tinyNetwork();
  let graph = base.graph;
  for (let i = 0; i < depth; i++) {
    const attributes = new Map<string, Attribute>([['body', { kind: 'graph', value: graph }]]);
    graph = { ...graph, nodes: [{ op: 'Loop', domain: '', name: '', inputs: [], outputs: ['o'], attributes }] };
  }
  return { ...base, graph };
};

/** Nested groups, a wire type that nobody has written for twenty years, but that readers must skip. */
const groups = new Uint8Array(5000).fill((100 << 3) | WireType.StartGroup);
const whole = writeModel(tinyNetwork());
const tensorOf = (dims: number[], rest: (out: BinaryWriter) => void = () => {}): Uint8Array =>
  withTensor((out) => {
    for (const size of dims) out.tag(1, WireType.Varint).int64(size);
    out.tag(2, WireType.Varint).int32(1);
    rest(out);
  });

const hostile: [string, Uint8Array, string][] = [
  ['no bytes', new Uint8Array(), 'it is empty'],
  ['no graph', Uint8Array.of(0x08, 0x08), 'it contains no graph'],
  ['text', new TextEncoder().encode('{"not": "a network"}'), 'it is JSON'],
  ['a page', new TextEncoder().encode('<!doctype html><title>Sign in</title>'), 'it is a web page'],
  ['a Git LFS pointer', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'), 'Git LFS'],
  ['a PyTorch checkpoint', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8), 'it is an archive'],
  ['a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16), 'it is an image'],
  ['cut short', whole.subarray(0, whole.length / 2), 'it ends too early'],
  ['a length beyond the end', Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07), 'it ends too early'],
  ['a varint without end', new Uint8Array(64).fill(0xff), ''],
  ['groups in groups', groups, ''],
  ['graphs in graphs', writeModel(tooDeep(9)), 'nested more than 8 deep'],
  ['more weights than bytes', tensorOf([1 << 20, 1 << 10]), 'does not have the length its shape states'],
  ['sizes whose product overflows', tensorOf([2 ** 31, 2 ** 31]), 'too large'],
  ['a negative size', tensorOf([-1]), 'impossible shape'],
  ['65 dimensions', tensorOf(Array.from({ length: 65 }, () => 1)), 'impossible shape'],
  [
    'external data before the start',
    tensorOf([1], (out) => {
      for (const [key, value] of [
        ['location', 'w'],
        ['offset', '-8'],
      ])
        out
          .tag(13, WireType.LengthDelimited)
          .fork()
          .tag(1, WireType.LengthDelimited)
          .string(key ?? '')
          .tag(2, WireType.LengthDelimited)
          .string(value ?? '')
          .join();
      out.tag(14, WireType.Varint).int32(1);
    }),
    'an impossible place outside the file',
  ],
  [
    'millions of empty nodes',
    new BinaryWriter()
      .tag(7, WireType.LengthDelimited)
      .bytes(repeat([0x0a, 0x02, 0x22, 0x00], 600_000))
      .finish(),
    '',
  ],
  [
    'millions of dimensions',
    tensorOf([], (out) => void out.tag(1, WireType.LengthDelimited).bytes(new Uint8Array(5_000_000))),
    'more than 4000000 fields',
  ],
  [
    'sparse weights',
    new BinaryWriter()
      .tag(7, WireType.LengthDelimited)
      .fork()
      .tag(15, WireType.LengthDelimited)
      .bytes(new Uint8Array())
      .join()
      .finish(),
    'sparse',
  ],
];

function repeat(bytes: number[], times: number): Uint8Array {
  const all = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  return all;
}

test.each(hostile)('hostile bytes: %s', (_, bytes, reason) => {
  let error: unknown;
  try {
    readModel(bytes, 'evil.onnx');
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(CarafeError);
  expect(error).toMatchObject({ code: 'BAD_MODEL', what: expect.stringContaining('evil.onnx cannot be read') });
  expect(error).toMatchObject({ what: expect.stringContaining(reason) });
});
