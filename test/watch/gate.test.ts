import { expect, test } from 'vitest';
import type { AnyTrainResult } from '../../src/results/trainResult.ts';
import { decide } from '../../src/watch/gate.ts';
import { result as trained } from '../report/fixture.ts';

type Became = 'right' | 'wrong' | 'other';
type Verdict = 'better' | 'worse' | 'tie';

/** A result in which answers flipped: `old` of photos that were there before, `fresh` of new ones. */
function result(verdict: Verdict, old: readonly Became[], fresh: readonly Became[] = []): AnyTrainResult {
  const flip = (name: string) => (became: Became, i: number) => ({
    ...{ path: `${name} ${i}`, labels: ['a'], before: ['a'], after: ['b'], became },
  });
  return {
    ...trained(),
    changes: {
      ...{ previous: 'old.onnx', added: [], removed: [], known: 40 },
      compared: {
        ...{ metric: 'accuracy', photos: 50, before: 0.9, after: 0.8, p: 0.5, verdict },
        difference: { value: -0.1, low: -0.2, high: 0 },
        flipped: [...old.map(flip('old')), ...fresh.map(flip('new'))],
      },
    },
  };
}

const isOld = (path: string) => path.startsWith('old');
const many = (became: Became, count: number): Became[] => Array.from({ length: count }, () => became);

test('what is measurably worse is refused, what is not is taken', () => {
  expect(decide(result('worse', []), isOld, undefined)).toMatchObject({ isTaken: false });
  expect(decide(result('tie', many('wrong', 1)), isOld, undefined)).toMatchObject({
    isTaken: true,
    compared: { changed: 1, better: 0, worse: 1 },
  });
  expect(decide(result('better', []), isOld, undefined)).toMatchObject({ isTaken: true, reason: 'It is better.' });
});

test('new photos whose labels make it look better do not hide what it lost on the old ones', () => {
  const hidden = result('better', many('wrong', 9), many('right', 30));
  expect(decide(hidden, isOld, undefined)).toMatchObject({ isTaken: false, reason: expect.stringContaining('labels') });
  // Five of five come by chance once in 16, six of six once in 32.
  expect(decide(result('tie', many('wrong', 5)), isOld, undefined).isTaken).toBe(true);
  expect(decide(result('tie', many('wrong', 6)), isOld, undefined).isTaken).toBe(false);
  expect(decide(result('tie', many('wrong', 6)), () => false, undefined).isTaken).toBe(true);
});

test('the lower end of the accuracy is what is asked for', () => {
  const { accuracy } = decide(result('tie', []), isOld, undefined);
  expect(decide(result('tie', []), isOld, (accuracy?.low ?? 1) + 0.001).isTaken).toBe(false);
  expect(decide(result('tie', []), isOld, (accuracy?.low ?? 0) - 0.001).isTaken).toBe(true);
});
