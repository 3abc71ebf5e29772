/** An answer as an exported page shows it: what it is, and how probable each label is. */

import type { Card } from '../classifier/card.ts';
import { number, percent } from '../ui/texts.ts';
import type { Said } from './pageClassifier.web.ts';
import { say } from './words.ts';

/** So many labels are shown, the likeliest. */
const most = 8;
/** So many classes that it may be, too, are named; more are counted. */
const mostOthers = 3;

export function AnswerOf({ said, card }: { readonly said: Said; readonly card: Card }) {
  if (said.kind === 'normal') {
    const { isNormal, score } = said.detection;
    const threshold = card.task === 'one-class' ? card.threshold.value : 0;
    return (
      <>
        <p class={`answer${isNormal ? '' : ' strange'}`}>{say(isNormal ? 'normal' : 'abnormal')}</p>
        <p>{say('score', { score: number(score, 3), threshold: number(threshold, 3) })}</p>
      </>
    );
  }
  const { label, labels, classes, isKnown, set = [] } = said.prediction;
  const isStrange = isKnown === false;
  const others = isStrange ? [] : set.slice(1);
  const found = labels?.map((one) => one.label).join(', ');
  return (
    <>
      <p class={`answer${isStrange ? ' strange' : ''}`}>
        {isStrange ? say('unknown') : labels ? found || say('none') : label}
      </p>
      {isStrange && <p>{say('nearest')}</p>}
      {others.length > 0 && (
        <p>
          {others.length > mostOthers
            ? say('mayBeMany', { count: others.length })
            : say('mayBe', { labels: others.join(', ') })}
        </p>
      )}
      <ul class="bars">
        {classes.slice(0, most).map((one) => (
          <li key={one.label}>
            <span title={one.label}>{one.label}</span>
            <b>{percent(one.probability)}</b>
            <i style={{ '--share': one.probability }} />
          </li>
        ))}
      </ul>
    </>
  );
}
