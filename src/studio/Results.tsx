/** Honest results: figures, mistakes with their photos, labels to check, what to do next. */

import { useState } from 'preact/hooks';
import { intervalChart } from '../report/charts/interval.ts';
import { learningCurveChart } from '../report/charts/learningCurve.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import type { TrainResult } from '../results/trainResult.ts';
import { ConfusionCells } from '../ui/ConfusionCells.tsx';
import { common } from '../ui/common.ts';
import { Drawn } from '../ui/Drawn.tsx';
import { PhotoCard } from '../ui/PhotoCard.tsx';
import { messageWords, verdictWords } from '../ui/sentences.ts';
import { Tabs } from '../ui/Tabs.tsx';
import { percent } from '../ui/texts.ts';
import { adviceOf } from './advice.ts';
import type { App } from './app.web.ts';
import { curveWords, intervalWords } from './chartWords.ts';
import { ExportPanel } from './ExportPanel.tsx';
import { LabelFigures } from './LabelFigures.tsx';
import { Labels } from './Labels.tsx';
import { say } from './texts.ts';

export function Results({ app }: { readonly app: App }) {
  const state = app.state.value;
  const result = app.results.value;
  const work = state?.measuring;
  return (
    <section class="panel" aria-label={say('results')}>
      <h2>{say('results')}</h2>
      {work ? (
        <>
          <p role="status">{say('measuring', { stage: messageWords(work.stage) })}</p>
          <progress value={work.share} max={1} aria-label={messageWords(work.stage)} />
          <div class="row">
            <button type="button" onClick={() => void app.do(() => app.engine.cancel())}>
              {say('cancel')}
            </button>
            {state.measured?.stale && <span class="soft">{say('stale')}</span>}
          </div>
        </>
      ) : (
        <div class="row">
          <button
            type="button"
            class={result ? '' : 'main'}
            disabled={!state?.classes.some(({ enabled, photos }) => enabled && photos > 0)}
            onClick={() => void app.do(() => app.engine.measure())}
          >
            {say(result ? 'measureAgain' : 'measure')}
          </button>
          {state?.measured?.stale && <span class="soft">{say('stale')}</span>}
        </div>
      )}
      {result?.task === 'one-class' && <NormalFigures app={app} result={result} />}
      {result?.task === 'single-label' && <Figures app={app} result={result} />}
      {result?.task === 'multi-label' && (
        <LabelFigures app={app} result={result}>
          <Saving app={app} />
        </LabelFigures>
      )}
      {!result && !work && <p class="soft">{say('nothingYet')}</p>}
    </section>
  );
}

/** Of one class alone: where the line is, and which photos stand apart. */
function NormalFigures({ app, result }: { readonly app: App; readonly result: OneClassResult }) {
  const { suspects } = result;
  const { falsePositiveRate: alarms } = result.evaluation;
  return (
    <>
      <p class="figure">{percent(alarms.value)}</p>
      <p>{say('falseAlarms')}</p>
      <p class="soft">{common('between', { low: percent(alarms.low), high: percent(alarms.high) })}</p>
      <p>{verdictWords(result)}</p>
      <Saving app={app} />
      {suspects.length > 0 && (
        <>
          <h3>{say('suspects')}</h3>
          <ul class="shots">
            {suspects.slice(0, 30).map(({ path }) => (
              <li key={path}>
                <PhotoCard path={path} address={app.address} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Saving({ app }: { readonly app: App }) {
  return (
    <div class="row">
      <button type="button" class="main" onClick={() => void app.save('classifier.onnx')}>
        {say('saveClassifier')}
      </button>
      <button type="button" onClick={() => void app.save('report.html')}>
        {say('saveReport')}
      </button>
      <ExportPanel app={app} />
    </div>
  );
}

function Figures({ app, result }: { readonly app: App; readonly result: TrainResult }) {
  const { evaluation, split, learningCurve, labelErrors: { photos: doubtful } = { photos: [] } } = result;
  const { accuracy, baseline } = evaluation;
  const advice = adviceOf(result, app.engine.chooseNetwork !== undefined);
  const [tab, setTab] = useState<'confusion' | 'labels' | 'curve'>('confusion');
  const tabs = [
    ['confusion', say('confusionTitle')],
    ...(doubtful.length > 0 ? [['labels', `${say('labelErrors')} (${doubtful.length})`] as const] : []),
    ...(learningCurve ? [['curve', say('curve')] as const] : []),
  ] as const;
  return (
    <>
      <p class="figure">{percent(accuracy.value)}</p>
      <p>{say('accuracy')}</p>
      <Drawn chart={intervalChart(accuracy, baseline.accuracy, intervalWords())} />
      <p class="soft">{common('between', { low: percent(accuracy.low), high: percent(accuracy.high) })}</p>
      <p>{verdictWords(result)}</p>
      {advice.length > 0 && (
        <div class="verdict">
          <strong>{say('next')}</strong>
          <ul>
            {advice.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      <Saving app={app} />
      <Tabs tabs={tabs} shown={tab} show={setTab} />
      {tab === 'confusion' && split.repeats > 1 && <p class="soft">{say('confusionOnce', { count: split.repeats })}</p>}
      {tab === 'confusion' && <ConfusionCells evaluation={evaluation} address={app.address} />}
      {tab === 'curve' && learningCurve && <Drawn chart={learningCurveChart(learningCurve, curveWords())} />}
      {tab === 'labels' && <Labels app={app} errors={doubtful} />}
    </>
  );
}
