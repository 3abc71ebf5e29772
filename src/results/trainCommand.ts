/** The command that repeats a run. */

import { distortionsOf, type ViewOptions } from '../images/view.ts';

/** What of a run's settings belongs on its command line. */
export interface CommandSettings {
  readonly out: string;
  readonly compareWith?: string | undefined;
  readonly backbone?: string | undefined;
  readonly cut?: string | undefined;
  readonly preprocessing?: unknown;
  readonly device?: string | undefined;
  readonly head?: string | undefined;
  readonly bottleneck?: number | 'auto' | undefined;
  readonly budget?: number | undefined;
  readonly views?: ViewOptions | undefined;
  readonly balance?: boolean | undefined;
  readonly folds?: number | undefined;
  readonly groupBy?: string | undefined;
  readonly ignoreSplit?: boolean | undefined;
  readonly asClasses?: boolean | undefined;
  readonly pathColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
  readonly splitColumn?: string | undefined;
  readonly encoding?: string | undefined;
  readonly mergeLabels?: boolean | undefined;
  readonly minPhotos?: number | undefined;
  readonly refit?: boolean | undefined;
  readonly falsePositiveRate: number;
  readonly oneClass?: boolean | undefined;
  readonly normal?: string | undefined;
  readonly memoryLimit?: number | undefined;
  readonly force?: boolean | undefined;
  readonly seed: number;
}

/** The command that makes the same classifier again from the same photos; defaults are left out, but for the seed. */
export function trainCommand(source: string, settings: CommandSettings): string {
  const words = ['carafe', 'train', shellWord(source), '--out', shellWord(settings.out)];
  if (settings.compareWith) words.push('--compare-with', shellWord(settings.compareWith));
  if (settings.backbone && settings.backbone !== 'embedded') words.push('--backbone', shellWord(settings.backbone));
  if (settings.cut) words.push('--cut', shellWord(settings.cut));
  if (settings.preprocessing !== undefined) words.push('--preprocessing', 'FILE');
  if (settings.device && settings.device !== 'cpu') words.push('--device', settings.device);
  if (settings.head && (settings.compareWith || settings.head !== 'softmax'))
    words.push('--head', shellWord(settings.head));
  if (settings.bottleneck) words.push('--bottleneck', String(settings.bottleneck));
  if (settings.budget) words.push('--budget', `${settings.budget}s`);
  if (settings.views) for (const one of viewWords(settings.views)) words.push(one);
  if (settings.balance) words.push('--balance');
  if (settings.folds) words.push('--folds', String(settings.folds));
  if (settings.groupBy) words.push('--group-by', shellWord(settings.groupBy));
  if (settings.ignoreSplit) words.push('--ignore-split');
  if (settings.asClasses) words.push('--as-classes');
  if (settings.pathColumn) words.push('--path-column', shellWord(settings.pathColumn));
  if (settings.labelColumn) words.push('--label-column', shellWord(settings.labelColumn));
  if (settings.splitColumn) words.push('--split-column', shellWord(settings.splitColumn));
  if (settings.encoding) words.push('--encoding', shellWord(settings.encoding));
  if (settings.mergeLabels) words.push('--merge-labels');
  if (settings.minPhotos) words.push('--min-photos', String(settings.minPhotos));
  if (settings.refit) words.push('--refit');
  if (settings.oneClass) words.push('--one-class');
  if (settings.normal !== undefined) words.push('--normal', shellWord(settings.normal));
  if (settings.memoryLimit) words.push('--memory-limit', `${settings.memoryLimit / 1e6}MB`);
  if (settings.force) words.push('--force');
  if (settings.falsePositiveRate !== 0.01) words.push('--false-positive-rate', String(settings.falsePositiveRate));
  return [...words, '--seed', String(settings.seed)].join(' ');
}

function viewWords(options: ViewOptions): string[] {
  const { flip, ...amounts } = distortionsOf(options);
  const named = Object.entries(amounts).filter(([, amount]) => amount > 0);
  return [
    '--views',
    String(options.count),
    ...(flip ? ['--flip'] : []),
    ...named.flatMap(([name, amount]) => [`--${name}`, String(amount)]),
  ];
}

/**
 * A word as shells read it. cmd.exe knows no quotes but double ones; in these POSIX shells leave a backslash as it is, as long as
 * nothing follows that they would read themselves.
 */
export function shellWord(word: string): string {
  if (/^[\w./:@%+,=-]+$/.test(word)) return word;
  return /^[^"$`!%]*[^"$`!%\\]$/.test(word) ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
