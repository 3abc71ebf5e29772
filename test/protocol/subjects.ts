import type { PreviousClassifier } from '../../src/classifier/previous.ts';
import { trainedPhotos } from '../../src/classifier/trainedPhotos.ts';
import { labelSpace, scoreLabels } from '../../src/doctor/labelScores.ts';
import type { Choose } from '../../src/evaluation/choose.ts';
import { withBottleneck } from '../../src/evaluation/chooseBottleneck.ts';
import { withFinetuning } from '../../src/evaluation/chooseFinetuned.ts';
import { amongHeads } from '../../src/evaluation/chooseHead.ts';
import {
  type Among,
  amongRepresentations,
  chooseOnSample,
  onChosen,
} from '../../src/evaluation/chooseRepresentation.ts';
import { measureClassGains } from '../../src/evaluation/classGains.ts';
import { type CrossValidated, crossValidate } from '../../src/evaluation/crossValidate.ts';
import { crossValidateOneClass } from '../../src/evaluation/crossValidateOneClass.ts';
import { measureLearningCurve } from '../../src/evaluation/learningCurve.ts';
import { measureRobustness } from '../../src/evaluation/robustness.ts';
import { measureUnknown } from '../../src/evaluation/unknown.ts';
import { allDepths } from '../../src/features/allDepths.ts';
import { type Head, type Problem, problemOf } from '../../src/heads/head.ts';
import type { Linear } from '../../src/heads/linear.ts';
import type { L2 } from '../../src/heads/linearFit.ts';
import { gaussian } from '../../src/heads/oneClass/gaussian.ts';
import { knn as oneClassKnn } from '../../src/heads/oneClass/knn.ts';
import type { AnyOneClassHead } from '../../src/heads/oneClass/registry.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { type AnyHead, headNamed, labelHeadNamed } from '../../src/heads/registry.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { corruptions } from '../../src/images/corruptions.ts';
import { type ClassCalibration, classProbabilities } from '../../src/metrics/classCalibration.ts';
import { type LabelCalibration, labelProbabilities } from '../../src/metrics/labelCalibration.ts';
import { accuracy, type Metric } from '../../src/metrics/metric.ts';
import type { OutOfFold } from '../../src/metrics/outOfFold.ts';
import { setOf } from '../../src/metrics/predictionSets.ts';
import { softmaxRows } from '../../src/metrics/softmaxRows.ts';
import { Random } from '../../src/numerics/random.ts';
import { gather, resident } from '../../src/numerics/rows.ts';
import { compareOneClass } from '../../src/runs/compareOneClass.ts';
import { comparePrevious } from '../../src/runs/comparePrevious.ts';
import { choosingDepths } from '../../src/runs/depths.ts';
import type { Matrix } from '../../src/runtime/platform.ts';
import type { Targets } from '../../src/sets/targets.ts';
import { outerParts } from '../../src/split/split.ts';
import { singleLabel } from '../../src/tasks/singleLabel.ts';
import { channels, edge, mapsOf, stagedBackbone, stageOf } from '../finetuning/stage.ts';
import { context as fitContext } from '../heads/drawn.ts';
import { judge, judgeLabels, targetsOf } from '../judging.ts';
import { type Drawn, namesOf, type SplitKind } from './problem.ts';

/** What is said of one photo by what had not seen it. */
export interface Answer {
  /** Which training part says it: 0 with a held-out part, else the fold, or the point of a curve. */
  readonly part: number;
  readonly row: number;
  /** Probabilities, scores, thresholds, settings: whatever is said of it, or was chosen for saying it. */
  readonly said: readonly number[];
  /** The class that is taken for its own, and how sure that is; where there is such. */
  readonly guess?: number;
  readonly probabilities?: readonly number[];
}

/** Something that answers for photos which were kept out of training. */
export interface Subject {
  readonly name: string;
  readonly kinds: readonly SplitKind[];
  readonly run: (problem: Drawn) => Promise<readonly Answer[]>;
  /** How far what is said may move by the precision of a fit alone; 0.02 unless told. */
  readonly precision?: number;
  /** Laws that do not hold for it, each with the reason. */
  readonly exceptions?: Readonly<Record<string, string>>;
}

/** A reason of more than one. */
const weightless = { 'photos never had': 'it takes all photos of the training part: no run leaves some out' };

const context = { ...fitContext, threads: 1 };
const softmaxHead = headNamed('softmax');
const stage = await stageOf(stagedBackbone());
const both: readonly SplitKind[] = ['holdout', 'folds'];

function problemFor({ features, photos: rows, width: columns, labels, classes }: Drawn): Problem {
  return { features: { rows, columns, data: features }, labels, classes };
}

/** Two views of each photo behind the photos. */
function withViews(drawn: Drawn): Problem {
  const { features, photos, width: columns, labels, classes } = drawn;
  const random = new Random('views');
  const noise = Float32Array.from({ length: 2 * features.length }, () => 0.3 * random.normal());
  const data = new Float32Array(3 * features.length);
  data.set(features);
  for (const [at, value] of noise.entries()) data[features.length + at] = features[at % features.length] + value;
  return problemOf({ features: { rows: 3 * photos, columns, data } }, { labels, classes: namesOf(classes) });
}

/** The photos seen in another way, too: some of what tells the classes apart is clearer in it, some is gone. */
function seenTwice(drawn: Drawn): Problem {
  const problem = problemFor(drawn);
  const { features } = problem;
  const { columns } = features;
  const other = resident(features).data.map((value, at) => ((at % columns) % 3 === 0 ? 0 : value + (value - 1) ** 3));
  return { ...problem, representations: new Map([['other', { features: { ...features, data: other } }]]) };
}

/** The features beside what is pooled, which says the first half of what they say, and no more. */
function withAllDepths(drawn: Drawn): Problem {
  const problem = problemFor(drawn);
  const { rows, columns, data } = resident(problem.features);
  const pooled = { rows, columns: columns >> 1, data: new Float32Array(rows * (columns >> 1)) };
  for (let at = 0; at < pooled.data.length; at++)
    pooled.data[at] = data[Math.floor(at / pooled.columns) * columns + (at % pooled.columns)];
  const all = { features: allDepths(problem.features, pooled) };
  return { ...problem, representations: new Map([['all', all]]) };
}

/** The features in all places of the map that enters a last stage. */
function withStage(drawn: Drawn): Problem {
  const { features, photos, width } = drawn;
  const values = Float32Array.from({ length: photos * edge * edge * channels }, (_, at) => {
    const photo = Math.floor(at / (edge * edge * channels));
    return features[photo * width + (at % Math.min(width, channels))];
  });
  return { ...problemFor(drawn), stage: mapsOf(photos, values) };
}

const rowOf = ({ columns, data }: Matrix, row: number) => Array.from(data.subarray(row * columns, (row + 1) * columns));
const largestAt = (values: readonly number[]) => values.indexOf(Math.max(...values));

/** The answers of a cross-validation, calibrated as its own calibrations say. */
function answersOf({
  rows,
  logits,
  calibrations,
  folds,
  calibration,
}: CrossValidated<unknown, unknown, ClassCalibration>): Answer[] {
  const calibrated = classProbabilities(logits, calibrations);
  return Array.from(rows, (row, i) => {
    const probabilities = rowOf(calibrated, i);
    // With a held-out part the file's own calibration is of the training part, too.
    const temperatures = [calibrations[i], ...(folds ? [] : [calibration])].map(({ temperature }) => temperature);
    return {
      part: folds?.[i] ?? 0,
      row,
      said: [...probabilities, ...temperatures.map(Math.log), ...(folds ? [] : (calibration.bias ?? []))],
      guess: largestAt(probabilities),
      probabilities,
    };
  });
}

function judging(
  name: string,
  head: AnyHead | Choose<unknown, unknown>,
  problem: (drawn: Drawn) => Problem = problemFor,
): Subject {
  return {
    name,
    kinds: both,
    run: async (drawn) =>
      answersOf(
        await judge(
          head,
          problem(drawn),
          drawn.split,
          { groups: drawn.groups, photoWeights: drawn.weights, refit: false },
          context,
        ),
      ),
  };
}

/** Sets of classes: the threshold of each part, and the set that it makes of each photo that was kept out. */
const givingSets: Subject = {
  name: 'one label, sets of classes',
  kinds: both,
  run: async (drawn) => {
    const problem = problemFor(drawn);
    const { rows, logits, calibrations, folds } = await crossValidate(
      softmaxHead,
      problem,
      drawn.split,
      {
        targets: targetsOf(problem),
        calibrate: (data) => singleLabel.calibration.fit(data, { coverage: 0.9, groups: drawn.groups }),
        groups: drawn.groups,
        photoWeights: drawn.weights,
        refit: false,
      },
      context,
    );
    const calibrated = classProbabilities(logits, calibrations);
    return Array.from(rows, (row, i) => {
      const { set } = calibrations[i];
      if (!set) throw new TypeError('sets are wanted');
      const [guess] = setOf(rowOf(calibrated, i), set);
      return { part: folds?.[i] ?? 0, row, said: [set.threshold, set.guaranteed], guess };
    });
  },
};

/** Several labels: each photo's classes as columns of their own. */
function truthFor({ labels, classes }: Drawn): Uint8Array {
  const truth = new Uint8Array(labels.length * classes);
  for (const [row, label] of labels.entries()) truth[row * classes + label] = 1;
  return truth;
}

function labelAnswers({ rows, logits, calibrations, folds }: OutOfFold<LabelCalibration>): Answer[] {
  const probabilities = labelProbabilities(logits, calibrations);
  return Array.from(rows, (row, i) => {
    const said = rowOf(probabilities, i);
    return {
      part: folds?.[i] ?? 0,
      row,
      said: [...said, ...calibrations[i].thresholds],
      guess: largestAt(said),
    };
  });
}

function judgingLabels(name: string): Subject {
  return {
    name: `several labels, ${name}`,
    kinds: both,
    run: async (drawn) => {
      const problem = { ...problemFor(drawn), truth: truthFor(drawn) };
      const options = { groups: drawn.groups, photoWeights: drawn.weights, refit: false };
      return labelAnswers(await judgeLabels(labelHeadNamed(name), problem, drawn.split, options, context));
    },
  };
}

/** One class: the photos of class 0 are normal; scores and thresholds say by their logarithm, so that precision is relative. */
function judgingOneClass(head: AnyOneClassHead, exceptions: Subject['exceptions'] = {}): Subject {
  return {
    name: `one class, ${head.name}`,
    kinds: ['folds'],
    exceptions: { ...weightless, ...exceptions },
    run: async (drawn) => {
      if (drawn.split.kind !== 'folds') throw new TypeError('folds are wanted');
      const [fold] = drawn.split.assignments;
      const { scores, thresholds } = await crossValidateOneClass(
        head,
        head.defaults,
        {
          inputs: problemFor(drawn),
          normal: Uint8Array.from(drawn.labels, (label) => Number(label === 0)),
          fold,
          folds: drawn.split.folds,
          groups: drawn.groups,
          falsePositiveRate: 0.05,
        },
        context,
      );
      return Array.from(scores, (score, row) => ({
        part: fold[row],
        row,
        said: [Math.log(score), Math.log(thresholds[row])],
      }));
    },
  };
}

/** The label that each photo would have by the model that looks for wrong labels. */
const checkingLabels: Subject = {
  name: 'label errors',
  kinds: ['folds'],
  exceptions: {
    poison: 'its dimensions are the principal components of all photos: no label has a part in them',
    ...weightless,
  },
  async run({ features, photos: rows, width: columns, labels, classes, groups, ids }) {
    const space = await labelSpace({ rows, columns, data: features }, 0, context);
    const found = scoreLabels(space, { labels, classes: namesOf(classes), groups, ids, seed: 0 });
    return Array.from(labels, (label, row): Answer => {
      const isRight = found.own[row] > found.otherProbability[row];
      return { part: 0, row, said: [found.score[row]], guess: isRight ? label : found.other[row] };
    });
  },
};

const tellingUnknown: Subject = {
  name: 'unknown',
  kinds: ['holdout'],
  exceptions: weightless,
  run: async (drawn) => {
    const { split, labels, groups, ids, classes } = drawn;
    if (split.kind !== 'holdout') throw new TypeError('a held-out part is wanted');
    const photos = problemFor(drawn);
    const input = {
      photos,
      labels,
      groups,
      ids,
      split,
      classes: namesOf(classes),
      refit: false,
      falsePositiveRate: 0.05,
    };
    const { unknown } = await measureUnknown(input, context);
    const { threshold, leaveOneClassOut, falsePositiveRate } = unknown;
    const told = leaveOneClassOut.flatMap(({ auroc, caught }) => [auroc, caught]);
    return Array.from(split.test, (row) => ({
      part: 0,
      row,
      said: [Math.log(threshold), falsePositiveRate.guaranteed, ...told],
    }));
  },
};

/** Each point of each repeat is a part: what its fit says of the photos that judge it. */
const growing: Subject = {
  name: 'learning curve',
  kinds: both,
  exceptions: weightless,
  run: async (drawn) => {
    const { split, groups } = drawn;
    const photos = problemFor(drawn);
    const answers: Answer[] = [];
    // Each part keeps its outcomes in memory of its own.
    const parts = new Map<ArrayBufferLike, number>();
    const metric: Metric<Targets> = {
      ...accuracy,
      outcome(logits, _, row, into) {
        const part = parts.get(into.buffer) ?? parts.size;
        parts.set(into.buffer, part);
        const values = Array.from(logits);
        const said = rowOf(softmaxRows({ rows: 1, columns: values.length, data: logits }, 1), 0);
        answers.push({ part, row, said, guess: largestAt(values) });
      },
    };
    const chosen = { head: softmax, settings: { l2: 0.01 } };
    await measureLearningCurve(metric, chosen, { photos, targets: targetsOf(photos), split, groups }, context);
    return answers;
  },
};

/**
 * Heads that judge photos without giving their answers away: what each of their fits says of the photos that it may judge.
 * @param measure is given a head that is listened to
 */
const listened = (
  name: string,
  measure: (head: Head<L2, Linear>, problem: Problem, drawn: Drawn) => Promise<unknown>,
): Subject => ({
  name,
  kinds: both,
  exceptions: weightless,
  run: async (drawn) => {
    const { split, labels } = drawn;
    const problem = problemFor(drawn);
    const parts = outerParts(split).filter(({ repeat }) => repeat === 0);
    const fits: { fitted: Linear; weights: Float32Array }[] = [];
    const head: Head<L2, Linear> = {
      ...softmax,
      async prepare(...given) {
        const fitter = await softmax.prepare(...given);
        return {
          ...fitter,
          async fit(jobs, options) {
            const made = await fitter.fit(jobs, options);
            fits.push(...made.map((fitted, k) => ({ fitted, weights: jobs[k].weights })));
            return made;
          },
        };
      },
    };
    await measure(head, problem, drawn);
    const answers = await Promise.all(
      fits.map(async ({ fitted, weights }) => {
        const part = parts.findIndex(({ heldOut }) => heldOut.every((row) => weights[row] === 0));
        if (part < 0) throw new TypeError('a fit has all photos');
        // Fits of a part differ in the class of which photos are left out, if any.
        const less = parts[part].inner.findIndex((fold, row) => fold >= 0 && weights[row] === 0);
        const [logits] = await predictLogits(softmax, [fitted], problem, context);
        const said = softmaxRows(logits, 1);
        return { part: part + parts.length * (less < 0 ? 0 : 1 + labels[less]), heldOut: parts[part].heldOut, said };
      }),
    );
    return answers.flatMap(({ part, heldOut, said }) =>
      Array.from(heldOut, (row): Answer => {
        const probabilities = rowOf(said, row);
        return { part, row, said: probabilities, guess: largestAt(probabilities) };
      }),
    );
  },
});

const losing = listened('what bad photos cost', (head, problem, { split, groups, weights, photos }) => {
  const rows = Array.from({ length: photos }, (_, row) => row).filter(
    (row) => split.kind === 'folds' || split.test.includes(row),
  );
  const features = gather(problem.features, rows);
  return measureRobustness(
    { head, settings: { l2: 0.01 } },
    { problem, split, groups, weights },
    rows,
    corruptions.map(() => features),
    context,
  );
});

const gaining = listened('what more photos would gain', (head, photos, { split, groups }) =>
  measureClassGains({ head, settings: { l2: 0.01 } }, { photos, targets: targetsOf(photos), split, groups }, context),
);

/** An earlier classifier that had learned from the photos with a weight. */
function earlierOf(
  { weights, ids, classes, labels }: Drawn,
  head: { readonly name: string; readonly chosenBy?: 'auto' },
): Pick<PreviousClassifier, 'source'> & { card: unknown } {
  const had = [...ids.keys()].filter((row) => weights[row] > 0);
  return {
    source: 'before.onnx',
    card: {
      labels: namesOf(classes),
      head: { ...head, settings: {} },
      training: {
        classes: namesOf(classes).map((label, c) => ({ label, count: had.filter((row) => labels[row] === c).length })),
        balance: false,
        photos: trainedPhotos(had.map((row) => hex(ids[row]))),
      },
    },
  };
}

/** Digests as SHA-256 has them: hexadecimal, the first of them telling. */
function hex(id: string): string {
  const random = new Random(id);
  return Array.from({ length: 64 }, () => random.int(16).toString(16)).join('');
}

/** The answers of an earlier head that is taught again; what the run itself says is class 0, always. */
const changing = (head: Parameters<typeof earlierOf>[1], exceptions?: Subject['exceptions']): Subject => ({
  name: `changes since an earlier classifier, ${head.chosenBy ?? head.name}`,
  kinds: both,
  // A class is all that it says of a photo.
  precision: 0,
  ...(exceptions && { exceptions }),
  run: async (drawn) => {
    const { split, groups, classes, ids, photos } = drawn;
    const parts = split.kind === 'folds' ? split.assignments[0] : new Int32Array(photos);
    const rows = split.kind === 'folds' ? Int32Array.from(groups.keys()) : split.test;
    // The run's own answer is a class that the earlier one does not have, so that each of its answers counts as flipped.
    const probabilities = {
      rows: rows.length,
      columns: classes + 1,
      data: new Float32Array(rows.length * (classes + 1)),
    };
    for (const i of rows.keys()) probabilities.data[(i + 1) * (classes + 1) - 1] = 1;
    const calibrations = Array.from(rows, () => ({ temperature: 1 }));
    const answered = { rows, logits: probabilities, probabilities, calibrations, rowsPerRepeat: rows.length };
    const problem = { ...problemFor(drawn), classes: classes + 1 };
    const { compared } = await comparePrevious(
      earlierOf(drawn, head) as Parameters<typeof comparePrevious>[0],
      {
        task: singleLabel,
        items: ids.map((_, row) => ({ path: String(row) })),
        ids: ids.map(hex),
        photos: problem,
        targets: targetsOf(problem),
        ...{ groups, split, answered },
      },
      context,
    );
    if (!compared) throw new TypeError('too few photos are known');
    const named = namesOf(classes);
    return compared.flipped.map(({ path, before }) => {
      const guess = named.indexOf(before[0]);
      return { part: parts[Number(path)], row: Number(path), said: [guess], guess };
    });
  },
});

/** What an earlier one-class head says that is taught again; the run itself calls every photo normal. */
const changingOneClass: Subject = {
  name: 'changes since an earlier one-class classifier',
  kinds: ['folds'],
  precision: 0,
  run: async (drawn) => {
    const { split, groups, ids, labels, weights } = drawn;
    if (split.kind !== 'folds') throw new TypeError('folds are wanted');
    const [fold] = split.assignments;
    const isNormal = (row: number) => labels[row] === 0;
    const had = [...ids.keys()].filter((row) => isNormal(row) && weights[row] > 0);
    const card = {
      backbone: { hash: 'the same' },
      head: { name: oneClassKnn.name },
      training: { photos: trainedPhotos(had.map((row) => hex(ids[row]))) },
    };
    const { compared } = await compareOneClass(
      { source: 'before.onnx', card } as Parameters<typeof compareOneClass>[0],
      {
        backbone: { hash: 'the same', network: {} } as Parameters<typeof compareOneClass>[1]['backbone'],
        problem: {
          inputs: problemFor(drawn),
          normal: Uint8Array.from(labels, (_, row) => Number(isNormal(row))),
          ...{ fold, folds: split.folds, groups, falsePositiveRate: 0.05 },
        },
        items: ids.map((_, row) => ({ path: String(row), file: '', labels: [] })),
        ids: ids.map(hex),
        judged: { scores: new Float32Array(ids.length), thresholds: new Float64Array(ids.length) },
        rows: Int32Array.from(ids.keys()),
      },
      context,
    );
    if (!compared) throw new TypeError('too few photos are known');
    const abnormal = new Set(compared.flipped.map(({ path }) => Number(path)));
    return Array.from(fold, (part, row) => ({ part, row, said: [Number(abnormal.has(row))] }));
  },
};

/** A head that says its first class far too often, so that every part takes a bias a class to calibrate by. */
const { stack: _stack, ...unstacked } = softmax;
const leaning: Head<L2, Linear> = {
  ...unstacked,
  toGraph: (fitted, builder, input) => {
    const bias = fitted.bias.map((value, label) => value + (label === 0 ? 2 : 0));
    return softmax.toGraph({ ...fitted, bias }, builder, input);
  },
};

const eitherSight: Among = { kind: 'framing', names: ['usual', 'other'], by: softmaxHead, standardErrors: 0 };

/** As framing is chosen: by some of the photos, of which alone both representations are known by then. */
const bySample: Choose<unknown, unknown> = async (problem, trainings, context, onScore) => {
  const rows = Int32Array.from(problem.labels.keys()).filter((row) => row % 5 > 0);
  const { features } = problem.representations?.get('other') ?? problem;
  const others = new Map([['other', { features: gather(features, rows) }]]);
  const choices = await chooseOnSample(eitherSight, problem, trainings, rows, others, context);
  if (!choices) throw new TypeError('there are too few photos to choose by');
  return onChosen('usual', choices, softmaxHead)(problem, trainings, context, onScore);
};

/** Everything that answers for photos which were kept out; a new one is one line here, and all laws hold for it. */
export const subjects: readonly Subject[] = [
  ...['prototype', 'softmax', 'svm', 'knn', 'svm-rbf'].map((name) => judging(`one label, ${name}`, headNamed(name))),
  judging('one label, the head chosen', amongHeads(['prototype', 'softmax', 'knn'].map(headNamed), softmaxHead)),
  judging('one label, the bottleneck chosen', withBottleneck(softmaxHead, 'auto')),
  judging('one label, the representation chosen', amongRepresentations(eitherSight, softmaxHead), seenTwice),
  judging('one label, the representation chosen by a sample', bySample, seenTwice),
  judging('one label, the depths chosen', choosingDepths(softmaxHead, 'auto', softmaxHead), withAllDepths),
  {
    ...judging('one label, mlp', headNamed('mlp')),
    kinds: ['folds'],
    exceptions: Object.fromEntries(
      ['photos never had', 'twins', 'chance'].map((law) => [
        law,
        'it takes seconds a run, and the same code judges it',
      ]),
    ),
  },
  judging('one label, a bias taken', leaning as AnyHead),
  {
    ...judging('one label, fine-tuned', withFinetuning(softmaxHead, stage, { wanted: 'last' }), withStage),
    exceptions: {
      twins: 'the copies of a few pictures in one inner fold calibrate it: with so few, `auto` does not try',
    },
  },
  judging('one label, with views', headNamed('softmax'), withViews),
  givingSets,
  judgingLabels('sigmoid'),
  judgingLabels('svm'),
  judgingOneClass(gaussian as AnyOneClassHead, {
    poison:
      "a photo's threshold is made of the scores of the other folds, whose heads have learned from its fold: that is cross-conformal prediction (Vovk 2015), and fits inside fits would take five times as long. Nearest neighbours are not moved by it, and do hold to the law",
  }),
  judgingOneClass(oneClassKnn as AnyOneClassHead),
  tellingUnknown,
  checkingLabels,
  growing,
  losing,
  gaining,
  changingOneClass,
  changing({ name: 'softmax' }),
  {
    ...changing(
      { name: 'knn', chosenBy: 'auto' },
      Object.fromEntries(
        ['photos never had', 'twins'].map((law) => [
          law,
          'it takes seconds a run, and a head that was named holds to it',
        ]),
      ),
    ),
    kinds: ['holdout'],
  },
];
