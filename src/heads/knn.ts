/** k-nearest-neighbour classifier. */

import { indexOfLargest, largestOf, mean } from '../numerics/statistics.ts';
import type { GraphBuilder } from '../onnx/builder.ts';
import { centreOf, directionNodes, directionsOf, usedRows } from './direction.ts';
import type { FitJob, Fitter, Head, Problem } from './head.ts';

export type KnnSettings = { readonly k: number };

export interface Neighbours {
  readonly k: number;
  readonly classes: number;
  /** [width]: mean of the photos that were fitted first. */
  readonly centre: Float32Array;
  /** Photos as directions from the centre, [count, width], and their classes. */
  readonly directions: Float32Array;
  readonly labels: Int32Array;
  /** Weight of each of these photos' vote, 0 for none. Several lists give the logits of several heads, side by side. */
  readonly votes: readonly Float32Array[];
}

/** Why so many photos cannot be a head: they would have to be in the file. */
export function keepsTooMuch(name: string, rows: number, columns: number): string | undefined {
  const bytes = 4 * rows * columns;
  if (bytes < mostFileBytes) return undefined;
  return `${name} keeps all photos in the file: ${rows.toLocaleString('en-US')} with ${columns.toLocaleString('en-US')} features take ${(bytes / 1e9).toFixed(1)} GB, and an ONNX file holds 2 GB`;
}

/** Where protobuf ends, less some room for the network. */
const mostFileBytes = 1.9e9;

/** What the fitted head is called in a graph: from these it is read back. */
const stems = { centre: 'knn_centre', directions: 'knn_directions', ballots: 'knn_ballots' };

/** How fast a vote fades with distance: exp(cosine / 0.07), as in Wu et al. 2018 and DINO. */
const voteTemperature = 0.07;

/**
 * The k nearest photos by cosine, after centring; nearer ones have more say. Logits are ln(votes of the class, of k in
 * all, and one vote spread over the classes). The photos themselves are the head, so a file holds 4 bytes for each of
 * their features; and classes come and go without fitting anything again.
 */
export const knn: Head<KnnSettings, Neighbours> = {
  name: 'knn',
  needs: 'pooled',
  defaults: { k: 5 },
  refuses: ({ rows, columns }) => keepsTooMuch('knn', rows, columns),
  grid: () => [50, 20, 10, 5, 3, 1].map((k) => ({ k })),
  // Rough fits have one centre, the mean of the photos that they are prepared for.
  preparesApart: () => true,
  prepare: async (problem) => new KnnFitter(problem),
  toGraph(fitted, g, features) {
    const { directions, labels, centre } = fitted;
    const matrix = g.floats(directions, [labels.length, centre.length], stems.directions);
    const from = g.floats(centre, [centre.length], stems.centre);
    const cosines = g.node('Gemm', [directionNodes(g, features, from), matrix], { transB: 1 });
    const logits = fitted.votes.map((votes) => voteNodes(fitted, votes, g, cosines));
    return logits.length > 1 ? g.node('Concat', logits, { axis: 1 }) : logits[0];
  },
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
      const directions = new Float32Array(fitted.directions.length + added.length);
      directions.set(fitted.directions);
      directions.set(added, fitted.directions.length);
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

  constructor(readonly problem: Problem) {}

  async fit(jobs: readonly FitJob<KnnSettings, Neighbours>[], { loose = false } = {}): Promise<Neighbours[]> {
    const { features, labels, classes } = this.problem;
    if (!loose) return jobs.map(({ weights, settings }) => this.#alone(weights, settings.k));
    if (!this.#shared) {
      this.#rows = usedRows(jobs.map(({ weights }) => weights));
      const used = new Float32Array(features.rows);
      for (const row of this.#rows) used[row] = 1;
      const centre = centreOf(features, used);
      const directions = directionsOf(features, this.#rows, centre);
      this.#shared = { classes, centre, directions, labels: Int32Array.from(this.#rows, (row) => labels[row]) };
    }
    const shared = this.#shared;
    return jobs.map(({ weights, settings: { k } }) => {
      return { ...shared, k, votes: [Float32Array.from(this.#rows, (row) => weights[row])] };
    });
  }

  #alone(weights: Float32Array, k: number): Neighbours {
    const { features, labels, classes } = this.problem;
    const rows = usedRows([weights]);
    const centre = centreOf(features, weights);
    return {
      k,
      classes,
      centre,
      directions: directionsOf(features, rows, centre),
      labels: Int32Array.from(rows, (row) => labels[row]),
      votes: [Float32Array.from(rows, (row) => weights[row])],
    };
  }

  async release(): Promise<void> {}
}

/** The head with some of its photos. */
function chosen(fitted: Neighbours, keep: (i: number) => boolean): Neighbours {
  const width = fitted.centre.length;
  const kept = [...fitted.labels.keys()].filter(keep);
  const directions = new Float32Array(kept.length * width);
  for (const [to, from] of kept.entries())
    directions.set(fitted.directions.subarray(from * width, (from + 1) * width), to * width);
  return {
    ...fitted,
    directions,
    labels: Int32Array.from(kept, (i) => fitted.labels[i]),
    votes: fitted.votes.map((votes) => Float32Array.from(kept, (i) => votes[i])),
  };
}
