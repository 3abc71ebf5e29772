/** `carafe explain`. */

import { CarafeError } from '../errors.ts';
import { largestOf } from '../numerics/statistics.ts';
import { type ExplainResult, unitDigits } from '../results/explainResult.ts';
import { shellWord } from '../results/shellWord.ts';
import { explain } from '../runs/library.node.ts';
import { isImageName } from '../sets/imageNames.ts';
import type { Run } from './command.ts';
import { display } from './progress.ts';
import { count, decimal, percent, plural, signed, table } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'explain'> = async (
  [classifier, photo],
  { json, html = 'carafe-explain.html', ...values },
  { out, stderr, signal },
) => {
  requireOrder(classifier, photo);
  const shown = display(stderr);
  try {
    const result = await explain(photo, { ...values, classifier, html, signal, ...shown.listeners });
    shown.done();
    out(json ? `${JSON.stringify(result)}\n` : explainText(result, html));
  } finally {
    shown.done();
  }
  return 0;
};

/** @throws CarafeError USAGE where the photo comes first */
function requireOrder(classifier: string, photo: string): void {
  if (!/\.onnx$/i.test(photo) || !isImageName(classifier)) return;
  throw new CarafeError(
    'USAGE',
    `${classifier} is a photo and ${photo} a network: the classifier comes first.`,
    `carafe explain ${shellWord(photo)} ${shellWord(classifier)}`,
  );
}

function explainText(
  { photo, isKnown, classes, features, backbone, neighbours, compared, among, folder }: ExplainResult,
  page: string,
): string {
  const silent = features.filter((value) => value === 0).length;
  const named = classes.map(({ label, probability }) => `${safe(label)} ${percent(probability)}`);
  return [
    isKnown === false
      ? `${safe(photo)}: ${paint('bold', 'unknown')}, not like the photos of any class (nearest: ${named.join(', ')})\n`
      : `${safe(photo)}: ${[paint('bold', named[0]), ...named.slice(1)].join(', ')}\n`,
    `\nIts fingerprint: ${count(features.length)} numbers from ${safe(backbone.name)}, ${count(silent)} of them zero\n`,
    `  ${sparkline(features)}\n`,
    ...classes.map(classText),
    `\nEffect: how far the score of the class would fall if the unit had ${compared > 0 ? `its average over ${plural(compared, 'other photo')}` : 'the value zero'}\n`,
    neighbours.length > 0
      ? `\nThe most similar of ${plural(compared, 'other photo')} ${among === null ? `it learned from, in ${safe(folder ?? '')}` : `in ${safe(among)}`}:\n`
      : '\nThe cache holds no photos this classifier learned from; name photos with --photos to see the most similar ones\n',
    table(
      neighbours.map(({ path, label, similarity }) => [
        safe(path),
        ...(label === undefined ? [] : [safe(label)]),
        decimal(similarity, 2),
      ]),
    ),
    `\nPage  ${paint('cyan', safe(page))}\n`,
  ].join('');
}

function classText({ label, units, depths, map }: ExplainResult['classes'][number]): string {
  const hasUsual = units.some(({ average }) => average !== null);
  const digits = unitDigits(units);
  const rows = units.map(({ unit, value, average, effect, depth }) => [
    String(unit),
    ...(depths ? [depth ?? ''] : []),
    decimal(value, digits),
    ...(average === null ? [] : [decimal(average, digits)]),
    signed(effect, 2),
  ]);
  return [
    `\nEvidence for ${paint('bold', safe(label))}\n`,
    map ? mapText(map) : '',
    depths ? table([['depth', 'effect'], ...depths.map(({ name, effect }) => [name, signed(effect, 2)])]) : '',
    table(
      [
        ['unit', ...(depths ? ['depth'] : []), 'value', ...(hasUsual ? ['average'] : []), 'effect'],
        ...rows.slice(0, 5),
      ],
      0,
    ),
  ].join('');
}

const shades = [' ', '░', '▒', '▓', '█'];

/** Two characters a place, since a character is twice as tall as wide. */
function mapText({ width, values }: NonNullable<ExplainResult['classes'][number]['map']>): string {
  const largest = Math.max(1e-9, largestOf(values));
  const cells = values.map((value) =>
    shades[Math.min(4, Math.max(0, Math.ceil((4.4 * value) / largest - 0.4)))].repeat(2),
  );
  return Array.from(
    { length: values.length / width },
    (_, row) => `  │${cells.slice(row * width, (row + 1) * width).join('')}│\n`,
  ).join('');
}

const bars = '▁▂▃▄▅▆▇█';

/** The largest of each run of values, in 72 columns. */
function sparkline(values: readonly number[]): string {
  const columns = Math.min(72, values.length);
  const largest = Math.max(1e-9, largestOf(values));
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    const share = Math.max(0, largestOf(values.slice(from, to))) / largest;
    return bars[Math.min(7, Math.floor(share * 8))];
  }).join('');
}
