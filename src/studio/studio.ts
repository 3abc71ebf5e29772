/** The engine of the studio: photos come in, features are computed, heads fitted, results measured. */

import { CarafeError, ImageError, plainError } from '../errors.ts';
import { message, messageOf } from '../message.ts';
import type { Pixels } from '../runtime/platform.ts';
import { Earlier, earlierFile } from './earlier.ts';
import type {
  Answer,
  Edit,
  Engine,
  LabelledPhoto,
  NewPhoto,
  Problem,
  SavedFile,
  StudioPhoto,
  StudioState,
  Work,
} from './engine.ts';
import { isEnough } from './enough.ts';
import { readListed } from './labelList.ts';
import { Learner } from './learner.ts';
import { Library } from './library.ts';
import type { Measured } from './measure.ts';
import { Normality } from './normality.ts';
import { type Changed, Project } from './project.ts';
import { projectZip } from './projectZip.ts';
import { exportMeasured, measuredFile } from './saving.ts';
import { classesShown, photosWith, pictureOf } from './shown.ts';
import type { StudioPlatform } from './studioPlatform.ts';

/** Nothing has changed for so long, in milliseconds, before they are. */
const quiet = 1500;
/** Results that took longer, in milliseconds, are measured when they are asked for. */
const longMeasure = 20_000;
/** States are sent at most so often, in milliseconds. */
const sendEvery = 100;

/** All of an engine but what only a server knows, and addresses of pictures. */
export class Studio implements Omit<Engine, 'phone' | 'picture' | 'chooseNetwork'> {
  readonly #platform: StudioPlatform;
  readonly #project: Project;
  readonly #library: Library;
  readonly #learner: Learner;
  readonly #listeners = new Set<(state: StudioState) => void>();
  readonly #revisions = new Map<string, number>();
  readonly #closing = new AbortController();
  #earlier: Earlier | undefined;
  #working: Promise<void> | undefined;
  #isDirty = true;
  #fitTook = 0;
  #fitAt = 0;
  #measuring:
    | { readonly abort: AbortController; readonly done: Promise<void>; work: Work; readonly asked: boolean }
    | undefined;
  #measured: { readonly number: number; readonly content: Measured; readonly photos: string } | undefined;
  #normality: Normality | undefined;
  #measureTook = 0;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #sending: ReturnType<typeof setTimeout> | undefined;
  #problem: Problem | undefined;
  /** Changes of the project, one after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(platform: StudioPlatform, project: Project) {
    this.#platform = platform;
    this.#project = project;
    this.#library = new Library(project, platform.backbone, platform.extraction, platform.fileOf);
    this.#learner = new Learner(platform.backbone, platform.openSession, platform.network);
    this.#library.want(project.photos);
    this.#workOn();
  }

  static async open(platform: StudioPlatform): Promise<Studio> {
    const studio = new Studio(platform, await Project.open(platform.folder));
    const kept = await platform.folder.read(earlierFile).catch(() => undefined);
    if (kept) studio.#earlier = await Earlier.open(kept, earlierFile, platform.openNetwork).catch(() => undefined);
    return studio;
  }

  watch(listener: (state: StudioState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state());
    return () => this.#listeners.delete(listener);
  }

  async photos(label: string): Promise<readonly StudioPhoto[]> {
    return photosWith(label, this.#project, this.#library);
  }

  add(labels: readonly string[], photos: readonly NewPhoto[], batch?: string): Promise<readonly string[]> {
    return this.#change(async () => {
      const paths = await this.#project.add(labels, photos, batch);
      this.#library.want(paths);
      this.#touch(this.#project.allLabelsOf(paths));
      return paths;
    });
  }

  async list(file: NewPhoto) {
    return readListed(file);
  }

  async edit(edit: Edit): Promise<void> {
    await this.#change(async () => this.#moved(await this.#project.edit(edit)));
  }

  async undo(): Promise<void> {
    await this.#change(async () => this.#moved(await this.#project.undo()));
  }

  async redo(): Promise<void> {
    await this.#change(async () => this.#moved(await this.#project.redo()));
  }

  async startFrom({ name, bytes }: NewPhoto): Promise<void> {
    const { folder, openNetwork } = this.#platform;
    const earlier = await Earlier.choose(bytes, name, openNetwork);
    await this.#change(async () => {
      if (earlier.several) this.#moved(await this.#project.edit({ kind: 'several', several: true }));
      for (const label of earlier.card.labels) this.#moved(await this.#project.edit({ kind: 'make', label }));
      await folder.remove([earlierFile]);
      await folder.write(new Map([[earlierFile, bytes]]));
      await this.#earlier?.release();
      this.#earlier = earlier;
    });
  }

  async predict(photo: Blob | Pixels, options: { readonly heatmap: boolean }): Promise<Answer | undefined> {
    const asked = this.#learner.learned > 0 ? this.#learner : (this.#normal ?? this.#earlier);
    if (!asked) return undefined;
    const { preprocessing } = asked instanceof Learner ? this.#platform.backbone : asked;
    try {
      return await asked.answer(await this.#platform.decode(photo, preprocessing), options);
    } catch (error) {
      if (error instanceof ImageError)
        throw new CarafeError('UNREADABLE', message`This photo cannot be used: ${error}.`, 'Choose another photo.', {
          cause: error,
        });
      throw error;
    }
  }

  async measure(): Promise<void> {
    await this.#measure(true);
  }

  async cancel(): Promise<void> {
    this.#measuring?.abort.abort();
    clearTimeout(this.#quiet);
    await this.#measuring?.done;
  }

  async results() {
    return this.#measured?.content.result;
  }

  picture(path: string, isSmall: boolean): Promise<Blob> {
    return pictureOf(path, isSmall, this.#library, this.#platform);
  }

  async file(name: SavedFile): Promise<Blob> {
    if (name === 'project.zip') return projectZip(this.#project, this.#platform.folder);
    return measuredFile(name, this.#measured?.content);
  }

  readonly export: Engine['export'] = (wanted) =>
    exportMeasured(
      wanted,
      this.#measured?.content,
      this.#usable().map(({ path }) => path),
      this.#platform,
    );

  async close(): Promise<void> {
    this.#closing.abort();
    await this.cancel();
    await this.#changing.catch(() => {});
    await this.#working;
    clearTimeout(this.#sending);
    await this.#learner.release();
    await this.#normality?.release();
    await this.#earlier?.release();
    await this.#platform.close();
    await this.#platform.folder.close();
  }

  /** Changes go one after the other, and each ends what was measured on what is no more. */
  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work).finally(() => {
      this.#problem = undefined;
      this.#isDirty = true;
      if (this.#measuring && !this.#measuring.asked) this.#measuring.abort.abort();
      this.#workOn();
      this.#send();
    });
    this.#changing = done.catch(() => {});
    return done;
  }

  #moved({ moves, labels }: Changed): void {
    this.#library.move(moves);
    this.#library.want(this.#project.photos);
    this.#touch(labels);
  }

  #touch(labels: Iterable<string>): void {
    for (const label of labels) this.#revisions.set(label, (this.#revisions.get(label) ?? 0) + 1);
  }

  /** What answers for photos of one class alone, while that is still the only one. */
  get #normal(): Normality | undefined {
    const alone = this.#normality;
    const isAlone = this.#project.taught().every(({ labels }) => labels.length === 1 && labels[0] === alone?.label);
    return isAlone ? alone : undefined;
  }

  #usable(): LabelledPhoto[] {
    return this.#project.taught().filter(({ path }) => this.#library.failure(path) === undefined);
  }

  #workOn(): void {
    clearTimeout(this.#quiet);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#hasWork) this.#workOn();
    });
  }

  get #hasWork(): boolean {
    return !this.#closing.signal.aborted && this.#problem === undefined && (this.#library.waiting > 0 || this.#isDirty);
  }

  async #work(): Promise<void> {
    const { signal } = this.#closing;
    try {
      while (this.#hasWork) {
        const looked = await this.#library.lookOn(signal);
        if (looked.length > 0) this.#isDirty = true;
        this.#touch(this.#project.allLabelsOf(looked));
        const isDue = this.#library.waiting === 0 || performance.now() - this.#fitAt > 10 * this.#fitTook;
        if (this.#isDirty && isDue) await this.#fit();
        this.#send();
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
    this.#send();
    if (!signal.aborted) this.#quiet = setTimeout(() => void this.#measureIfDue(), quiet);
  }

  async #fit(): Promise<void> {
    this.#isDirty = false;
    const start = performance.now();
    await this.#learner.fit(this.#library.learned(this.#project.taught()));
    this.#fitAt = performance.now();
    this.#fitTook = this.#fitAt - start;
  }

  async #measureIfDue(): Promise<void> {
    const photos = this.#project.taught().filter(({ path }) => this.#library.isReady(path));
    // What was asked for goes on.
    if (this.#measuring?.asked || !isEnough(photos) || this.#measureTook > longMeasure || !this.#isStale()) return;
    await this.#measure(false).catch(() => {});
  }

  #isStale(): boolean {
    return this.#measured?.photos !== this.#project.taughtKey();
  }

  async #measure(asked: boolean): Promise<void> {
    await this.cancel();
    const abort = new AbortController();
    const photos = this.#usable();
    const key = this.#project.taughtKey();
    const start = performance.now();
    const run = async () => {
      const { measure, backboneAddress, folder } = this.#platform;
      const task = {
        photos,
        source: folder.place,
        backbone: backboneAddress,
        earlier: this.#earlier?.fitting(photos),
      };
      const say = (work: Work) => {
        if (this.#measuring) this.#measuring.work = work;
        this.#send();
      };
      try {
        const content = await measure(task, say, abort.signal);
        if (abort.signal.aborted) return;
        await this.#becomeNormal(content);
        this.#measured = { number: (this.#measured?.number ?? 0) + 1, content, photos: key };
        this.#measureTook = performance.now() - start;
        this.#problem = undefined;
      } catch (error) {
        if (abort.signal.aborted) return;
        this.#fail(error);
        throw error;
      } finally {
        this.#measuring = undefined;
        this.#send();
      }
    };
    const done = run();
    this.#measuring = { abort, done: done.catch(() => {}), work: { stage: messageOf('Training') }, asked };
    this.#send();
    await done;
  }

  /** Photos of one class alone are answered for by the measured file. */
  async #becomeNormal({ result, classifier }: Measured): Promise<void> {
    const before = this.#normality;
    const number = (this.#measured?.number ?? 0) + 1;
    this.#normality =
      result.task === 'one-class'
        ? await Normality.open(classifier, result.normal.label, number, this.#platform.openNetwork)
        : undefined;
    await before?.release();
  }

  #fail(error: unknown): void {
    this.#problem = plainError(error, 'The studio met a problem', 'Try again; if it happens again, report it.');
    this.#send();
  }

  #send(): void {
    this.#sending ??= setTimeout(() => {
      this.#sending = undefined;
      const state = this.#state();
      for (const listener of this.#listeners) listener(state);
    }, sendEvery);
  }

  #state(): StudioState {
    return {
      place: this.#platform.folder.place,
      backbone: this.#platform.backbone.name,
      ...classesShown(this.#project, this.#library, this.#revisions),
      taken: this.#project.taught().length,
      waiting: this.#library.waiting,
      learned: this.#learner.learned || (this.#normal ? (this.#measured?.number ?? 0) : 0),
      fitted: Math.round(this.#fitTook) || undefined,
      measuring: this.#measuring?.work,
      earlier: this.#earlier?.shown(this.#project.taught()),
      measured: this.#measured && { number: this.#measured.number, stale: this.#isStale() },
      ...this.#project.next,
      problem: this.#problem,
    };
  }
}
