/** `carafe edit`. */

import { resolve } from 'node:path';
import { CarafeError } from '../errors.ts';
import type { EditResult } from '../results/editResult.ts';
import type { PhotoEdits } from '../runs/edit.node.ts';
import { editClassifier } from '../runs/library.node.ts';
import type { Run } from './command.ts';
import { failuresText } from './failures.ts';
import { percent, plural } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'edit'> = async ([file], { to, json, threads, ...values }, { out, signal }) => {
  const edits = wantedEdits(values);
  const result = await editClassifier(file, edits, to, { threads, signal });
  out(json ? `${JSON.stringify(result)}\n` : editText(result, resolve(result.classifier) === resolve(file)));
  return 0;
};

/**
 * Reads the options. In a label, or a path, a comma, + or = has a backslash before it.
 * @throws CarafeError USAGE
 */
export function wantedEdits({ remove, merge, rename, add }: EditOptions): Required<PhotoEdits> {
  const edits = {
    remove: each('--remove', remove, ([label, ...more]) => (more.length === 0 ? plain(label) : undefined)),
    merge: each('--merge', merge, ([labels, into, ...more]) => {
      const parts = split(labels, '+').map(plain);
      return into && more.length === 0 && !parts.includes('') ? { labels: parts, into: plain(into) } : undefined;
    }),
    rename: new Map(each('--rename', rename, pair)),
    add: grouped(each('--add', add, pair)),
  };
  if (edits.remove.length + edits.merge.length + edits.rename.size + edits.add.size === 0)
    throw new CarafeError('USAGE', 'There is nothing to edit.', 'Give --remove, --merge, --rename or --add.');
  return edits;
}

type EditOptions = { readonly [name in 'remove' | 'merge' | 'rename' | 'add']?: string | undefined };

const examples = { '--remove': 'cat', '--merge': 'cat+dog=pet', '--rename': 'cat=Cat', '--add': 'cat=photos/cats' };

/** Each of the parts that commas separate, read from its sides of =, none of which is empty. */
function each<T>(
  flag: keyof typeof examples,
  text: string | undefined,
  read: (sides: readonly string[]) => T | undefined,
): T[] {
  if (text === undefined) return [];
  return split(text, ',').map((part) => {
    const sides = split(part, '=');
    const value = sides.includes('') ? undefined : read(sides);
    if (value !== undefined) return value;
    throw new CarafeError(
      'USAGE',
      `${flag} ${text}: '${part}' does not have the form ${examples[flag]}.`,
      `Separate several with commas. If a label or path contains a comma, + or =, write \\, \\+ or \\= and put everything in quotes.`,
    );
  });
}

function pair([from, to, ...more]: readonly string[]): [string, string] | undefined {
  return to !== undefined && more.length === 0 ? [plain(from), plain(to)] : undefined;
}

/** Splits where the separator has no backslash before it. */
function split(text: string, separator: ',' | '+' | '='): string[] {
  return text.split({ ',': /(?<!\\),/, '+': /(?<!\\)\+/, '=': /(?<!\\)=/ }[separator]).map((part) => part.trim());
}

function plain(text: string): string {
  return text.replace(/\\([,+=])/g, '$1');
}

function editText({ labels, removed, added, failed, classifier }: EditResult, inPlace: boolean): string {
  const lines = added.map(({ label, isNew, photos, alreadyLearned, unknownAtMost }) => {
    const unknown =
      unknownAtMost === null
        ? ''
        : unknownAtMost === 1
          ? '; one photo cannot show how often photos like it will be called unknown'
          : `; on average, at most ${percent(unknownAtMost)} of photos like these will be called unknown`;
    const skipped =
      alreadyLearned > 0 ? `; skipped ${plural(alreadyLearned, 'photo')} already learned or given twice` : '';
    return `Added ${plural(photos, 'photo')} ${isNew ? 'of the new class' : 'to the class'} ${safe(label)}${unknown}${skipped}.\n`;
  });
  if (removed) lines.unshift(`Removed ${removed.labels.map(safe).join(', ')}. ${safe(removed.note)}\n`);
  return `${lines.join('')}${failed.length > 0 ? `Left out:\n${failuresText(failed)}` : ''}Classes: ${labels.map(safe).join(', ')}

Classifier  ${paint('cyan', safe(classifier))}${inPlace ? ', overwritten' : ''}
Its accuracy figures predate this edit; run \`carafe evaluate\` to measure again.
`;
}

/** Several folders of one class go together. */
function grouped(pairs: readonly [string, string][]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [label, path] of pairs) groups.set(label, [...(groups.get(label) ?? []), path]);
  return groups;
}
