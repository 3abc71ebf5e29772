/** `carafe next`. */

import type { NextResult } from '../results/nextResult.ts';
import { nextPhotos } from '../runs/library.node.ts';
import type { Run } from './command.ts';
import { failuresText } from './failures.ts';
import { readPreprocessing } from './preprocessing.ts';
import { display } from './progress.ts';
import { count, percent, plural, table } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'next'> = async ([source], { json, ...values }, { out, stderr, signal }) => {
  const preprocessing = await readPreprocessing(values.preprocessing);
  const shown = display(stderr);
  try {
    const result = await nextPhotos(source, { ...values, preprocessing, signal, ...shown.listeners });
    shown.done();
    out(json ? `${JSON.stringify(result)}\n` : nextText(result));
  } finally {
    shown.done();
  }
  return 0;
};

/** Chosen photos that the terminal shows; the list has all. */
const mostShown = 50;

function nextText({ images, labelled, classifier, by, photos, written, seconds }: NextResult): string {
  const known = labelled
    ? `, ${plural(labelled.photos, 'labelled photo')} of ${plural(labelled.classes, 'class', 'classes')}`
    : '';
  const how = {
    typical: 'Typical photos that differ from each other',
    unsure: `Photos that ${classifier ? safe(classifier) : 'a classifier of the labelled photos'} is least sure of, spread out`,
  }[by];
  const rows = photos
    .slice(0, mostShown)
    .map(({ path, standsFor, classes = [] }) => [
      safe(path),
      count(standsFor),
      ...(by === 'unsure'
        ? [classes.map(({ label, probability }) => `${safe(label)} ${percent(probability)}`).join(', ')]
        : []),
    ]);
  const header = ['photo', 'stands for', ...(by === 'unsure' ? ['looks like'] : [])];
  return [
    `${plural(images.found, 'photo')} without labels${known}: ${count(images.cached)} cached, ${count(images.computed)} computed, ${count(images.failed.length)} failed\n`,
    failuresText(images.failed),
    `${paint('bold', photos.length === 1 ? 'Label this photo first' : `Label these ${count(photos.length)} first`)} of ${plural(images.separate, 'separate photo')}. ${how}:\n\n`,
    table([header, ...rows], 1),
    photos.length > mostShown ? `  and ${photos.length - mostShown} more\n` : '',
    `\n${seconds.toFixed(1)} s\nWritten  ${paint('cyan', safe(written))}\n`,
  ].join('');
}
