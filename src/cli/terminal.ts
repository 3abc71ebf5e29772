/** The one way to stdout and stderr, escaped. */

import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import { CarafeError } from '../errors.ts';
import { widthOf, wrap } from './wrap.ts';

type Style = Parameters<typeof styleText>[0];

/** Where text is written: a terminal, a file or a pipe, whose reader may have gone away. */
export interface Output {
  readonly isTTY: boolean;
  readonly columns: number;
  /** Control characters are escaped, all but line ends and tabs; `paint` alone can style. */
  write(text: string): void;
  /** Whole lines for people: as `write`, and a terminal has them broken between words. */
  say(text: string): void;
  /** Empties the line that the cursor is on. */
  clearLine(): void;
}

/** Only this process knows it, so no label can style what is printed. */
const mark = randomUUID();
const marks = new RegExp(`${mark}(\\d+)m`, 'g');

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to escape
const styles = /\u001b\[(\d+)m/g;
/** What moves the cursor, restyles or reorders text: C0, C1, bidirectional controls, line and paragraph separators. */
const controls = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** JSON's way to write a character, so that JSON stays what it was. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const longest = 1000;

/**
 * Text that came from file names, labels or a file's own words, as one line that cannot rewrite the terminal. Of very
 * long text the beginning.
 */
export function safe(text: string): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}... (${text.length} characters)` : text;
  return shown.replace(controls, (character) => (character === '\n' ? '\\n' : escaped(character)));
}

/** Colours text where stdout is a terminal and NO_COLOR is not set. */
export function paint(style: Style, text: string): string {
  if (!process.stdout.isTTY || process.env.NO_COLOR || process.env.TERM === 'dumb') return text;
  return styleText(style, text.replace(controls, escaped)).replace(styles, `${mark}$1m`);
}

/** The one way to stdout and stderr. */
export function output(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>): Output {
  const write = (text: string) => void stream.write(text.replace(marks, '\u001b[$1m'));
  const plain = (text: string) =>
    text.replace(controls, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (text) => write(plain(text)),
    say(text) {
      const width = (word: string) => widthOf(word.replace(marks, ''));
      write(stream.isTTY ? wrap(plain(text), this.columns, width) : plain(text));
    },
    clearLine: () => void stream.write('\r\u001b[2K'),
  };
}

export const stdout = output(process.stdout);
export const stderr = output(process.stderr);

/** Says what is wrong, and what to do now. */
export function complain({ what, hint }: CarafeError): void {
  const line = (text: string) => safe(text.replace(/\s*[\r\n]\s*/g, ' '));
  stderr.say(`error: ${line(what)}\n${line(hint)}\n`);
}

/**
 * A reader that goes away (`| head`) is no error and takes nothing with it: the work is finished, and the exit code is
 * what it would have been. A disk that is full is an error, of which the exit code tells.
 */
export function minding(process: NodeJS.Process): void {
  let lost: CarafeError | undefined;
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || lost) return;
    lost = new CarafeError(
      'UNWRITABLE',
      `The result cannot be written to stdout: ${error.message}.`,
      'Free some space there, or write it elsewhere.',
    );
    complain(lost);
  });
  process.on('exit', (code) => {
    if (lost && code === 0) process.exitCode = lost.exitCode;
  });
}
