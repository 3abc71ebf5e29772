import { expect, test } from 'vitest';
import {
  bytes,
  decimal,
  enumerate,
  name,
  pathName,
  percent,
  plural,
  points,
  seconds,
  signed,
} from '../../src/report/format.ts';
import { html } from '../../src/report/html.ts';

test.each([
  [0, '0%'],
  [1, '100%'],
  [0.91149, '91.1%'],
  [0.99999, '99.9%'],
  [0.00001, '0.1%'],
  [0.5, '50.0%'],
])('percent(%d) is %s', (value, shown) => {
  expect(percent(value)).toBe(shown);
});

test.each([
  [percent(0.996, 0), '99%'],
  [percent(0.001, 0), '1%'],
  [bytes(1), '1 byte'],
  [bytes(12_400), '12 kB'],
  [bytes(9_312_004), '9.3 MB'],
  [bytes(2.5e9), '2.5 GB'],
  [seconds(0.94), '0.9 s'],
  [seconds(59.97), '1 min 0 s'],
  [seconds(125), '2 min 5 s'],
  [plural(1, 'class', 'classes'), '1 class'],
  [plural(3670, 'photo'), '3,670 photos'],
])('%s', (shown, expected) => {
  expect(shown).toBe(expected);
});

test.each([
  [0, '0.0', '0.0'],
  [-0, '0.0', '0.0'],
  [-0.04, '0.0', '0.0'],
  [0.04, '0.0', '0.0'],
  [-0.05, '−0.1', '−0.1'],
  [0.96, '1.0', '+1.0'],
  [-12.34, '−12.3', '−12.3'],
])('%d has a minus sign only where a figure shows it', (value, plain, withSign) => {
  expect(decimal(value)).toBe(plain);
  expect(signed(value)).toBe(withSign);
  expect(points(value / 100)).toBe(`${plain} points`);
});

test('names are isolated, and long ones cut with the whole at hand', () => {
  expect(name('daisy').toString()).toBe('<bdi class="name">daisy</bdi>');
  const long = '🌻'.repeat(50);
  expect(name(long).toString()).toBe(`<bdi class="name" title="${long}">${'🌻'.repeat(45)}…</bdi>`);
});

test('paths read from left to right, part by part', () => {
  expect(pathName('a/b.jpg').toString()).toBe('<bdi dir="ltr">a/b.jpg</bdi>');
  expect(pathName('وردة/1.jpg').toString()).toBe('<bdi dir="ltr"><bdi>وردة</bdi>/<bdi>1.jpg</bdi></bdi>');
});

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
])('enumerate(%j) is %s', (items, shown) => {
  expect(enumerate(items.map((item) => html`${item}`)).toString()).toBe(shown);
});
