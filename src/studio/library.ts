/** Features of a project's photos, computed in the background. */

import type { Backbone } from '../backbone/backbone.ts';
import type { ExtractionPlatform } from '../features/extraction.ts';
import { ExtractionRun } from '../features/extractionRun.ts';
import type { PhotoFailure } from '../features/workerPool.ts';
import { rowsAt } from '../numerics/rows.ts';
import { plainBackbone } from '../runs/depths.ts';
import type { LabelledPhoto } from './engine.ts';
import type { Learned } from './learner.ts';
import type { Move } from './photoFolder.ts';
import type { Project } from './project.ts';
import { unlabelled } from './unlabelled.ts';

/** Photos that are looked at before the next fit: few at first, so that the first answer comes soon. */
const first = 4;
const atOnce = 32;

/** What training reads of each photo, so that measuring looks at none again. */
const needs = { depths: true };

interface Known {
  readonly features?: Float32Array;
  readonly sha256?: string;
  readonly failure?: PhotoFailure;
}

/** What is known of each photo by its path. */
export class Library {
  readonly #backbone: Backbone;
  readonly #platform: ExtractionPlatform;
  readonly #fileOf: (path: string) => string;
  readonly #project: Pick<Project, 'photos' | 'labelsOf'>;
  readonly #known = new Map<string, Known>();
  #waiting = new Set<string>();

  constructor(
    project: Pick<Project, 'photos' | 'labelsOf'>,
    backbone: Backbone,
    platform: ExtractionPlatform,
    fileOf: (path: string) => string,
  ) {
    this.#project = project;
    this.#backbone = plainBackbone(backbone);
    this.#platform = platform;
    this.#fileOf = fileOf;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  failure(path: string): PhotoFailure | undefined {
    return this.#known.get(path)?.failure;
  }

  isReady(path: string): boolean {
    return this.#known.get(path)?.features !== undefined;
  }

  sha256(path: string): string | undefined {
    return this.#known.get(path)?.sha256;
  }

  /** Photos of each label, and how many of them cannot be used; photos without one are those of `unlabelled`. */
  counts(): ReadonlyMap<string, { readonly photos: number; readonly failed: number }> {
    const counts = new Map<string, { photos: number; failed: number }>();
    for (const path of this.#project.photos) {
      const labels = this.#project.labelsOf(path);
      for (const label of labels.length === 0 ? [unlabelled] : labels) {
        const own = counts.get(label) ?? { photos: 0, failed: 0 };
        own.photos++;
        if (this.failure(path) !== undefined) own.failed++;
        counts.set(label, own);
      }
    }
    return counts;
  }

  want(paths: Iterable<string>): void {
    for (const path of paths) if (!this.#known.has(path)) this.#waiting.add(path);
  }

  /** Photos got other paths; what is known of them stays. */
  move(moves: readonly Move[]): void {
    const moved = moves.map(({ from, to }) => ({ to, known: this.#known.get(from), waits: this.#waiting.has(from) }));
    for (const { from } of moves) {
      this.#known.delete(from);
      this.#waiting.delete(from);
    }
    for (const { to, known, waits } of moved) {
      if (known) this.#known.set(to, known);
      if (waits) this.#waiting.add(to);
    }
  }

  /**
   * Looks at the next photos, or finds them in the store.
   * @returns their paths
   */
  async lookOn(signal: AbortSignal): Promise<readonly string[]> {
    for (const path of this.#waiting) if (!this.#project.photos.has(path)) this.#waiting.delete(path);
    const paths = [...this.#waiting].slice(0, this.#known.size === 0 ? first : atOnce);
    if (paths.length === 0) return paths;
    const items = paths.map((path) => ({ path, file: this.#fileOf(path), labels: this.#project.labelsOf(path) }));
    const run = new ExtractionRun(items, this.#backbone, this.#platform, { needs, signal });
    const missing = await run.lookUp();
    if (missing.length > 0) await run.compute(missing);
    const { failed } = run;
    for (const { path, code, reason } of failed) this.#keep(path, { failure: { code, reason } });
    if (failed.length < items.length) {
      const { items: usable, features, photos } = await run.result();
      for (const [row, { path }] of usable.entries())
        this.#keep(path, {
          features: rowsAt(features, row, 1).slice(),
          sha256: photos[row].sha256,
        });
    }
    return paths;
  }

  /** A path that moved meanwhile waits under its new name. */
  #keep(path: string, known: Known): void {
    if (this.#waiting.delete(path)) this.#known.set(path, known);
  }

  /** Photos that can be learned from. */
  learned(photos: readonly LabelledPhoto[]): Learned[] {
    return photos.flatMap(({ path, labels }) => {
      const features = this.#known.get(path)?.features;
      return features ? [{ path, labels, features }] : [];
    });
  }
}
