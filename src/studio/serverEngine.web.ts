/** The engine of a local server, as the page sees it. */

import { CarafeError, errorOf, type PlainError } from '../errors.ts';
import { message } from '../message.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import type { Pixels } from '../runtime/platform.ts';
import type {
  Answer,
  Edit,
  Engine,
  ExportWanted,
  ListedPhotos,
  NewPhoto,
  SavedFile,
  StudioExport,
  StudioPhoto,
  StudioState,
} from './engine.ts';

/** Asks the server that the page came from. `onLost` is told whether it answers. */
export function serverEngine(onLost: (isLost: boolean) => void): Engine {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(path, init);
    } catch (error) {
      onLost(true);
      throw new CarafeError(
        'UNAVAILABLE',
        'The studio does not answer.',
        'Start `carafe studio` again in the terminal; nothing is lost.',
        { cause: error },
      );
    }
    if (response.ok) return response;
    const said: unknown = await response.json().catch(() => undefined);
    throw isPlain(said)
      ? errorOf(said)
      : new CarafeError('INTERNAL', message`The studio answered with ${response.status}.`, 'Load the page again.');
  };
  // The server is of the same version as the page, and the types are shared.
  const json = async <T>(path: string, init?: RequestInit): Promise<T> => (await ask(path, init)).json();
  let pictures = 0;
  const post = async (path: string) => void (await ask(path, { method: 'POST' }));
  return {
    watch(listener: (state: StudioState) => void) {
      const events = new EventSource('/api/events');
      events.onmessage = ({ data }) => {
        onLost(false);
        listener(JSON.parse(data));
      };
      events.onerror = () => onLost(true);
      return () => events.close();
    },
    photos: (label: string) => json<StudioPhoto[]>(`/api/photos?label=${encodeURIComponent(label)}`),
    async add(labels: readonly string[], photos: readonly NewPhoto[], batch?: string) {
      const form = new FormData();
      for (const label of labels) form.append('label', label);
      if (batch !== undefined) form.set('batch', batch);
      for (const { name, bytes } of photos) form.append('photo', new File([Uint8Array.from(bytes)], name));
      return json<string[]>('/api/photos', { method: 'POST', body: form });
    },
    async list({ name, bytes }: NewPhoto) {
      const form = new FormData();
      form.set('list', new File([Uint8Array.from(bytes)], name));
      return json<ListedPhotos>('/api/list', { method: 'POST', body: form });
    },
    edit: async (edit: Edit) => void (await ask('/api/edit', { method: 'POST', body: JSON.stringify(edit) })),
    undo: () => post('/api/undo'),
    redo: () => post('/api/redo'),
    measure: () => post('/api/measure'),
    cancel: () => post('/api/cancel'),
    async predict(photo: Blob | Pixels, { heatmap }: { readonly heatmap: boolean }) {
      const isFile = photo instanceof Blob;
      const size = isFile ? '' : `&width=${photo.width}&height=${photo.height}`;
      const body = isFile ? photo : new Blob([Uint8Array.from(photo.data)]);
      const path = `/api/predict?heatmap=${Number(heatmap)}${size}`;
      return (await json<Answer | null>(path, { method: 'POST', body })) ?? undefined;
    },
    results: async () => (await json<AnyTrainResult | OneClassResult | null>('/api/results')) ?? undefined,
    // Another photo may have had this path before.
    picture: async (path: string, isSmall: boolean) =>
      `/api/picture?path=${encodeURIComponent(path)}&small=${Number(isSmall)}&asked=${pictures++}`,
    phone: async () => (await json<string | null>('/api/phone')) ?? undefined,
    async startFrom({ name, bytes }: NewPhoto) {
      const form = new FormData();
      form.set('classifier', new File([Uint8Array.from(bytes)], name));
      await ask('/api/start', { method: 'POST', body: form });
    },
    file: async (name: SavedFile) => (await ask(`/api/file/${name}`)).blob(),
    async export(wanted: ExportWanted) {
      const form = await (await ask('/api/export', { method: 'POST', body: JSON.stringify(wanted) })).formData();
      const about: Omit<StudioExport, 'content'> = JSON.parse(String(form.get('about')));
      const content = form.get('content');
      if (content instanceof Blob) return { ...about, content };
      throw new CarafeError('INTERNAL', 'The studio sent no export.', 'Load the page again.');
    },
  };
}

function isPlain(said: unknown): said is PlainError {
  return (
    typeof said === 'object' && said !== null && 'code' in said && 'what' in said && 'hint' in said && 'said' in said
  );
}
