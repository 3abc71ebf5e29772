/** What is said while it works. */

import type { ExtractionProgress } from '../features/extraction.ts';
import type { TrainOptions } from '../runs/options.ts';
import { inFlags } from './flags.ts';
import { bytes as size } from './show.ts';
import { type Output, safe } from './terminal.ts';

/** What a command says while it works; stdout stays free for the result. */
export interface Display {
  readonly listeners: Required<
    Pick<TrainOptions, 'onProgress' | 'onDownload' | 'onStage' | 'onFitting' | 'onUnderstood' | 'onWarning'>
  >;
  readonly done: () => void;
}

const quietMilliseconds = 4000;
const frameMilliseconds = 100;
/** The first photos also wait for the network to be loaded: until so many photos or seconds, they do not tell how long the rest takes. */
const telling = { photos: 10, seconds: 10 };
/** In columns: a shorter bar says nothing. */
const leastBar = 6;

/** A bar on a terminal, else a line every few seconds; nothing at all where the work is done at once. */
export function display(stream: Output): Display {
  const live = stream.isTTY && process.env.TERM !== 'dumb';
  const began = performance.now();
  let last = live ? began : began - quietMilliseconds / 2;
  let drawn = false;
  let stage = '';
  /** Of the photos that are being looked at now: since when, and how many were done when it was last told. */
  const photos = { began, done: 0 };
  /** Of the stage that is going on: since when, and how far it has come. */
  let fitted = { began, share: 0 };
  const clear = () => {
    if (drawn) stream.clearLine();
    drawn = false;
  };
  const draw = (share: number, line: string) => {
    const now = performance.now();
    if (now - last < (live ? frameMilliseconds : quietMilliseconds)) return;
    last = now;
    if (!live) return void stream.write(`${line}\n`);
    clear();
    const room = stream.columns - 2 - line.length;
    stream.write((room < leastBar ? line : `${bar(share, Math.min(room, 24))} ${line}`).slice(0, stream.columns - 1));
    drawn = true;
  };
  const listeners = {
    onProgress(state: ExtractionProgress) {
      if (state.computed === 0 || state.done < photos.done) photos.began = performance.now();
      photos.done = state.done;
      const line = extractionLine(state, (performance.now() - photos.began) / 1000);
      draw(state.done / state.total, stage ? `${stage}: ${line}` : line);
    },
    onDownload: (file: string, done: number, total: number | undefined) =>
      draw(total ? done / total : 0, `${file}: ${size(done)}${total ? ` of ${size(total)}` : ''}`),
    onStage(text: string) {
      stage = text;
      fitted = { began: performance.now(), share: 0 };
      if (!live) return;
      clear();
      stream.write(text);
      drawn = true;
    },
    onFitting(share: number) {
      if (share < fitted.share) fitted = { began: performance.now(), share };
      fitted.share = share;
      draw(share, fittingLine(stage, share, (performance.now() - fitted.began) / 1000));
    },
    onUnderstood(text: string) {
      clear();
      stream.say(`${safe(inFlags(text))}\n`);
    },
    onWarning(text: string) {
      clear();
      stream.say(`warning: ${safe(inFlags(text))}\n`);
    },
  };
  return { listeners, done: clear };
}

function bar(share: number, cells: number): string {
  const full = Math.round(share * cells);
  return '█'.repeat(full) + '░'.repeat(cells - full);
}

/** `Fitting the head: 34%, 40 s left`; the first moments do not tell how long the rest takes. */
export function fittingLine(stage: string, share: number, seconds: number): string {
  const left = share >= 0.02 && seconds >= 1 ? `, ${duration((seconds * (1 - share)) / share)} left` : '';
  return `${stage || 'Fitting'}: ${Math.floor(100 * share)}%${left}`;
}

/** `1,200 of 3,670 photos, 190 images/s, 13 s left` */
export function extractionLine({ done, total, computed, failed }: ExtractionProgress, seconds: number): string {
  const parts = [`${done.toLocaleString('en')} of ${total.toLocaleString('en')} photos`];
  if (computed > 0 && seconds > 0 && (computed >= telling.photos || seconds >= telling.seconds)) {
    const rate = computed / seconds;
    parts.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} images/s`, `${duration((total - done) / rate)} left`);
  }
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(', ');
}

/** Seconds in words: `0.4 s`, `13 s`, `2 min 5 s`, `1 h 4 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
