/** What the page holds: the engine, its state, what is chosen. */

import { effect, signal } from '@preact/signals';
import { CarafeError } from '../errors.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import { messageWords } from '../ui/sentences.ts';
import { number } from '../ui/texts.ts';
import type { Edit, Engine, NewPhoto, SavedFile, StudioPhoto, StudioState } from './engine.ts';
import { type Intake, listsIn, photosOf } from './intake.web.ts';
import type { OpenEngine } from './opening.web.ts';
import { say } from './texts.ts';
import { unlabelled } from './unlabelled.ts';

/** Photos and bytes that go to the engine at once. */
const atOnce = { photos: 32, bytes: 32e6 };

/** A page's work on one project. */
export class App {
  readonly state = signal<StudioState | undefined>(undefined);
  /** Photos of each class, as far as they were asked for. */
  readonly photos = signal<ReadonlyMap<string, readonly StudioPhoto[]>>(new Map());
  readonly results = signal<AnyTrainResult | OneClassResult | undefined>(undefined);
  readonly selected = signal<ReadonlySet<string>>(new Set());
  /** What was just done, for everybody and for screen readers. */
  readonly notice = signal('');
  /** What went wrong in the page itself. */
  readonly problem = signal('');
  readonly isLost = signal(false);
  /** How much of the network is loaded. */
  readonly loading = signal<number | undefined>(undefined);
  readonly engine: Engine;
  readonly #pictures = new Map<
    string,
    { readonly address: ReturnType<typeof signal<string | undefined>>; readonly path: string; used: number }
  >();
  readonly #revisions = new Map<string, number>();
  #uses = 0;
  #results = 0;

  constructor(open: OpenEngine) {
    this.engine = open({
      onLost: (isLost) => {
        this.isLost.value = isLost;
      },
      onLoading: (share) => {
        this.loading.value = share;
      },
      onBroken: (error) => {
        this.problem.value = inWords(error);
      },
    });
    this.engine.watch((state) => {
      this.state.value = state;
    });
    effect(() => void this.#follow(this.state.value));
  }

  /** Asks for what changed. */
  async #follow(state: StudioState | undefined): Promise<void> {
    if (!state) return;
    if (state.measured && state.measured.number !== this.#results) {
      this.#results = state.measured.number;
      void this.do(async () => {
        this.results.value = await this.engine.results();
      });
    }
    const without = state.unlabelled && { name: unlabelled, ...state.unlabelled };
    for (const { name, revision, photos } of without ? [...state.classes, without] : state.classes) {
      // A class that was made anew has no revision of its own yet.
      const key = revision * 1e7 + photos;
      if (this.#revisions.get(name) === key) continue;
      this.#revisions.set(name, key);
      void this.do(async () => {
        const own = await this.engine.photos(name);
        this.#forgetGone(this.photos.value.get(name) ?? [], new Set(own.map(({ path }) => path)));
        this.photos.value = new Map([...this.photos.value, [name, own]]);
      });
    }
  }

  unselect(): void {
    this.selected.value = new Set();
  }

  forgive(): void {
    this.problem.value = '';
  }

  /** Does what may go wrong, and says so. */
  async do(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.problem.value = wordsOf(error);
    }
  }

  edit(edit: Edit): Promise<void> {
    this.problem.value = '';
    // Photos stay where they are, and may get more labels.
    if (edit.kind !== 'label') this.selected.value = new Set();
    return this.do(() => this.engine.edit(edit));
  }

  /** The photos that are selected. */
  get chosenPhotos(): readonly StudioPhoto[] {
    const selected = this.selected.value;
    const all = new Map([...this.photos.value.values()].flat().map((photo) => [photo.path, photo]));
    return [...all.values()].filter(({ path }) => selected.has(path));
  }

  /** Gives the selected photos a class, or a label that they then have beside others; takes it off where all have it. */
  give(label: string): Promise<void> {
    const paths = [...this.selected.value];
    if (!this.state.value?.several) return this.edit({ kind: 'move', paths, to: label });
    const on = !this.chosenPhotos.every(({ labels }) => labels.includes(label));
    return this.edit({ kind: 'label', paths, label, on });
  }

  /**
   * Adds photos with labels, some at a time. Where `given` is undefined, a list among them names each photo's labels, and without
   * a list its folder does.
   */
  add(given: readonly string[] | undefined, intake: Intake): Promise<void> {
    this.problem.value = '';
    return this.do(async () => {
      const batch = newBatch();
      const listed = given ? undefined : await this.#listed(intake);
      const labelsOf = (path: string) => {
        if (given) return given;
        const folder = folderOf(path);
        return listed ? listed.get(path) : folder === undefined ? undefined : [folder];
      };
      let skipped = 0;
      let added = 0;
      const waiting = new Map<string, { readonly labels: readonly string[]; readonly photos: NewPhoto[] }>();
      const send = async (key: string) => {
        const { labels, photos } = waiting.get(key) ?? { labels: [], photos: [] };
        waiting.delete(key);
        if (photos.length === 0) return;
        added += (await this.engine.add(labels, photos, batch)).length;
        this.notice.value = say('added', { count: added, label: labels.join(', ') || say('unlabelled') });
      };
      const skip = () => {
        skipped++;
      };
      for (const file of intake.files)
        try {
          for await (const { path, bytes } of photosOf({ files: [file], paths: intake.paths }, skip)) {
            const labels = labelsOf(path);
            if (labels === undefined) {
              skipped++;
              continue;
            }
            const key = labels.join('|');
            const photos: NewPhoto[] = waiting.get(key)?.photos ?? [];
            photos.push({ name: path.split('/').at(-1) ?? path, bytes });
            waiting.set(key, { labels, photos });
            const size = photos.reduce((sum, photo) => sum + photo.bytes.length, 0);
            if (photos.length >= atOnce.photos || size > atOnce.bytes) await send(key);
          }
        } catch (error) {
          if (!/\.zip$/i.test(file.name)) throw error;
          this.problem.value = say('noZip', {
            name: file.name,
            reason: error instanceof Error ? error.message : String(error),
          });
        }
      for (const key of [...waiting.keys()]) await send(key);
      if (skipped > 0) this.problem.value ||= say('skipped', { count: skipped });
    });
  }

  /** What a list among the files says of each photo's labels. Where one has several or none, the project lets photos have them. */
  async #listed(intake: Intake): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
    const [list] = await listsIn(intake);
    if (!list) return undefined;
    const name = list.path.split('/').at(-1) ?? list.path;
    const { photos, further } = await this.engine.list({ name, bytes: list.bytes });
    if (further.length > 0)
      this.problem.value = say('listColumns', { count: further.length, name, columns: further.join(', ') });
    if (photos.some(({ labels }) => labels.length !== 1)) await this.engine.edit({ kind: 'several', several: true });
    const folder = list.path.slice(0, list.path.lastIndexOf('/') + 1);
    return new Map(photos.map(({ path, labels }) => [`${folder}${path}`, labels]));
  }

  /** The small picture of a photo, once it is there, or the photo itself. */
  readonly address = (path: string, isSmall = true): string | undefined => {
    const key = isSmall ? path : `${path} itself`;
    const known = this.#pictures.get(key);
    if (known) {
      known.used = ++this.#uses;
      return known.address.value;
    }
    const address = signal<string | undefined>(undefined);
    this.#pictures.set(key, { address, path, used: ++this.#uses });
    this.engine.picture(path, isSmall).then(
      (found) => {
        address.value = found;
        this.#forget();
      },
      () => {
        // It has another path by now, or cannot be shown: its name stands in its place.
        this.#pictures.delete(key);
      },
    );
    return address.value;
  };

  /** Pictures that were not shown for longest go first. */
  #forget(): void {
    if (this.#pictures.size <= 1500) return;
    const oldest = [...this.#pictures].sort((a, b) => a[1].used - b[1].used).slice(0, 500);
    for (const [key] of oldest) this.#release(key);
  }

  /** Another photo may get the path of one that has gone. */
  #forgetGone(before: readonly StudioPhoto[], paths: ReadonlySet<string>): void {
    const gone = new Set(before.map(({ path }) => path).filter((path) => !paths.has(path)));
    for (const [key, { path }] of this.#pictures) if (gone.has(path)) this.#release(key);
  }

  #release(key: string): void {
    const address = this.#pictures.get(key)?.address.value;
    if (address?.startsWith('blob:')) URL.revokeObjectURL(address);
    this.#pictures.delete(key);
  }

  /** Makes the classes of an earlier classifier. */
  startFrom(file: File): Promise<void> {
    this.problem.value = '';
    return this.do(async () => {
      await this.engine.startFrom({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
      this.notice.value = say('startedFrom', { name: file.name });
    });
  }

  /** Takes another network, and begins again with it. */
  chooseNetwork(files: readonly File[]): Promise<void> {
    this.problem.value = '';
    return this.do(async () => {
      const read = async (file: File) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
      await this.engine.chooseNetwork?.(await Promise.all(files.map(read)));
      location.reload();
    });
  }

  save(name: SavedFile): Promise<void> {
    return this.do(async () => download(name, await this.engine.file(name)));
  }

  /** @param label whose photos the range is one of */
  select(label: string, path: string, isRange: boolean): void {
    const next = new Set(this.selected.value);
    const own = (this.photos.value.get(label) ?? []).map((photo) => photo.path);
    const last = [...next].at(-1);
    if (isRange && last && own.includes(last)) {
      const [from, to] = [own.indexOf(last), own.indexOf(path)].sort((a, b) => a - b);
      for (const each of own.slice(from, to + 1)) next.add(each);
    } else if (!next.delete(path)) next.add(path);
    this.selected.value = next;
  }

  get status(): string {
    const state = this.state.value;
    if (!state) return say('loading');
    if (state.waiting > 0) return say('busy', { count: state.waiting });
    if (state.measuring) return say('measuring', { stage: messageWords(state.measuring.stage) });
    if (state.learned > 0)
      return `${say('learned', { count: state.taken })}${state.fitted ? ` (${number(state.fitted)} ms)` : ''}`;
    return say(state.several ? 'needLabels' : 'needTwo');
  }
}

/** The folder that a file lies in names its class. */
function folderOf(path: string): string | undefined {
  return path.split('/').at(-2);
}

/** What is wrong and what to do, without the stack that a fault of Carafe's has behind its first line. */
export function inWords({ said: { what, hint } }: Pick<CarafeError, 'said'>): string {
  return `${messageWords(what).split('\n')[0]} ${messageWords(hint)}`;
}

/** What an error says, whatever was thrown. */
export function wordsOf(error: unknown): string {
  if (error instanceof CarafeError) return inWords(error);
  return error instanceof Error ? error.message : String(error);
}

/** Saves a file where the browser puts what it downloads. */
export function download(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A name for photos that come together. */
export function newBatch(): string {
  return `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}
