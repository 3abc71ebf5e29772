/** Names of classes, labels and photos that every disk takes. */

import { CarafeError } from '../errors.ts';
import { message } from '../message.ts';

/** What names have in common that differ by case or composition alone: on many disks they are one. */
export function keyOf(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** What some systems allow in no name of a folder, and lists put between labels. */
const forbidden = /[<>:"/\\|?*\p{Cc}]/u;

/** @throws CarafeError USAGE for a name that cannot be a folder's */
export function requireName(label: string): string {
  const name = label.normalize('NFC').trim();
  if (name !== '' && name.length <= 100 && !forbidden.test(name) && !/^\.|\.$/.test(name)) return name;
  throw new CarafeError(
    'USAGE',
    name === ''
      ? 'A class needs a name.'
      : message`'${name}' cannot be the name of a class, since its photos lie in a folder of that name.`,
    'Use letters, digits and blanks, at most 100, no slashes, and no dot at either end.',
  );
}

export function fileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const plain = last
    .normalize('NFC')
    .replace(/[<>:"|?*\p{Cc}]/gu, '-')
    .replace(/^\.+/, '')
    .slice(-120);
  return plain || 'photo';
}

/** The path, numbered where it is taken, which it is then. @param taken keys of paths: many disks take `A.jpg` for `a.jpg` */
export function freePath(wanted: string, taken: Set<string>): string {
  const dot = wanted.lastIndexOf('.');
  const [stem, end] = dot > wanted.indexOf('/') ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, ''];
  let path = wanted;
  for (let copy = 2; taken.has(keyOf(path)); copy++) path = `${stem} (${copy})${end}`;
  taken.add(keyOf(path));
  return path;
}
