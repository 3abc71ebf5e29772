/** The worker in which the engine of a page runs. */

import { resolveBackbone } from '../backbone/resolve.web.ts';
import { CarafeError, plainError } from '../errors.ts';
import { extractionModel } from '../features/network.ts';
import { decodePhoto } from '../images/decode.web.ts';
import { plainBackbone } from '../runs/depths.ts';
import { openSession, useThreads } from '../runtime/platform.web.ts';
import { apart } from './apart.web.ts';
import type { NewPhoto, StudioExport, Work } from './engine.ts';
import { keptOpen } from './keptOpen.ts';
import type { Measured, MeasureTask } from './measure.ts';
import type { FromEngine, PageTask, Question } from './messages.ts';
import { openPageDatabase } from './pageDatabase.web.ts';
import { pageFolder } from './pageFolder.web.ts';
import { keepNetwork, networkOf } from './pageNetwork.web.ts';
import { pagePlatform, runtimeFiles } from './pagePlatform.web.ts';
import { Studio } from './studio.ts';

const database = 'carafe-studio';
/** What the page's address says of the network. */
const named = new URLSearchParams(location.search).get('network');
/** A page that is loaded again waits so long, in milliseconds, for the one before it to be gone. */
const patience = 5000;
const say = (message: FromEngine) => postMessage(message);
const hint = 'Load the page again; if it happens again, report it.';

const opened = open();
opened.then(
  (studio) => studio.watch((state) => say({ kind: 'state', state })),
  (error: unknown) => say({ kind: 'failed', error: plainError(error, 'The studio cannot begin', hint) }),
);

addEventListener('message', ({ data }: MessageEvent<Question>) => void answer(data));

async function answer({ id, method, args }: Question): Promise<void> {
  try {
    // Where a network does not work, another one can be chosen all the same.
    const asked = method === 'chooseNetwork' ? { chooseNetwork } : await opened;
    const value: unknown = await Reflect.apply(Reflect.get(asked, method), asked, args);
    say({ kind: 'value', id, value: method === 'picture' && value instanceof Blob ? await addressOf(value) : value });
  } catch (error) {
    say({ kind: 'failed', id, error: plainError(error, 'The studio met a problem', hint) });
  }
}

async function chooseNetwork(files: readonly NewPhoto[]): Promise<void> {
  await keepNetwork(await openPageDatabase(database), files);
}

/** Pictures of fewer bytes stand in their own address: that of a blob is asked of the browser, which a page waits for. */
const inAddress = 65_536;

async function addressOf(picture: Blob): Promise<string> {
  if (picture.size > inAddress) return URL.createObjectURL(picture);
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(picture);
  });
}

async function open(): Promise<Studio> {
  await onlyTab();
  useThreads(runtimeFiles);
  const data = await openPageDatabase(database);
  const folder = await pageFolder(data, 'this browser');
  const chosen = await networkOf(data, named);
  const address = URL.createObjectURL(await withProgress(chosen.address));
  const backbone = await resolveBackbone(address, chosen);
  // One network for all: weights are most of what the page holds in memory.
  const network = await openSession(extractionModel(plainBackbone(backbone), { spatial: true, depths: true }));
  const extraction = keptOpen(pagePlatform(data, chosen, async () => network));
  return Studio.open({
    folder,
    extraction,
    openSession,
    network,
    openNetwork: openSession,
    backbone,
    backboneAddress: chosen.address,
    fileOf: folder.fileOf,
    decode: async (photo, resizing) => (await decodePhoto(photo, resizing)).pixels,
    measure: (task, tell, signal) => measureApart(task, folder.fileOf, tell, signal),
    exportOne: (task) => apart<StudioExport>('exporter.js', task, { what: 'The export' }),
    close: extraction.close,
  });
}

/** Two tabs on one project would write over each other. The lock is held as long as the worker lives. */
async function onlyTab(): Promise<void> {
  const signal = AbortSignal.timeout(patience);
  await new Promise<void>((resolve, reject) => {
    const held = () => {
      resolve();
      return new Promise<void>(() => {});
    };
    navigator.locks
      .request(database, { signal }, held)
      .catch(() =>
        reject(
          new CarafeError(
            'UNAVAILABLE',
            'The studio is open in another tab.',
            'Go on there, or close it and load this page again.',
          ),
        ),
      );
  });
}

async function withProgress(address: string): Promise<Blob> {
  const response = await fetch(address).catch(() => undefined);
  if (!response?.ok || !response.body)
    throw new CarafeError(
      'NOT_FOUND',
      'The network cannot be loaded.',
      'Go online once: afterwards the page works without.',
    );
  const total = Number(response.headers.get('content-length')) || 13_900_000;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { value, done: isEnd } = await reader.read();
    if (isEnd) return new Blob(chunks);
    chunks.push(value);
    done += value.length;
    say({ kind: 'loading', done, total });
  }
}

/** Measures in a worker of its own, which is ended to cancel. */
function measureApart(
  task: MeasureTask,
  fileOf: (path: string) => string,
  tell: (work: Work) => void,
  signal: AbortSignal,
): Promise<Measured> {
  const asked: PageTask = {
    ...task,
    database,
    named,
    files: new Map(task.photos.map(({ path }) => [path, fileOf(path)])),
  };
  return apart<Measured>('measurer.js', asked, { what: 'Measuring', tell, signal });
}
