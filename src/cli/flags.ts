/** The library's words for options, as flags. */

import { CarafeError } from '../errors.ts';
import { options } from './options.ts';

/** `name` or `name: value`, as the library's messages write options. */
const written = /`(\w+)(?:: ([^`]*))?`/g;

/** Flags by the names that the options have in the library, where they are the same thing. */
const flags: ReadonlyMap<string, string> = new Map([
  ...Object.entries(options).map(([name, { flags: text }]) => [name, text.split(' ')[0]] as const),
  ['trainOneClass', options.oneClass.flags],
]);

/** A message of the library, with the flags of the command in place of its options: `--head knn` for `head: 'knn'`. */
export function inFlags(message: string): string {
  return message.replace(written, (whole: string, name: string, value: string | undefined) => {
    const flag = flags.get(name);
    if (flag === undefined) return whole;
    if (value === undefined) return flag;
    const plain = /^'(.*)'$/s.exec(value)?.[1] ?? value;
    return `${flag} ${/^[\w./:@+-]+$/.test(plain) ? plain : value}`;
  });
}

/** The same of an error. */
export function errorInFlags(error: CarafeError): CarafeError {
  const { code, what, hint, stack } = error;
  const shown = new CarafeError(code, inFlags(what), inFlags(hint), { cause: error.cause });
  if (stack !== undefined) shown.stack = stack;
  return shown;
}
