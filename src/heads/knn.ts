/** k-nearest-neighbour classifier. */

import type { Rows } from '../numerics/rows.ts';
import { indexOfLargest, largestOf, mean } from '../numerics/statistics.ts';
import type { GraphBuilder } from '../onnx/builder.ts';
import { centreOf, directionNodes, directionsOf, usedRows } from './direction.ts';
import type { FitJob, Fitter, Head, Problem } from './head.ts';
import { type RoundedRows, roundedCosines, roundedDirections, wholeRows } from './roundedRows.ts';

export type KnnSettings = { readonly k: number };

export interface Neighbours {
  readonly k: number;
  readonly classes: number;
  /** [width]: mean of the photos that were fitted first. */
  readonly centre: Float32Array;
  /** Photos as directions from the centre, [count, width], rounded where they are many, and their classes. */
  readonly directions: Float32Array | RoundedRows;
  readonly labels: Int32Array;
  /** Weight of each of these photos' vote, 0 for none. Several lists give the logits of several heads, side by side. */
  readonly votes: readonly Float32Array[];
}

/** Bytes that photos may take in the file: as float32 where that is enough, else as int8, and no more photos than fit then. */
const mostBytes = 2 ** 28;

type Size = Pick<Rows, 'rows' | 'columns'> & { readonly classes: number };

function fitsWhole({ rows, columns, classes }: Size, bytes: number): boolean {
  return rows * 4 * (columns + classes) <= bytes;
}

/** Photos that fit as int8. */
function mostRounded({ columns, classes }: Size, bytes: number): number {
  return Math.floor(bytes / (columns + 4 * classes));
}

/** Of each class the same share, evenly from its rows, which come in the order of their content. */
function keptRows(rows: readonly number[], { labels, classes, features }: Problem, bytes: number): readonly number[] {
  const most = mostRounded({ rows: rows.length, columns: features.columns, classes }, bytes);
  if (rows.length <= most) return rows;
  const byClass = Array.from({ length: classes }, (): number[] => []);
  for (const row of rows) byClass[labels[row]].push(row);
  const share = Math.max(0, most - classes) / rows.length;
  const some = byClass.flatMap((own) => {
    const count = Math.ceil(own.length * share);
    return Array.from({ length: count }, (_, i) => own[Math.floor((i * own.length) / count)]);
  });
  return some.sort((x, y) => x - y);
}

/** What the fitted head is called in a graph: from these it is read back. */
const stems = { centre: 'knn_centre', directions: 'knn_directions', ballots: 'knn_ballots' };

/** How fast a vote fades with distance: exp(cosine / 0.07), as in Wu et al. 2018 and DINO. */
const voteTemperature = 0.07;

/**
 * The k nearest photos by cosine, after centring; nearer ones have more say. Logits are ln(votes of the class, of k in
 * all, and one vote spread over the classes). The photos themselves are the head, so a file holds 4 bytes for each of
 * their features; and classes come and go without fitting anything again. Beyond 256 MB a file holds them as int8, and
 * of more photos than fit then an even share of each class.
 */
export const knn = knnWithin(mostBytes);

/** The same with another bound of the bytes. */
export function knnWithin(bytes: number): Head<KnnSettings, Neighbours> {
  return {
    name: 'knn',
    needs: 'pooled',
    defaults: { k: 5 },
    leavesOut(size) {
      const most = mostRounded(size, bytes);
      if (size.rows <= most) return undefined;
      const number = (value: number) => value.toLocaleString('en-US');
      return `knn keeps photos in the file, and of these ${number(size.rows)} at most ${number(most)}, the same share of each class. Its accuracy is measured like that.`;
    },
    grid: () => [50, 20, 10, 5, 3, 1].map((k) => ({ k })),
    // Rough fits have one centre, the mean of the photos that they are prepared for.
    preparesApart: () => true,
    prepare: async (problem) => new KnnFitter(problem, bytes),
    toGraph(fitted, g, features) {
      const { directions, labels, centre } = fitted;
      const from = g.floats(centre, [centre.length], stems.centre);
      const direction = directionNodes(g, features, from);
      const cosines =
        'scales' in directions
          ? roundedCosines(g, direction, directions)
          : g.node('Gemm', [direction, g.floats(directions, [labels.length, centre.length], stems.directions)], {
              transB: 1,
            });
      const logits = fitted.votes.map((votes) => voteNodes(fitted, votes, g, cosines));
      return logits.length > 1 ? g.node('Concat', logits, { axis: 1 }) : logits[0];
    },
    numbersBetween: ({ labels }) => labels.length,
    stack(heads) {
      const { directions, k } = heads[0];
      if (heads.some((head) => head.directions !== directions || head.k !== k)) return undefined;
      return { ...heads[0], votes: heads.flatMap(({ votes }) => votes) };
    },
    edits: {
      read(stored, { k }) {
        const [[centre], [directions], [ballots]] = [stems.centre, stems.directions, stems.ballots].map(stored);
        if (!centre || !directions || !ballots || typeof k !== 'number') return undefined;
        const [count, classes] = ballots.dims;
        const cast = Array.from({ length: count }, (_, i) => ballots.data.subarray(i * classes, (i + 1) * classes));
        return {
          k,
          classes,
          centre: centre.data,
          directions: directions.data,
          labels: Int32Array.from(cast, indexOfLargest),
          votes: [Float32Array.from(cast, (votes) => largestOf(votes))],
        };
      },
      count: ({ classes }) => classes,
      add(fitted, photos, label) {
        const { classes, labels } = fitted;
        // How many photos of it were at hand does not say how frequent a new class is: it counts as much as the average one.
        const vote = (votes: Float32Array) =>
          label < classes
            ? mean(votes.filter((_, i) => labels[i] === label))
            : votes.reduce((sum, one) => sum + one, 0) / classes / photos.rows;
        const rows = Array.from({ length: photos.rows }, (_, i) => i);
        const added = directionsOf(photos, rows, fitted.centre);
        const before = wholeRows(fitted.directions);
        const directions = new Float32Array(before.length + added.length);
        directions.set(before);
        directions.set(added, before.length);
        const more = <T>(list: Iterable<T>, value: T) => [...list, ...rows.map(() => value)];
        return {
          ...fitted,
          classes: Math.max(classes, label + 1),
          directions,
          labels: Int32Array.from(more(labels, label)),
          votes: fitted.votes.map((votes) => Float32Array.from(more(votes, vote(votes)))),
        };
      },
      regroup(fitted, groups) {
        const place = (label: number) => groups.findIndex((group) => group.includes(label));
        const kept = chosen(fitted, (i) => place(fitted.labels[i]) >= 0);
        return { ...kept, classes: groups.length, labels: kept.labels.map(place) };
      },
    },
  };
}

/** Logits by the votes of the nearest photos: cosines [n, count] -> [n, classes]. */
function voteNodes({ k, classes, labels }: Neighbours, votes: Float32Array, g: GraphBuilder, cosines: string): string {
  const count = labels.length;
  const voters = votes.reduce((sum, vote) => sum + (vote > 0 ? 1 : 0), 0);
  const near = Math.min(k, voters);
  // Photos without a vote are pushed behind all the others.
  const away = votes.every((vote) => vote > 0)
    ? cosines
    : g.node('Sub', [cosines, g.floats(votes.map((vote) => (vote > 0 ? 0 : 4)))]);
  const [values, places] = g.nodes('TopK', [away, g.ints([near])], 2, { axis: 1 });
  const nearest = g.node('Slice', [values, g.ints([0]), g.ints([1]), g.ints([1])]);
  const strength = g.node('Exp', [g.node('Div', [g.node('Sub', [values, nearest]), g.floats(voteTemperature)])]);
  const ballots = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) ballots[i * classes + labels[i]] = votes[i];
  const cast = g.node('Gather', [g.floats(ballots, [count, classes], stems.ballots), places], { axis: 0 });
  const rowwise = g.node('Reshape', [strength, g.ints([0, 1, -1])]);
  const byClass = g.node('Reshape', [g.node('MatMul', [rowwise, cast]), g.ints([0, -1])]);
  const all = g.node('ReduceSum', [byClass, g.ints([1])], { keepdims: 1 });
  const ofK = g.node('Mul', [g.node('Div', [byClass, all]), g.floats(near)]);
  return g.node('Log', [g.node('Add', [ofK, g.floats(1 / classes)])]);
}

/** Rough fits share the directions of all photos of the training part, so that they are compared with once for all its folds. */
class KnnFitter implements Fitter<KnnSettings, Neighbours> {
  #shared: Omit<Neighbours, 'k' | 'votes'> | undefined;
  #rows: readonly number[] = [];

  constructor(
    readonly problem: Problem,
    readonly bytes: number,
  ) {}

  async fit(jobs: readonly FitJob<KnnSettings, Neighbours>[], { loose = false } = {}): Promise<Neighbours[]> {
    const { features } = this.problem;
    if (!loose) return jobs.map(({ weights, settings }) => this.#alone(weights, settings.k));
    if (!this.#shared) {
      const used = new Float32Array(features.rows);
      for (const row of usedRows(jobs.map(({ weights }) => weights))) used[row] = 1;
      [this.#shared, this.#rows] = this.#references(used);
    }
    const [shared, rows] = [this.#shared, this.#rows];
    return jobs.map(({ weights, settings: { k } }) => {
      return { ...shared, k, votes: [Float32Array.from(rows, (row) => weights[row])] };
    });
  }

  #alone(weights: Float32Array, k: number): Neighbours {
    const [references, rows] = this.#references(weights);
    return { ...references, k, votes: [Float32Array.from(rows, (row) => weights[row])] };
  }

  /** The photos that have a weight, as far as they are kept, and their rows. */
  #references(weights: Float32Array): [Omit<Neighbours, 'k' | 'votes'>, readonly number[]] {
    const { features, labels, classes } = this.problem;
    const rows = keptRows(usedRows([weights]), this.problem, this.bytes);
    const centre = centreOf(features, weights);
    const isSmall = fitsWhole({ rows: rows.length, columns: features.columns, classes }, this.bytes);
    const directions = (isSmall ? directionsOf : roundedDirections)(features, rows, centre);
    return [{ classes, centre, directions, labels: Int32Array.from(rows, (row) => labels[row]) }, rows];
  }

  async release(): Promise<void> {}
}

/** The head with some of its photos. */
function chosen(fitted: Neighbours, keep: (i: number) => boolean): Neighbours {
  const width = fitted.centre.length;
  const kept = [...fitted.labels.keys()].filter(keep);
  const before = wholeRows(fitted.directions);
  const directions = new Float32Array(kept.length * width);
  for (const [to, from] of kept.entries())
    directions.set(before.subarray(from * width, (from + 1) * width), to * width);
  return {
    ...fitted,
    directions,
    labels: Int32Array.from(kept, (i) => fitted.labels[i]),
    votes: fitted.votes.map((votes) => Float32Array.from(kept, (i) => votes[i])),
  };
}
