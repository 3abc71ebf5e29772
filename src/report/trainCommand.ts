/** What of a run's settings belongs on its command line. */
export interface CommandSettings {
  readonly out: string;
  readonly backbone: string;
  readonly cut?: string | undefined;
  readonly preprocessing?: unknown;
  readonly device?: string | undefined;
  readonly head: string;
  readonly balance: boolean;
  readonly folds?: number | undefined;
  readonly groupBy?: string | undefined;
  readonly refit: boolean;
  readonly seed: number;
}

/** The command that makes the same classifier again from the same photos; defaults are left out, but for the seed. */
export function trainCommand(source: string, settings: CommandSettings): string {
  const words = ['carafe', 'train', quote(source), '--out', quote(settings.out)];
  if (settings.backbone !== 'embedded') words.push('--backbone', quote(settings.backbone));
  if (settings.cut) words.push('--cut', quote(settings.cut));
  if (settings.preprocessing !== undefined) words.push('--preprocessing', 'FILE');
  if (settings.device && settings.device !== 'cpu') words.push('--device', settings.device);
  if (settings.head !== 'softmax') words.push('--head', quote(settings.head));
  if (settings.balance) words.push('--balance');
  if (settings.folds) words.push('--folds', String(settings.folds));
  if (settings.groupBy) words.push('--group-by', quote(settings.groupBy));
  if (settings.refit) words.push('--refit');
  return [...words, '--seed', String(settings.seed)].join(' ');
}

/** As a POSIX shell reads it. */
function quote(word: string): string {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
