import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromFloat16, toFloat16 } from '../../src/numerics/float16.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { dataTypes } from '../../src/onnx/model.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor, float32 } from '../../src/runtime/platform.ts';

const every = Uint16Array.from({ length: 65536 }, (_, i) => i);
const isNumber = (bits: number) => (bits & 0x7fff) <= 0x7c00;

test('every float16 comes back as it was', () => {
  const back = toFloat16(fromFloat16(every));
  for (const bits of every) {
    if (isNumber(bits)) expect(back[bits]).toBe(bits);
    else expect(fromFloat16(back.subarray(bits, bits + 1))[0]).toBeNaN();
  }
});

test('numbers become what ONNX Runtime makes of them', async () => {
  const g = new GraphBuilder();
  g.output(g.node('Cast', [g.input('x', 'float32', ['n'])], { to: dataTypes.float16 }), 'float16', ['n'], 'y');
  const session = await openSession(g.bytes());
  const edges = [
    0,
    -0,
    1e-9,
    2 ** -25,
    3 * 2 ** -25,
    2 ** -24,
    6.1e-5,
    65504,
    65519.9,
    65520,
    1e9,
    -1e9,
    1 / 3,
    Math.PI,
  ];
  const between = Array.from(every.filter(isNumber).subarray(0, 31743), (bits) => {
    const [a, b] = fromFloat16(Uint16Array.of(bits, bits + 1));
    return (a + b) / 2;
  });
  const x = Float32Array.from([...edges, ...between]);
  const { y } = await session.run({ x: float32(x, x.length) });
  expect(toFloat16(x)).toEqual(expectTensor(y, 'float16').data);
});

test('a number moves by half a unit at most', () => {
  fc.assert(
    fc.property(fc.float({ min: -65000, max: 65000, noNaN: true }), (value) => {
      const [back] = fromFloat16(toFloat16(Float32Array.of(value)));
      expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.max(2 ** -25, Math.abs(value) * 2 ** -11));
    }),
  );
});
