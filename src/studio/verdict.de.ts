/** What a result comes to, in German. */

import type { OneClassResult } from '../results/oneClassResult.ts';
import type { TrainResult } from '../results/trainResult.ts';
import { decimal, percentIn, quoted } from '../ui/figures.de.ts';

const mostWeak = 3;

/** As `doctor/verdict.ts` says it in English. */
export function verdict(result: TrainResult | OneClassResult): string {
  return result.task === 'one-class' ? ofNormal(result) : ofClasses(result);
}

function ofNormal({ evaluation: { falsePositiveRate, detection } }: OneClassResult): string {
  const alarms = `${percentIn(falsePositiveRate.value)} der normalen Fotos gelten als nicht normal.`;
  return detection ? alarms : `${alarms} Andere Fotos gab es nicht; wie viele davon auffallen, ist also nicht bekannt.`;
}

function ofClasses({ evaluation, verdict: { standing, gain, weak }, duplicates, split }: TrainResult): string {
  const { accuracy, baseline, perClass } = evaluation;
  if (!gain)
    return `${percentIn(accuracy.value)} dieser Fotos werden richtig erkannt (95-%-Intervall ${percentIn(accuracy.low)} bis ${percentIn(accuracy.high)}). Alle sind ${quoted(baseline.label)}; ob Klassen unterschieden werden, zeigen sie also nicht.`;
  const shown = weak.slice(0, mostWeak).map((label) => {
    const { recall, support } = perClass.find((each) => each.label === label) ?? { recall: null, support: 0 };
    return `${quoted(label)} (${percentIn(recall ?? 0)} von ${decimal(support, 0)} gefunden)`;
  });
  const more = weak.length - shown.length;
  const told =
    shown.length > 0 ? [`Schwach: ${shown.join(', ')}${more > 0 ? ` und ${decimal(more, 0)} weitere` : ''}.`] : [];
  if (standing === 'unknown') {
    const alike = duplicates.series?.labels.slice(0, mostWeak).map(quoted).join(', ');
    const why = alike
      ? `alle Fotos von ${alike} sehen gleich aus, als wäre jede Klasse eine einzige Serie`
      : `${decimal(split.leaks, 0)} der gelernten Fotos gleichen Testfotos`;
    return [`${percentIn(accuracy.value)} richtig, aber vielleicht nicht bei neuen Fotos: ${why}.`, ...told].join(' ');
  }
  const start = { better: 'Deutlich besser', unclear: 'Nicht messbar besser', worse: 'Schlechter' }[standing];
  const supports = perClass.map(({ support }) => support).filter((support) => support > 0);
  const isEven = supports.every((support) => support === supports[0]);
  const points = (figure: number) => decimal(100 * figure);
  return [
    `${start}, als immer ${quoted(baseline.label)} zu antworten${isEven ? '' : ', die häufigste Klasse'}:`,
    `${percentIn(accuracy.value)} richtig gegenüber ${percentIn(baseline.accuracy)},`,
    `ein Unterschied von ${points(gain.value)} Punkten (95-%-Intervall ${points(gain.low)} bis ${points(gain.high)}).`,
    ...told,
  ].join(' ');
}
