/** The plan of a study: what is measured, how wide and how often, and what is not. */

import type { Training } from '../evaluation/select.ts';
import type { Problem } from '../heads/head.ts';
import { smallestOf } from '../numerics/statistics.ts';
import type { Folds } from '../split/split.ts';
import { studyTrainings } from './measure.ts';
import { type Precision, precisions } from './quantise.ts';

/** Ways to make features narrow; `all`: all units as they are; `depths`: those and the pooled maps of earlier layers. */
export const kinds = ['all', 'depths', 'pca', 'random', 'linear', 'relu', 'conv'] as const;
export type Kind = (typeof kinds)[number];

/**
 * quick: every second width, and no bottlenecks that are trained: seconds. usual: those that are trained up to a width,
 * and less often: less than a minute for 600 photos. thorough: every kind at every width, equally often: many minutes.
 */
export type Depth = 'quick' | 'usual' | 'thorough';

/** What is measured. */
export interface Plan {
  /** Of each kind, ascending; none where it is left out. */
  readonly widths: Readonly<Record<Kind, readonly number[]>>;
  readonly keptOf: (kind: Kind) => readonly Precision[];
  /** What each fold of a kind's rounds trains on. */
  readonly trainingsOf: (kind: Kind) => readonly Training[];
  /** Principal components that are found, and those of them that trained layers read. */
  readonly components: number;
  readonly read: number;
  /** What cannot be measured, or less often, and why. */
  readonly notes: readonly string[];
}

/** More components than this take minutes to find and are as good as all units. */
const widestProjection = 512;
/** What is trained reads so many principal components, or the maps' (conv.ts). */
export const readComponents = 256;
/** And is so wide at most, unless the study is thorough. */
const widestLearned = 128;

/** Answers to judge by, over all rounds: few photos are judged several times over. */
const answersWanted = 1800;
const leastRounds = 2;
const mostRounds = 5;

/**
 * How often a kind is judged, each time with other folds; all kinds share the folds of the first rounds. What is trained
 * takes nearly all of the time: unless the study is thorough, layers get two thirds of the rounds, 1x1 convolutions one
 * third.
 */
export function studyRounds(kind: Kind, photos: number, depth: Depth): number {
  const isLayer = kind === 'linear' || kind === 'relu';
  const share = depth === 'thorough' ? 1 : kind === 'conv' ? 1 / 3 : isLayer ? 2 / 3 : 1;
  const least = share < 0.5 ? 1 : leastRounds;
  return Math.max(least, Math.round(share * Math.min(mostRounds, answersWanted / photos)));
}

/** 1, 2, 4, ... below `columns`; every second of them in a quick study. */
export function studyWidths(columns: number, quick: boolean): number[] {
  const widths: number[] = [];
  for (let width = 1; width < columns; width *= quick ? 4 : 2) widths.push(width);
  return widths;
}

export function planStudy({ features, labels, spatial, representations }: Problem, split: Folds, depth: Depth): Plan {
  const quick = depth === 'quick';
  const { columns } = features;
  const photos = labels.length;
  const rounds = studyTrainings(split, photos);
  const trained = smallestOf(rounds.flat().map(({ folds }) => folds.filter((fold) => fold >= 0).length));
  // Photos span no more directions than there are photos; random ones need no photos.
  const spanned = Math.min(columns, trained);
  const doubled = studyWidths(columns, quick);
  const random = [...doubled, columns];
  const pca = doubled.filter((width) => width < trained && width <= widestProjection);
  const read = Math.min(readComponents, spanned);
  const mostLearned = depth === 'thorough' ? columns : Math.min(read, widestLearned);
  const learned = quick ? [] : random.filter((width) => width <= mostLearned);
  const conv = spatial ? learned : [];
  const deep = representations?.get('all')?.features.columns;

  const notes: string[] = [];
  if (pca.length < doubled.length)
    notes.push(
      `Principal components were measured up to width ${pca.at(-1) ?? 0}: ${spanned <= widestProjection ? `a fold trains on ${trained} photos, which span no more directions` : 'finding more takes minutes'}.`,
    );
  if (quick)
    notes.push(
      'Trained bottlenecks, and random directions stored in fewer bits, were left out: this was a quick study.',
    );
  else for (const one of trainedNotes()) notes.push(one);
  if (!deep) notes.push('All depths were left out: this network has no earlier feature maps.');

  return {
    widths: { all: [columns], depths: deep ? [deep] : [], pca, random, linear: learned, relu: learned, conv },
    keptOf: (kind) => (quick && kind === 'random' ? ['float32'] : precisions),
    trainingsOf: (kind) => rounds.slice(0, studyRounds(kind, photos, depth)).flat(),
    components: Math.max(2, pca.at(-1) ?? 1, quick ? 0 : read),
    read,
    notes,
  };

  function trainedNotes(): string[] {
    const told = ['Fewer bits after a trained bottleneck were measured with its last layer trained on full numbers.'];
    const often = (kind: Kind) => {
      const times = studyRounds(kind, photos, depth);
      return times === 1 ? 'once' : times === 2 ? 'twice' : `${times} times`;
    };
    if (!spatial) told.push('1x1 convolutions were left out: this network has no feature map at its cut.');
    else if (studyRounds('conv', photos, depth) < rounds.length)
      told.push(
        `Training takes long, so 1x1 convolutions were tested ${often('conv')}, trained layers ${often('linear')} and all else ${often('all')}; each is compared with all units on the same folds.`,
      );
    const [most] = learned.slice(-1);
    const input = `Trained bottlenecks read ${read} principal components`;
    if (most < columns)
      told.push(
        `${input}, and were measured up to width ${most}; a thorough study measures them up to ${columns.toLocaleString('en')}.`,
      );
    else if (read < columns) told.push(`${input}.`);
    return told;
  }
}
