/** `carafe predict`. */

import { stat } from 'node:fs/promises';
import { CarafeError } from '../errors.ts';
import { remarkSentences } from '../images/remarks.ts';
import { csvTable } from '../results/csv.ts';
import type { DetectResult, PredictResult } from '../results/predictResult.ts';
import { predictPhotos } from '../runs/answers.node.ts';
import { detectPhotos, PhotoDetector } from '../runs/detect.node.ts';
import { loadFile } from '../runs/load.node.ts';
import { availableCores } from '../runtime/cores.node.ts';
import type { Run } from './command.ts';
import { decimal, percent, plural } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'predict'> = async ([file, ...paths], values, { out, stderr, signal }) => {
  const { top, averageViews, why, heatmaps, json, csv, threads } = values;
  if (json && csv)
    throw new CarafeError('USAGE', '--json and --csv cannot be used together.', 'Leave one of them out.');
  // For one photo alone, threads would start up and the network be made faster for longer than it takes to answer.
  const optimize = !(await isOnePhoto(paths));
  const workers = optimize ? (threads ?? availableCores()) : undefined;
  const classifier = await loadFile(file, { workers, optimize });
  const predictions: (DetectResult | PredictResult)['predictions'][number][] = [];
  if (classifier instanceof PhotoDetector) {
    const [wrong] = [top !== undefined && '--top', averageViews && '--average-views'].filter((one) => one !== false);
    if (wrong !== undefined)
      throw new CarafeError(
        'USAGE',
        `${wrong}: ${file} is a one-class classifier, which has no classes.`,
        'Leave it out.',
      );
    const result = await detectPhotos(classifier, paths, { heatmaps, why, signal });
    if (json) out(`${JSON.stringify(result)}\n`);
    else out(csv ? detectionsCsv(result) : lines(result, detectionLine));
    for (const one of result.predictions) predictions.push(one);
  } else {
    if (heatmaps !== undefined)
      throw new CarafeError(
        'USAGE',
        `--heatmaps: ${file} is not a one-class classifier, so it has no heatmap.`,
        'Leave it out.',
      );
    const result = await predictPhotos(classifier, paths, { top: top ?? 1, averageViews, why, signal });
    if (json) out(`${JSON.stringify(result)}\n`);
    else out(csv ? csvText(result, top ?? 1) : lines(result, answerLine));
    for (const one of result.predictions) predictions.push(one);
  }
  const warnings = remarkSentences(predictions.flatMap((one) => ('code' in one ? [] : [one])));
  // The table has no place for them.
  if (json || csv) for (const one of predictions) if ('code' in one) warnings.push(`${one.path}: ${one.reason}`);
  for (const warning of warnings) stderr.say(`warning: ${safe(warning)}\n`);
  return 0;
};

type Answer = (DetectResult | PredictResult)['predictions'][number];

/** A line a photo, and under it the photos that speak for it, where these were asked for. */
function lines<Photo extends Answer>(
  { predictions, learned }: { readonly predictions: readonly Photo[]; readonly learned?: PredictResult['learned'] },
  line: (prediction: Photo) => string,
): string {
  if (!learned) return predictions.map(line).join('');
  const { folder, photos } = learned;
  const shown = predictions.map((prediction) => line(prediction) + evidenceLine(prediction, folder));
  const found =
    photos === 0
      ? 'The cache holds none of the photos that the classifier learned from\n'
      : `Most similar of the ${plural(photos, 'photo')} it learned from, in ${safe(folder)} (1 = identical, 0 = unrelated)\n`;
  return `${shown.join('')}\n${found}`;
}

function evidenceLine(prediction: Answer, folder: string): string {
  if ('code' in prediction || !prediction.evidence) return '';
  const near = prediction.evidence.map(
    ({ path, similarity }) => `${safe(path.slice(folder.length))} ${decimal(similarity, 2)}`,
  );
  return `    ${near.join(', ')}\n`;
}

async function isOnePhoto(paths: readonly string[]): Promise<boolean> {
  return paths.length === 1 && ((await stat(paths[0]).catch(() => undefined))?.isFile() ?? false);
}

function detectionLine(prediction: DetectResult['predictions'][number]): string {
  const path = safe(prediction.path);
  if ('code' in prediction) return `${path}  ${paint('yellow', `not read: ${prediction.reason}`)}\n`;
  const { label, isNormal, score, heatmap } = prediction;
  const where = heatmap ? `, ${safe(heatmap)}` : '';
  return `${path}  ${paint(isNormal ? 'bold' : ['bold', 'yellow'], label)} (score ${score.toPrecision(4)}${where})\n`;
}

/** The table with one more column, where evidence was asked for: paths, joined by |. */
function csvOf(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { predictions, learned }: DetectResult | PredictResult,
): string {
  const cell = (answer: Answer) => ('code' in answer ? [] : (answer.evidence ?? [])).map(({ path }) => path).join('|');
  const table = learned
    ? [[...header, 'evidence'], ...rows.map((row, i) => [...row, cell(predictions[i])])]
    : [header, ...rows];
  return csvTable(table);
}

function detectionsCsv(result: DetectResult): string {
  const rows = result.predictions.map((prediction) =>
    'code' in prediction
      ? [prediction.path, '', '', '', prediction.reason]
      : [prediction.path, prediction.label, prediction.score.toPrecision(7), prediction.heatmap ?? '', ''],
  );
  return csvOf(['path', 'label', 'score', 'heatmap', 'error'], rows, result);
}

/** A photo and what is on it, as the terminal has it. */
export function answerLine(prediction: PredictResult['predictions'][number]): string {
  const path = safe(prediction.path);
  if ('code' in prediction) return `${path}  ${paint('yellow', `not read: ${prediction.reason}`)}\n`;
  const unknown = prediction.isKnown === false && paint('bold', 'unknown');
  const [first, ...rest] = (prediction.labels ?? prediction.classes).map(
    ({ label, probability }) => `${safe(label)} ${percent(probability)}`,
  );
  if (first === undefined) return `${path}  ${unknown || 'none'}\n`;
  if (unknown) return `${path}  ${unknown} (nearest: ${[first, ...rest].join(', ')})\n`;
  const others = 'set' in prediction ? otherwise(prediction.set?.slice(prediction.classes.length)) : '';
  return `${path}  ${[paint('bold', first), ...rest].join(', ')}${others}\n`;
}

/** So many classes that the photo may be of, too, are named; more are counted. */
const namedOthers = 3;

/** What else the photo may be, besides the classes that are shown. */
function otherwise(others: readonly string[] = []): string {
  if (others.length === 0) return '';
  if (others.length > namedOthers) return ` (or one of ${others.length} others)`;
  const names = others.map(safe);
  const [last] = names.splice(-1);
  return ` (or ${names.length > 0 ? `${names.join(', ')} or ` : ''}${last})`;
}

/**
 * One row a photo: the answer, which is `unknown` where the photo is not known, and what is nearest. Several labels
 * are joined by |, as a list of photos has them.
 */
function csvText(result: PredictResult, top: number): string {
  const { predictions } = result;
  const several = predictions.some((prediction) => 'labels' in prediction);
  const header = several ? ['path', 'labels', 'probabilities'] : ['path', 'label', 'probability'];
  if (!several) for (let place = 2; place <= top; place++) header.push(`label${place}`, `probability${place}`);
  const ends = ['error', 'known', 'unknown_score', 'nearest', 'nearest_probability', ...(several ? [] : ['set'])];
  const columns = [...header, ...ends];
  const rows = predictions.map((prediction) => {
    if ('code' in prediction) return pad([...pad([prediction.path], header.length), prediction.reason], columns.length);
    const { path, classes, labels, set = [], isKnown, unknownScore } = prediction;
    const nearest = answerCells(labels ?? classes.slice(0, 1));
    const others = several ? [] : classes.slice(1).flatMap((one) => answerCells([one]));
    const cells = pad([path, ...(isKnown === false ? ['unknown', ''] : nearest), ...others], header.length);
    return [
      ...cells,
      '',
      String(isKnown ?? ''),
      unknownScore?.toFixed(4) ?? '',
      ...nearest,
      ...(several ? [] : [set.join('|')]),
    ];
  });
  return csvOf(columns, rows, result);
}

function answerCells(answers: readonly { readonly label: string; readonly probability: number }[]): string[] {
  return [
    answers.map(({ label }) => label).join('|'),
    answers.map(({ probability }) => probability.toFixed(6)).join('|'),
  ];
}

function pad(row: readonly string[], length: number): string[] {
  return Array.from({ length }, (_, i) => row[i] ?? '');
}
