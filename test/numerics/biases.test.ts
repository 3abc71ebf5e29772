import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { fitBiases } from '../../src/numerics/biases.ts';
import { fitTemperature } from '../../src/numerics/temperature.ts';

const numbers = z.array(z.number());
const known = z
  .object({ classes: z.number(), labels: numbers, logits: numbers, temperature: z.number(), bias: numbers })
  .parse(JSON.parse(readFileSync('test/fixtures/numerics/biases.json', 'utf8')));
const labels = Int32Array.from(known.labels);
const logits = { rows: labels.length, columns: known.classes, data: Float32Array.from(known.logits) };
const none = new Float64Array(known.classes);

test.each([
  ['the temperature alone', { temperature: fitTemperature(logits, labels), bias: none }],
  ['far away', { temperature: 20, bias: Float64Array.of(2, -1, 0, 3) }],
])('temperature and biases are those that SciPy finds, from %s', async (_, start) => {
  const found = await fitBiases(logits, labels, start);
  expect(found?.temperature).toBeCloseTo(known.temperature, 2);
  expect([...(found?.bias ?? [])]).toEqual(known.bias.map((value) => expect.closeTo(value, 2)));
});

test('the temperature alone is the same wherever it starts', () => {
  const [one, other] = [1, 30].map((start) => fitTemperature(logits, labels, undefined, start));
  expect(other / one).toBeCloseTo(1, 6);
});

test('logits that rank the classes the wrong way round have no temperature', async () => {
  const wrong = { ...logits, data: logits.data.map((value) => -value) };
  expect(await fitBiases(wrong, labels, { temperature: 1, bias: none })).toBeUndefined();
});
