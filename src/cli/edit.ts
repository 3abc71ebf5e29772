import { CarafeError } from '../errors.ts';
import { type EditResult, editClassifier } from '../index.ts';
import { failuresText } from './failures.ts';
import type { Run } from './main.ts';
import { paint, percent, plural, safe } from './show.ts';

export const run: Run<'edit'> = async ([file], { remove, merge, rename, add, to, json, threads }, { out, signal }) => {
  const edits = {
    remove: parts(remove, ','),
    merge: parts(merge, ',').map((text) => {
      const [labels, into] = pair(text, '--merge', 'cat+dog=pet');
      return { labels: parts(labels, '+'), into };
    }),
    rename: new Map(parts(rename, ',').map((text) => pair(text, '--rename', 'cat=Cat'))),
    add: grouped(parts(add, ',').map((text) => pair(text, '--add', 'cat=photos/cats'))),
  };
  if (edits.remove.length + edits.merge.length + edits.rename.size + edits.add.size === 0)
    throw new CarafeError('USAGE', 'Nothing to edit was named.', 'Give --remove, --merge, --rename or --add.');
  const target = to ?? file.replace(/(\.onnx)?$/, '-edited.onnx');
  const result = await editClassifier(file, edits, target, { threads, signal });
  out(json ? `${JSON.stringify(result)}\n` : editText(result));
  return 0;
};

function parts(text: string | undefined, separator: string): string[] {
  return text === undefined ? [] : text.split(separator).map((part) => part.trim());
}

function editText({ labels, removed, added, failed, classifier }: EditResult): string {
  const lines = added.map(({ label, isNew, photos, unknownAtMost }) => {
    const unknown =
      unknownAtMost === null
        ? ''
        : unknownAtMost === 1
          ? '; one photo cannot tell how often photos like it are called unknown'
          : `; of photos like these at most ${percent(unknownAtMost)} are called unknown, on average`;
    return `Added ${plural(photos, 'photo')} ${isNew ? 'of the new class' : 'to the class'} ${safe(label)}${unknown}.\n`;
  });
  if (removed) lines.unshift(`Removed ${removed.labels.map(safe).join(', ')}. ${safe(removed.note)}\n`);
  return `${lines.join('')}${failed.length > 0 ? `Left out:\n${failuresText(failed)}` : ''}Classes: ${labels.map(safe).join(', ')}

Classifier  ${paint('cyan', safe(classifier))}
Its figures are those from before; \`carafe evaluate\` measures it anew.
`;
}

/** Several folders of one class go together. */
function grouped(pairs: readonly [string, string][]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [label, path] of pairs) groups.set(label, [...(groups.get(label) ?? []), path]);
  return groups;
}

function pair(text: string, flag: string, example: string): [string, string] {
  const at = text.lastIndexOf('=');
  const both: [string, string] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at > 0 && both.every((part) => part !== '')) return both;
  throw new CarafeError(
    'USAGE',
    `${flag} ${text}: two sides of a '=' are expected.`,
    `Write it like ${flag} ${example}.`,
  );
}
