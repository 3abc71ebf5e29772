/** The confusion matrix, whose cells open their photos. */

import { useState } from 'preact/hooks';
import type { Evaluation } from '../metrics/evaluation.ts';
import { isHit, type Pair, pairsOf } from '../report/pairs.ts';
import { common } from './common.ts';
import { type PhotoAddress, PhotoCard } from './PhotoCard.tsx';
import { number, percent } from './texts.ts';

/** The matrix of an evaluation, and below it the photos of the open cell, mistakes that were surest first. */
export function ConfusionCells({
  evaluation,
  address,
}: {
  readonly evaluation: Pick<Evaluation, 'confusion' | 'photos'>;
  readonly address: PhotoAddress;
}) {
  const { labels } = evaluation.confusion;
  const pairs = pairsOf(evaluation);
  const [chosen, choose] = useState<string>();
  const open = pairs.find((pair) => keyOf(pair) === chosen) ?? pairs.find((pair) => !isHit(pair));
  return (
    <div>
      <p class="soft">{common('confusion')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scroll" tabIndex={0} aria-label={common('confusion')}>
        <table class="matrix">
          <thead>
            <tr>
              <td />
              {labels.map((label) => (
                <th key={label} scope="col">
                  <span>{label}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, truth) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {labels.map((answer, place) => {
                  const pair = pairs.find((each) => each.truth === truth && each.answer === place);
                  return pair ? (
                    <td
                      key={answer}
                      class={isHit(pair) ? 'hit' : 'miss'}
                      style={{ '--share': pair.count / totalOf(pairs, truth) }}
                    >
                      <button
                        type="button"
                        aria-expanded={pair === open}
                        aria-label={wordsOf(pair, labels)}
                        onClick={() => choose(keyOf(pair))}
                      >
                        {number(pair.count)}
                      </button>
                    </td>
                  ) : (
                    <td key={answer} class="none">
                      ·
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {open && (
        <section aria-label={wordsOf(open, labels)}>
          <h3>{wordsOf(open, labels)}</h3>
          <ul class="shots">
            {open.photos.map(({ path, probability }) => (
              <li key={path}>
                <PhotoCard path={path} address={address} note={percent(probability)} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function keyOf({ truth, answer }: Pair): string {
  return `${truth} ${answer}`;
}

function totalOf(pairs: readonly Pair[], truth: number): number {
  return pairs.reduce((sum, pair) => sum + (pair.truth === truth ? pair.count : 0), 0);
}

function wordsOf({ truth, answer, count }: Pair, labels: readonly string[]): string {
  return common('cell', { truth: labels[truth] ?? '', answer: labels[answer] ?? '', count });
}
