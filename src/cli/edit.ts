import { CarafeError } from '../errors.ts';
import { editClassifier } from '../index.ts';
import type { Run } from './main.ts';
import { paint, safe } from './show.ts';

export const run: Run<'edit'> = async ([file], { remove, merge, rename, to, json }, { out }) => {
  const edits = {
    remove: parts(remove, ','),
    merge: parts(merge, ',').map((text) => {
      const [labels, into] = pair(text, '--merge', 'cat+dog=pet');
      return { labels: parts(labels, '+'), into };
    }),
    rename: new Map(parts(rename, ',').map((text) => pair(text, '--rename', 'cat=Cat'))),
  };
  if (edits.remove.length + edits.merge.length + edits.rename.size === 0)
    throw new CarafeError('USAGE', 'Nothing to edit was named.', 'Give --remove, --merge or --rename.');
  const target = to ?? file.replace(/(\.onnx)?$/, '-edited.onnx');
  const { labels } = await editClassifier(file, edits, target);
  out(
    json
      ? `${JSON.stringify({ command: 'edit', classifier: target, labels })}\n`
      : `Classes: ${labels.map(safe).join(', ')}\n\nClassifier  ${paint('cyan', safe(target))}\nIts figures are those from before; \`carafe evaluate\` measures it anew.\n`,
  );
  return 0;
};

function parts(text: string | undefined, separator: string): string[] {
  return text === undefined ? [] : text.split(separator).map((part) => part.trim());
}

function pair(text: string, flag: string, example: string): [string, string] {
  const at = text.lastIndexOf('=');
  const both: [string, string] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at > 0 && both.every((part) => part !== '')) return both;
  throw new CarafeError(
    'USAGE',
    `${flag} ${text}: there is nothing to be changed into.`,
    `Write it like ${flag} ${example}.`,
  );
}
