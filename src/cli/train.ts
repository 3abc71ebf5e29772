import { CarafeError } from '../errors.ts';
import type { Interval } from '../evaluation/evaluation.ts';
import { gainWords } from '../evaluation/powerLaw.ts';
import type { Shortcuts } from '../evaluation/shortcut.ts';
import { oneClassChoices } from '../heads/oneClass/registry.ts';
import { heads } from '../heads/registry.ts';
import type { SomeDistortions, ViewOptions } from '../images/view.ts';
import type { TrainOptions } from '../index.ts';
import { dryRun, train } from '../index.ts';
import type { AnyTrainResult, TrainResult } from '../report/trainResult.ts';
import type { Run, Terminal } from './command.ts';
import { sayDryRun } from './dryRun.ts';
import { failuresText } from './failures.ts';
import { labelsText } from './labels.ts';
import { type CommandValues, usualFolder } from './options.ts';
import { readPreprocessing } from './preprocessing.ts';
import { display } from './progress.ts';
import { bytes, count, decimal, orDash, percent, plural, signed, table, withInterval } from './show.ts';
import { complain, paint, safe } from './terminal.ts';
import { runOneClass } from './trainOneClass.ts';
import { verdictText } from './verdict.ts';

export const run: Run<'train'> = async ([source], values, terminal) => {
  if (values.oneClass) return runOneClass(source, values, terminal);
  requireOneClassFor(values);
  if (values.dryRun) return sayDryRun(await dryRun(source, values), values.json, terminal);
  const result = await trainShown(source, values, terminal);
  terminal.out(values.json ? `${JSON.stringify(result)}\n` : textOf(result));
  return assertAccuracy(result.evaluation.accuracy, values.assertAccuracy);
};

/** @throws CarafeError USAGE for options that say nothing without --one-class */
function requireOneClassFor({ normal, memoryLimit, force, head }: CommandValues<'train'>): void {
  const isAmong = (all: readonly { readonly name: string }[]) => all.some(({ name }) => name === head);
  const given = [
    normal !== undefined && '--normal',
    memoryLimit !== undefined && '--memory-limit',
    force && '--force',
    isAmong(oneClassChoices) && !isAmong(heads) && `--head ${head}`,
  ];
  const [first] = given.filter((one) => one !== false);
  if (first !== undefined)
    throw new CarafeError('USAGE', `${first} belongs to --one-class.`, 'Add --one-class, or leave it out.');
}

type TrainValues = Omit<Partial<TrainOptions>, 'out' | 'preprocessing' | 'views'> &
  SomeDistortions & {
    readonly out?: string | undefined;
    readonly preprocessing?: string | undefined;
    readonly views?: number | undefined;
  };

/** Trains with progress on stderr. */
export async function trainShown(
  source: string,
  { out = usualFolder, flip, crop, scale, brightness, rotate, ...values }: TrainValues,
  { stderr, signal }: Terminal,
): Promise<AnyTrainResult> {
  const preprocessing = await readPreprocessing(values.preprocessing);
  const views = viewOptions(values.views, { flip, crop, scale, brightness, rotate });
  const shown = display(stderr);
  try {
    return await train(source, { ...values, out, preprocessing, views, signal, ...shown.listeners });
  } finally {
    shown.done();
  }
}

/** @throws CarafeError USAGE for a distortion without views */
function viewOptions(count: number | undefined, distortions: SomeDistortions): ViewOptions | undefined {
  const asked = Object.entries(distortions).filter(([, value]) => value !== undefined && value !== false);
  if (count !== undefined) return { count, ...Object.fromEntries(asked) };
  if (asked.length === 0) return undefined;
  const flags = asked.map(([name]) => `--${name}`).join(', ');
  throw new CarafeError(
    'USAGE',
    `${flags}: distortions are for views.`,
    'Say how many views of each photo, as in --views 8.',
  );
}

/** 3 where the lower end of the interval lies under what was asked, else 0. */
export function assertAccuracy({ low }: Interval, wanted: number | undefined): number {
  if (wanted === undefined || low >= wanted) return 0;
  const failure = new CarafeError(
    'ASSERTION',
    `--assert-accuracy ${wanted}: the lower end of the accuracy interval is ${percent(low)}.`,
    'More photos make the interval narrower; the report shows what gets mistaken for what.',
  );
  complain(failure);
  return failure.exitCode;
}

/** What a training run has to say. */
export function textOf(result: AnyTrainResult): string {
  return result.task === 'multi-label' ? labelsText(result) : trainText(result);
}

/** The result in a page of text. */
function trainText(result: TrainResult): string {
  const { images, evaluation, split, head, backbone, seconds, files } = result;
  return [
    verdictText(result.verdict),
    `${plural(images.found, 'image')}: ${count(images.cached)} cached, ${count(images.computed)} computed, ${count(images.failed.length)} failed\n`,
    failuresText(images.failed),
    duplicatesText(result),
    shortcutsText(result),
    labelErrorsText(result),
    `\nAccuracy ${withInterval(evaluation.accuracy)}\n`,
    `  ${safe(split.reason)}\n`,
    withoutGroupsText(result),
    `  Log-loss ${evaluation.logLoss.toFixed(3)}, calibration error ${percent(evaluation.ece.before)} before and ${percent(evaluation.ece.after)} after temperature ${evaluation.temperature.toFixed(2)}${evaluation.bias ? ' and a bias a class' : ''}${chanceText(evaluation.ece)}\n\n`,
    result.changes ? changesText(result.changes, 'classes') : '',
    classesText(evaluation),
    mistakesText(evaluation),
    leaderboardText(result),
    widthsText(result),
    curveText(result),
    result.views ? viewsText(result.views) : '',
    `\nHead ${[head.name, ...Object.entries(head.settings).map(([key, value]) => `${key} ${value}`)].join(', ')} on ${backbone.name}, ${count(backbone.width)} features\n`,
    `${seconds.total.toFixed(1)} s: photos ${seconds.extraction.toFixed(1)}, fitting ${seconds.fitting.toFixed(1)}, evaluation ${seconds.evaluation.toFixed(1)}\n\n`,
    `Classifier  ${paint('cyan', safe(files.classifier))} (${bytes(files.classifierBytes)}, ${split.file === 'measured' ? 'the one that was measured' : 'trained once more on all photos'})\n`,
    `Report      ${paint('cyan', safe(files.report))}\n`,
    files.tensorboard === undefined ? '' : `Curves      ${paint('cyan', safe(files.tensorboard))}\n`,
  ].join('');
}

/** What a split would say that knows no groups. */
export function withoutGroupsText({ withoutGroups }: AnyTrainResult): string {
  if (!withoutGroups) return '';
  return `  A random split, with photos of one group on both sides, would say ${withInterval(withoutGroups)}\n`;
}

export function changesText(
  { added, removed, compared, notCompared }: NonNullable<TrainResult['changes']>,
  kind: 'classes' | 'labels',
): string {
  const lines = [];
  if (added.length > 0) lines.push(`New ${kind}: ${added.map(safe).join(', ')}\n`);
  if (removed.length > 0)
    lines.push(`${kind[0].toUpperCase()}${kind.slice(1)} that are gone: ${removed.map(safe).join(', ')}\n`);
  if (compared) {
    const { metric, photos, before, after, verdict, flipped: flips } = compared;
    const fixed = flips.filter(({ became }) => became === 'right').length;
    const broken = flips.filter(({ became }) => became === 'wrong').length;
    const said = { better: 'better', worse: 'worse', tie: 'a tie' }[verdict];
    const figure = metric === 'accuracy' ? '' : `, ${metric}`;
    lines.push(
      `Against the earlier classifier, trained again without them, on ${plural(photos, 'photo')} kept out${figure}: ${percent(before)} before, ${percent(after)} now (${said}); ${count(fixed)} put right, ${count(broken)} now wrong\n`,
    );
  } else lines.push(`The earlier classifier cannot be compared with this one: ${notCompared}\n`);
  return `${lines.join('')}\n`;
}

function leaderboardText({ leaderboard, split }: TrainResult): string {
  if (!leaderboard) return '';
  const { chosen, heads, leftOut, inParts } = leaderboard;
  const rows = heads.map(({ name, logLoss, accuracy, verdict, seconds }) => [
    `${name === chosen ? '>' : ' '} ${name}`,
    logLoss.toFixed(3),
    `${percent(accuracy.value)} (${percent(accuracy.low)} to ${percent(accuracy.high)})`,
    verdict,
    `${seconds.toFixed(1)} s`,
  ]);
  return [
    '\nHeads, compared inside the training part; > is the simplest whose log-loss is at most half a standard error above the lowest\n',
    table([['  head', 'log-loss', 'accuracy', 'verdict', 'took'], ...rows]),
    ...leftOut.map(({ name, reason }) => `    ${safe(name)} was left out: ${safe(reason)}\n`),
    partsText(
      split,
      inParts.map(({ name, parts }) => [name, parts]),
    ),
  ].join('');
}

/** Where folds judge: what was chosen without each of them. */
function partsText({ kind }: TrainResult['split'], taken: readonly (readonly [string, number])[]): string {
  if (kind === 'holdout') return '';
  const all = taken.map(([what, parts]) => `${what} (${parts === 1 ? 'once' : `${count(parts)} times`})`);
  return `  Each fold is judged by a choice made without it: ${all.join(', ')}\n`;
}

function widthsText({ widths: found, split }: TrainResult): string {
  if (!found) return '';
  const { chosen, margin, widths, inParts } = found;
  const all = widths[widths.length - 1].width;
  const sign = (value: number) => signed(100 * value);
  const rows = widths.map(({ width, accuracy, difference: { value, low, high } }) => [
    `${width === (chosen ?? all) ? '>' : ' '} ${count(width)}`,
    percent(accuracy.value),
    width === all ? '' : `${sign(value)} (${sign(low)} to ${sign(high)})`,
  ]);
  return [
    `\nBottlenecks, compared inside the training part; > is the narrowest that loses no more than ${decimal(100 * margin)} points\n`,
    table([['  numbers', 'accuracy', 'points less all'], ...rows]),
    partsText(
      split,
      inParts.map(({ width, parts }) => [count(width ?? all), parts]),
    ),
  ].join('');
}

/** Would more photos help? */
export function curveText({ learningCurve: curve, head }: AnyTrainResult): string {
  if (!curve) return '';
  const figure = curve.metric;
  const { photos, gain } = curve.expected;
  const points = (value: number) => decimal(100 * value);
  const whose = curve.head === head.name ? figure : `the ${figure} of a ${curve.head} head, which is quicker to train,`;
  const twice = `With ${count(photos)} photos, twice as many,`;
  const most = `by at most ${points(gain.high)} points (95% interval ${points(gain.low)} to ${points(gain.high)})`;
  const said = {
    none: `The test found no mistake, so it cannot tell what more photos would gain.`,
    hardly: `${twice} ${whose} would probably not change: ${most}`,
    rises: `${twice} ${whose} would rise by about ${points(gain.value)} points (95% interval ${points(gain.low)} to ${points(gain.high)})`,
    untold: `Whether twice as many photos (${count(photos)}) would help cannot be told from so few: ${whose} would rise ${most}`,
  };
  return `\n${said[gainWords(gain)]}\n`;
}

export function viewsText(views: NonNullable<TrainResult['views']>): string {
  const { gain, verdict, seconds } = views;
  const points = (value: number) => signed(100 * value);
  const said = { better: 'a gain', worse: 'a loss', tie: 'a tie' }[verdict];
  return `${plural(views.count, 'view')} of each photo: ${said}, ${points(gain.value)} points (${points(gain.low)} to ${points(gain.high)}), for ${(seconds.extraction + seconds.fitting).toFixed(1)} s (${count(views.cached)} cached, ${count(views.computed)} computed)\n`;
}

export function duplicatesText({ duplicates: { groups, conflicts } }: Pick<TrainResult, 'duplicates'>): string {
  const lines = [];
  if (groups.length > 0)
    lines.push(`  ${plural(groups.length, 'group')} of equal or nearly equal photos, each kept on one side\n`);
  for (const photos of conflicts.slice(0, 3))
    lines.push(
      `  ${paint('yellow', 'Nearly the same photo, labelled differently')}: ${photos.map(({ path, label }) => `${safe(path)} (${safe(label)})`).join(', ')}\n`,
    );
  if (conflicts.length > 3) lines.push(`  and ${conflicts.length - 3} more; the report lists them\n`);
  return lines.join('');
}

export function shortcutsText({ shortcuts = [] }: { readonly shortcuts?: Shortcuts | undefined }): string {
  return shortcuts.map(({ sentence }) => `  ${paint('yellow', safe(sentence))}\n`).join('');
}

function labelErrorsText({ labelErrors: [first, ...more] = [] }: TrainResult): string {
  if (!first) return '';
  const all = `${plural(1 + more.length, 'label')} to check`;
  return `  ${all}, first ${safe(first.path)}: labelled ${safe(first.label)}, looks like ${safe(first.suggested)}${more.length > 0 ? '; the report shows them' : ''}\n`;
}

/** What of a calibration error is chance. */
export function chanceText({ chance }: TrainResult['evaluation']['ece']): string {
  return chance === undefined ? '' : ` (perfect probabilities would show ${percent(chance)} by chance)`;
}

export function classesText({ perClass }: Pick<TrainResult['evaluation'], 'perClass'>): string {
  const shown = perClass.length > 20 ? [...perClass].sort((a, b) => (a.f1 ?? 2) - (b.f1 ?? 2)).slice(0, 20) : perClass;
  const rows = shown.map(({ label, precision, recall, f1, support }) => [
    safe(label),
    orDash(precision),
    orDash(recall),
    orDash(f1),
    count(support),
  ]);
  const note = shown.length < perClass.length ? `  (the 20 weakest of ${perClass.length} classes)\n` : '';
  return table([['class', 'precision', 'recall', 'F1', 'photos'], ...rows]) + note + untestedText(perClass, 'class');
}

/** Names what no judged photo shows. */
export function untestedText(
  all: readonly { readonly label: string; readonly support: number }[],
  kind: 'class' | 'label',
): string {
  const untested = all.filter(({ support }) => support === 0).map(({ label }) => safe(label));
  if (untested.length === 0) return '';
  const more = untested.length > 5 ? ` and ${untested.length - 5} more` : '';
  const what = kind === 'class' ? 'of' : 'with';
  return `  No photo ${what} ${untested.slice(0, 5).join(', ')}${more} was tested, so nothing can be said about ${untested.length === 1 ? 'it' : 'them'}.\n`;
}

export function mistakesText({ confusion: { labels, cells } }: TrainResult['evaluation']): string {
  const pairs = cells
    .filter(({ truth, predicted }) => predicted !== truth)
    .sort((a, b) => b.count - a.count)
    .slice(0, 3)
    .map(({ truth, predicted, count: times }) => `${safe(labels[truth])} for ${safe(labels[predicted])} (${times})`);
  return pairs.length > 0 ? `\nMost often mistaken: ${pairs.join(', ')}\n` : '';
}
