import { expect, test } from 'vitest';
import type { Card } from '../../src/classifier/card.ts';
import { answerOf, askedOf, type Outcome, requireAsked } from '../../src/serve/answer.ts';

const given = {
  ...{ label: 'a', probability: 0.6, isKnown: true, unknownScore: 1, set: ['a', 'b'] },
  classes: ['a', 'b', 'c'].map((label, i) => ({ label, probability: 0.6 - 0.2 * i })),
  features: Float32Array.of(1, 2),
};
const outcome: Outcome = { kind: 'prediction', given };

test('the set and the features come where they are asked for, and the answer is small without', () => {
  expect(answerOf(outcome, askedOf({ set: '1', features: '' }), ['flat'])).toMatchObject({
    ...{ label: 'a', set: ['a', 'b'], features: [1, 2], remarks: ['flat'] },
    classes: [{ label: 'a' }],
  });
  expect(Object.keys(answerOf(outcome, askedOf({}), undefined)).sort()).toEqual([
    ...['classes', 'isKnown', 'label', 'probability', 'unknownScore'],
  ]);
});

test('a threshold names what is sure enough, and leaves unknown what was unknown', () => {
  const label = (threshold: string, isKnown: boolean) =>
    answerOf(
      { kind: 'prediction', given: { ...given, ...(isKnown ? {} : { label: 'unknown', probability: null, isKnown }) } },
      askedOf({ threshold }),
      undefined,
    ).label;
  expect([label('0.6', true), label('0.61', true), label('0', false)]).toEqual(['a', 'unknown', 'unknown']);
});

test('a set is asked only of a file that has one', () => {
  const card = (set?: object) =>
    ({ task: 'single-label', calibration: { temperature: 1, ...(set && { set }) } }) as Card;
  const asked = askedOf({ set: 'true' });
  expect(() => requireAsked(card(), asked)).toThrow('set');
  requireAsked(card({ coverage: 0.95, guaranteed: 0.9, threshold: 0.1 }), asked);
});
