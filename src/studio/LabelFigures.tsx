/** Honest results where a photo may have several labels: figures, each label, the worst mistakes. */

import { useState } from 'preact/hooks';
import type { Interval } from '../metrics/evaluation.ts';
import { intervalChart } from '../report/charts/interval.ts';
import { learningCurveChart } from '../report/charts/learningCurve.ts';
import type { LabelsResult } from '../results/trainResult.ts';
import { common } from '../ui/common.ts';
import { Drawn } from '../ui/Drawn.tsx';
import { PhotoCard } from '../ui/PhotoCard.tsx';
import { Tabs } from '../ui/Tabs.tsx';
import { number, percent } from '../ui/texts.ts';
import type { App } from './app.web.ts';
import { curveWords, intervalWords } from './chartWords.ts';
import { say } from './texts.ts';

const mostMistakes = 60;

export function LabelFigures({
  app,
  result: { evaluation, learningCurve },
  children,
}: {
  readonly app: App;
  readonly result: LabelsResult;
  readonly children: preact.ComponentChildren;
}) {
  const { meanAveragePrecision: figure, baseline, exactMatch, mistakes } = evaluation;
  const [tab, setTab] = useState<'labels' | 'mistakes' | 'curve'>('labels');
  const tabs = [
    ['labels', say('labelByLabel')],
    ...(mistakes.length > 0 ? [['mistakes', `${say('mistakes')} (${number(mistakes.length)})`] as const] : []),
    ...(learningCurve ? [['curve', say('curve')] as const] : []),
  ] as const;
  return (
    <>
      <p class="figure">{percent(figure.value)}</p>
      <p>{say('meanAveragePrecision')}</p>
      <Drawn chart={intervalChart(figure, baseline, intervalWords())} />
      <p class="soft">{common('between', { low: percent(figure.low), high: percent(figure.high) })}</p>
      <p>
        <strong>{percent(exactMatch.value)}</strong> {say('exactMatch')}
      </p>
      {children}
      <Tabs tabs={tabs} shown={tab} show={setTab} />
      {tab === 'labels' && <LabelTable rows={evaluation.perLabel} />}
      {tab === 'curve' && learningCurve && <Drawn chart={learningCurveChart(learningCurve, curveWords())} />}
      {tab === 'mistakes' && (
        <ul class="shots">
          {mistakes.slice(0, mostMistakes).map(({ path, missed, extra }) => (
            <li key={path}>
              <PhotoCard path={path} address={app.address} note={wordsOf(missed, extra)} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The weakest first, as in the report. */
function LabelTable({ rows }: { readonly rows: LabelsResult['evaluation']['perLabel'] }) {
  const weakest = rows.toSorted((a, b) => (a.averagePrecision?.value ?? 2) - (b.averagePrecision?.value ?? 2));
  const columns = ['ranked', 'found', 'right', 'both', 'thresholdName'] as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="scroll" tabIndex={0} aria-label={say('labelByLabel')}>
      <table class="plain">
        <thead>
          <tr>
            <td />
            {columns.map((name) => (
              <th key={name} scope="col">
                {say(name)}
              </th>
            ))}
            <th scope="col">{common('photos')}</th>
          </tr>
        </thead>
        <tbody>
          {weakest.map(({ label, averagePrecision, recall, precision, f1, threshold, support }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{figureOf(averagePrecision)}</td>
              <td>{recall === null ? '–' : percent(recall, 0)}</td>
              <td>{precision === null ? '–' : percent(precision, 0)}</td>
              <td>{figureOf(f1)}</td>
              <td>{percent(threshold, 0)}</td>
              <td>{number(support)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function figureOf(figure: Interval | null) {
  if (!figure) return '–';
  return (
    <>
      {percent(figure.value)} <small>{`${percent(figure.low, 0)} – ${percent(figure.high, 0)}`}</small>
    </>
  );
}

function wordsOf(missed: readonly { readonly label: string }[], extra: readonly { readonly label: string }[]): string {
  const list = (all: readonly { readonly label: string }[]) => all.map(({ label }) => label).join(', ');
  return [
    ...(missed.length > 0 ? [say('missed', { labels: list(missed) })] : []),
    ...(extra.length > 0 ? [say('extra', { labels: list(extra) })] : []),
  ].join('; ');
}
