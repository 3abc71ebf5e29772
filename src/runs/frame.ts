/** The photos of a run as heads read them: the framing, named or chosen in each training part, and all looks. */

import type { Backbone } from '../backbone/backbone.ts';
import type { PreviousClassifier } from '../classifier/previous.ts';
import type { RepresentationChoice } from '../evaluation/choices.ts';
import { type Choose, type Taken, timesTaken } from '../evaluation/choose.ts';
import { type Among, amongRepresentations, chooseOnSample, onChosen } from '../evaluation/chooseRepresentation.ts';
import type { Extraction, ExtractionOptions, ExtractionPlatform } from '../features/extraction.ts';
import { extractAgain } from '../features/looks.ts';
import type { Inputs } from '../features/mapTable.ts';
import { type FitContext, type Problem, photosOf, problemOf } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { type Framing, framed, framingOf, isSame, withLooks } from '../images/framing.ts';
import type { Preprocessing, Resize } from '../images/preprocessing.ts';
import { targetSize } from '../images/targetSize.ts';
import { type Message, message, messageOf, textOf } from '../message.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import { filePart, fittedParts, type Split } from '../split/split.ts';
import { readDepths } from './depths.ts';
import { type FinetunePlan, withoutMirrored, withStage } from './finetune.ts';
import { answersOn, gainOver, type Otherwise } from './gain.ts';
import type { JudgedRun } from './judgedRun.ts';
import type { Depths, TrainOptions } from './options.ts';
import type { Sight } from './sight.ts';

/** Of every so many photos one is looked at in the other framing, so that choosing costs a quarter of an extraction. */
const sampleEach = 4;
/** A sample of fewer photos decides nothing. */
const fewestSampled = 40;
/**
 * The other framing is taken where its log-loss is lower at a level of 5%. On tiles, whose borders a crop cuts off, it was
 * in 21 of 24 samples; on flowers and pets, where the crop is better or as good, in 2 of 48.
 */
const standardErrors = 1.645;

/** A photo of which the crop shows less than this is said to be cut. */
const leastSeen = 0.25;

type How = AnyHead | Choose<unknown, unknown>;

/** Photos of which one look is known, and how others are taken. */
export interface Looking {
  readonly sight: Sight;
  readonly backbone: Backbone;
  /** Of the first look. */
  readonly extraction: Extraction;
  readonly platform: ExtractionPlatform;
  readonly extracting: ExtractionOptions;
  readonly depths: Depths;
  /** The last stage that will be fine-tuned, too: what enters it is kept of whole sets. */
  readonly plan?: FinetunePlan | undefined;
  readonly onStage?: TrainOptions['onStage'];
}

/** Photos that went through the network, or were found in the cache, and seconds. */
type Cost = Record<'cached' | 'computed' | 'seconds', number>;

/** The photos in all framings and looks that are wanted. */
export interface Framed extends Pick<Looking, 'sight' | 'backbone'> {
  /** As heads read them: the usual framing, and the other one where a part took it. */
  readonly problem: Problem;
  /** The same from a single look. */
  readonly once: Problem;
  readonly usual: Framing;
  readonly other: Framing;
  /** For each training part, where there was a choice. */
  readonly choices: readonly RepresentationChoice[] | undefined;
  /** What choosing and the other framing cost, and what further looks. */
  readonly costs: { readonly framing: Cost; readonly looks: Cost };
}

/**
 * Chooses the framing where that is left open, by a sample of the photos and inside each training part, and takes the
 * looks that are wanted: for another framing one further extraction at most.
 */
export async function frame(
  looking: Looking,
  {
    task,
    targets,
    split,
    groups,
    photoWeights,
  }: Pick<JudgedRun, 'task' | 'targets' | 'split' | 'groups'> & Pick<Otherwise, 'photoWeights'>,
  context: FitContext,
): Promise<Framed> {
  const { sight, backbone, extraction, onStage } = looking;
  const { own, looks } = sight;
  const usual = framingOf(sight.first);
  const other: Framing = usual === 'squash' ? 'crop' : 'squash';
  const costs = { framing: { cached: 0, computed: 0, seconds: 0 }, looks: { cached: 0, computed: 0, seconds: 0 } };
  const seen = messageOf({ crop: 'cropped', squash: 'squashed', pad: 'padded' }[other]);
  const stage = (said: Message) => onStage?.(textOf(said), said);
  const first = problemOf(readDepths(inputsAlone(extraction), looking.depths), targets);
  const rows = sight.framing === 'auto' ? sampleOf(looking, framed(own, other).resize, split) : undefined;
  let choices: readonly RepresentationChoice[] | undefined;
  if (rows) {
    stage(message`Looking at ${rows.length} photos ${seen}, to choose the framing`);
    const sample = new Map([[other, await look(looking, framed(own, other), costs.framing, rows)]]);
    const trainings = fittedParts(split).map(({ inner: folds, innerFolds }) => ({
      folds,
      innerFolds,
      weights: photoWeights,
      groups,
    }));
    choices = await chooseOnSample(amongFramings(usual, other, task.usual), first, trainings, rows, sample, context);
  }
  const isTaken = (name: Framing) => (choices ? choices.some(({ chosen }) => chosen === name) : name === usual);
  if (isTaken(other)) stage(message`Looking at all photos ${seen}`);
  const whole = isTaken(other) ? await look(looking, framed(own, other), costs.framing) : undefined;
  const once = withOther(first, other, whole);
  if (looks === 1) return { sight, backbone, problem: once, once, usual, other, choices, costs };
  onStage?.(`Looking at each photo ${looks === 2 ? 'twice' : 'four times'}`);
  const often = async (name: Framing) =>
    isTaken(name) ? look(looking, withLooks(own, name, looks), costs.looks) : undefined;
  const problem = withOther(problemOf((await often(usual)) ?? first, targets), other, await often(other));
  return { sight, backbone, problem, once, usual, other, choices, costs };
}

/** All photos, or some, through another preprocessing. */
async function look(
  { extraction, backbone, platform, extracting, depths, plan }: Looking,
  preprocessing: Preprocessing,
  cost: Cost,
  rows?: Int32Array,
): Promise<Inputs> {
  const began = performance.now();
  const items = rows ? Array.from(rows, (row) => extraction.items[row]) : extraction.items;
  const options = rows ? { ...extracting, views: [] } : withStage(extracting, plan);
  const seen = await extractAgain({ items }, { ...backbone, preprocessing }, platform, {
    ...options,
    onWarning: undefined,
  });
  const counts = { cached: seen.cached, computed: seen.computed, views: seen.views };
  cost.cached += counts.cached + counts.views.cached;
  cost.computed += counts.computed + counts.views.computed;
  cost.seconds += (performance.now() - began) / 1000;
  return readDepths(inputsAlone(rows ? seen : withoutMirrored(seen, plan)), depths);
}

/** What heads read, without what else extraction says. */
function inputsAlone({ features, spatial, maps, stage, mirrored, representations }: Inputs): Inputs {
  return { features, spatial, maps, stage, mirrored, representations };
}

function withOther(problem: Problem, name: Framing, inputs: Inputs | undefined): Problem {
  return inputs
    ? { ...problem, representations: new Map([...(problem.representations ?? []), [name, inputs]]) }
    : problem;
}

/** At the head's usual strength: comparing needs no search for the best one, which would take four times as long. */
function amongFramings(usual: Framing, other: Framing, head: AnyHead): Among {
  const by = { ...head, grid: () => [head.defaults] };
  return { kind: 'framing', names: [usual, other], by, standardErrors };
}

/**
 * Rows of the photos that choose: spread over the photos that the file's head may learn from, which lie in the order of
 * classes and contents.
 * @returns undefined where they are too few, or all photos look the same in both framings
 */
function sampleOf({ sight, extraction }: Looking, other: Resize, split: Split): Int32Array | undefined {
  const { photos } = extraction;
  const { resize } = sight.first;
  const isEqual = ({ width, height }: { width: number; height: number }) => {
    const [one, two] = [resize, other].map((each) => targetSize(width, height, each));
    return one.width === two.width && one.height === two.height;
  };
  if (photos.every(isEqual)) return undefined;
  const { inner } = filePart(split);
  const rows = Int32Array.from(inner.keys()).filter((row) => inner[row] >= 0);
  const sample = rows.filter((_, place) => place % sampleEach === 0);
  return sample.length < fewestSampled ? undefined : sample;
}

/** A head, or how it is chosen, on the framing that each part took. */
export function inFraming({ usual, choices }: Framed, how: How): How {
  return choices ? onChosen(usual, choices, how) : how;
}

/** The network with the framing and the looks of the file's head. */
export function framedBackbone(
  { sight, backbone, usual, other }: Framed,
  { reads: [name] = [] }: Pick<AnyHead, 'reads'>,
): Backbone {
  const framing = name === other ? other : usual;
  return { ...backbone, preprocessing: withLooks(sight.own, framing, sight.looks) };
}

/** What the card says of a framing that was chosen, or is not the network's own. */
export function framingCard({ sight: { own }, choices }: Framed, { preprocessing }: Backbone) {
  const chosenBy = choices && ('auto' as const);
  return chosenBy || !isSame(preprocessing.resize, own.resize) ? { own: own.resize, chosenBy } : undefined;
}

/**
 * What the choice of the framing came to and gained, and what several looks gained: the same run with the usual framing,
 * and with a single look, in the same split.
 * @param plain the head, or how it is chosen, without a framing
 */
export async function framingResult(
  all: Framed,
  judged: JudgedRun,
  { how, photoWeights }: Otherwise,
  {
    file,
    parts,
  }: Record<'file', Pick<Taken<unknown, unknown>, 'representations'>> & {
    readonly parts: readonly Pick<Taken<unknown, unknown>, 'representations' | 'finetuning'>[];
  },
  context: FitContext,
): Promise<Pick<AnyTrainResult, 'representations' | 'looks'>> {
  const { once, sight, costs } = all;
  const answers = (problem: Problem, otherwise: How) =>
    answersOn(judged, problem, { how: otherwise, photoWeights }, context);
  const own = new Map([...(once.representations ?? [])].filter(([name]) => name !== all.other));
  const isChanged = own.size < (once.representations?.size ?? 0);
  // What is compared differs in nothing else: in neither is a stage fine-tuned.
  const isOther = sight.looks > 1 || (isChanged && parts.some(({ finetuning }) => finetuning?.chosen));
  const one = isOther ? await answers(once, inFraming(all, how)) : judged.answered;
  const usually = isChanged ? await answers({ ...once, representations: own }, how) : undefined;
  const representations = (file.representations ?? []).map((chosen) => {
    const [{ name: usual }] = chosen.candidates;
    const inPart = (part: (typeof parts)[number]) => part.representations?.find(({ kind }) => kind === chosen.kind);
    const taken = timesTaken(parts.map((part) => inPart(part)?.chosen ?? usual));
    const inParts = taken.map(({ value, parts: count }) => ({ name: value, parts: count }));
    if (chosen.kind !== 'framing') return { ...chosen, inParts };
    return { ...chosen, inParts, gain: usually && gainOver(judged, one, usually, context), cost: costs.framing };
  });
  return {
    representations: representations.length > 0 ? representations : undefined,
    looks:
      sight.looks > 1
        ? { count: sight.looks, ...gainOver(judged, judged.answered, one, context), ...costs.looks }
        : undefined,
  };
}

/**
 * The photos as an earlier classifier saw them, without views. A framing that `auto` had chosen is chosen anew: it was
 * chosen on photos of which this run may keep some out.
 */
export async function seenByPrevious(
  looking: Looking,
  { card: { preprocessing, framing } }: Pick<PreviousClassifier, 'card'>,
  { problem, sight, usual }: Framed,
  by: AnyHead,
): Promise<{ readonly photos: Problem; readonly around: (how: How) => How }> {
  const photos = photosOf(problem);
  const same = (how: How) => how;
  const now = withLooks(sight.own, usual, sight.looks);
  const isNow = isAlike(preprocessing, now);
  if (framing?.chosenBy === undefined && isNow) return { photos, around: same };
  const cost = { cached: 0, computed: 0, seconds: 0 };
  const without = { ...looking, plan: undefined, extracting: { ...looking.extracting, views: [] } };
  const seen = { ...photos, ...(await look(without, preprocessing, cost)), representations: undefined };
  if (framing?.chosenBy === undefined) return { photos: seen, around: same };
  const own = framingOf({ resize: framing.own });
  const taken = framingOf(preprocessing);
  const other: Framing = taken === own ? (own === 'squash' ? 'crop' : 'squash') : own;
  const looks = (preprocessing.looks?.length ?? 0) + 1;
  const inputs = await look(without, withLooks(sight.own, other, looks === 1 || looks === 2 ? looks : 4), cost);
  const both = withOther(seen, other, inputs);
  return {
    photos: both,
    around: (how) => amongRepresentations({ ...amongFramings(taken, other, by), standardErrors: 0 }, how),
  };
}

function isAlike(one: Preprocessing, two: Preprocessing): boolean {
  const [ours, theirs] = [one, two].map(({ resize, looks = [] }) => [{ resize }, ...looks]);
  return ours.length === theirs.length && ours.every(({ resize }, k) => isSame(resize, theirs[k].resize));
}

/** Says how many photos are cut by the crop so far that little of them is seen. */
export function cutNotes(
  { choices, usual, sight }: Framed,
  photos: readonly { readonly width: number; readonly height: number }[],
): string[] {
  const isCropped = choices ? choices.at(-1)?.chosen === 'crop' : usual === 'crop';
  if (!isCropped) return [];
  const { resize, crop } = framed(sight.own, 'crop');
  const seenOf = ({ width, height }: { readonly width: number; readonly height: number }) => {
    const size = targetSize(width, height, resize);
    return Math.min(1, crop.width / size.width) * Math.min(1, crop.height / size.height);
  };
  const cut = photos.filter((photo) => seenOf(photo) < leastSeen).length;
  if (cut === 0) return [];
  const [are, each] = cut === 1 ? ['photo is', 'it'] : [`${cut.toLocaleString('en-US')} photos are`, 'each'];
  return [
    `${cut === 1 ? 'One' : ''} ${are} so long that the crop shows less than a quarter of ${each}. Use \`framing: 'squash'\` or \`framing: 'pad'\` to see the whole.`.trim(),
  ];
}
