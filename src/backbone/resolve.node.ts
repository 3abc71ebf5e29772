import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CarafeError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import { readModel } from '../onnx/read.ts';
import type { OpenSession } from '../platform.ts';
import type { Backbone } from './backbone.ts';
import { catalogue, catalogueEntry } from './catalogue.ts';
import { cutNetwork } from './cut.ts';
import { download } from './download.node.ts';
import { embeddedBackbone } from './embedded.node.ts';
import { readExternalData } from './external.node.ts';
import type { Patience } from './http.node.ts';
import { defaultPatience, patientFetch } from './http.node.ts';
import { fromHub, parseHubAddress } from './hub.node.ts';
import { fitPreprocessing, imageInput } from './imageInput.ts';
import { findPreprocessing } from './preprocessingFile.node.ts';

export interface ResolveOptions {
  readonly openSession: OpenSession;
  /** Where downloaded networks are kept, for all projects. */
  readonly modelFolder: string;
  /** last, pool, or a tensor's name. */
  readonly cut?: string | undefined;
  /** Parsed JSON in the form of a preprocessor_config.json, instead of what the network brings. */
  readonly preprocessing?: unknown;
  /** Of a download: file, bytes so far, and of how many where that is known. */
  readonly onDownload?: ((file: string, done: number, total: number | undefined) => void) | undefined;
  readonly patience?: Patience;
}

/** A network's files on this machine. */
interface LocalFiles {
  readonly name: string;
  readonly model: string;
  readonly configs?: readonly string[];
  readonly known?: unknown;
  readonly licence?: string | undefined;
}

/**
 * The backbone that `spec` names: `embedded` (or undefined), a name of the catalogue,
 * `hf:owner/repo[@revision][:file.onnx]`, an https:// address, or the path of an .onnx file.
 * @throws CarafeError USAGE, NOT_FOUND, UNAVAILABLE, BAD_MODEL, UNSUPPORTED_MODEL, NO_PREPROCESSING, NO_CUT
 */
export async function resolveBackbone(spec: string | undefined, options: ResolveOptions): Promise<Backbone> {
  if (spec === undefined || spec === 'embedded') return embeddedBackbone(options.openSession);
  return load(await localFiles(spec, options), options);
}

async function localFiles(spec: string, options: ResolveOptions): Promise<LocalFiles> {
  const entry = catalogueEntry(spec);
  const hub = { folder: options.modelFolder, onProgress: options.onDownload, ...patienceOf(options) };
  if (entry) {
    const { licence, ...files } = await fromHub(entry, hub);
    return { ...files, name: entry.name, known: entry.preprocessing, licence: licence ?? entry.licence };
  }
  if (/^hf:/i.test(spec)) return { ...(await fromHub(parseHubAddress(spec), hub)), name: spec };
  if (/^https?:\/\//i.test(spec)) return fromAddress(spec, options);
  if (/\.onnx$/i.test(spec)) return { name: basename(spec).replace(/\.onnx$/i, ''), model: spec };
  const names = ['embedded', ...catalogue.map(({ name }) => name)].join(', ');
  throw new CarafeError(
    'USAGE',
    `--backbone does not know '${spec}'.`,
    `Use one of ${names}; hf:owner/repo; an https:// address; or the path of an .onnx file.`,
  );
}

function patienceOf({ patience }: ResolveOptions): { patience?: Patience } {
  return patience ? { patience } : {};
}

/** A file at an address, with the .json that may stand beside it there. Nothing states its checksum. */
async function fromAddress(spec: string, options: ResolveOptions): Promise<LocalFiles> {
  const url = new URL(spec);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (!/\.onnx$/i.test(url.pathname) || (url.protocol !== 'https:' && !isLocal))
    throw new CarafeError(
      'USAGE',
      `--backbone cannot use the address ${spec}.`,
      'Give an https:// address whose path ends in .onnx, or download the file and name its path.',
    );
  const name = decodeURIComponent(basename(url.pathname)).replace(/[^\w.-]/g, '_');
  const id = createHash('sha256').update(url.href).digest('hex').slice(0, 16);
  const folder = join(options.modelFolder, 'url', id);
  const model = join(folder, name);
  const isHere = await stat(model).then(
    (info) => info.isFile(),
    () => false,
  );
  if (!isHere) {
    await mkdir(folder, { recursive: true });
    const patience = options.patience ?? defaultPatience;
    const fetch = await patientFetch(patience);
    const get = (from: URL, to: string): Promise<void> =>
      download({ url: from.href }, to, {
        fetch,
        patience,
        onProgress: (done, total) => options.onDownload?.(basename(from.pathname), done, total),
      });
    const beside = new URL(url);
    beside.pathname = url.pathname.replace(/\.onnx$/i, '.json');
    await get(beside, model.replace(/\.onnx$/i, '.json')).catch((error: unknown) => {
      if (!(error instanceof CarafeError && error.code === 'NOT_FOUND')) throw error;
    });
    await get(url, model);
  }
  return { name: name.replace(/\.onnx$/i, ''), model };
}

async function load(files: LocalFiles, options: ResolveOptions): Promise<Backbone> {
  const { name, model: path, licence, configs = [], known } = files;
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const bare = readModel(bytes, path);
  const input = imageInput(bare, path);
  const stated = await findPreprocessing({ given: options.preprocessing, model: path, known, configs }, bare, input);
  const preprocessing = fitPreprocessing(stated, input, path);
  const model = await readExternalData(bare, dirname(path), path);
  const { openSession, cut: wanted } = options;
  const cut = await cutNetwork(model, { openSession, source: path, preprocessing, ...(wanted && { cut: wanted }) });
  return {
    name,
    hash: hashOf(bytes, bare, model),
    ...(licence && { licence }),
    preprocessing,
    network: cut.network,
    cut: cut.cut,
  };
}

/** SHA-256 of the file, and of the weights beside it where it has some: these are the model too. */
function hashOf(bytes: Uint8Array, bare: Model, whole: Model): string {
  const hash = createHash('sha256').update(bytes);
  const outside = new Set(bare.graph.initializers.flatMap(({ name, external }) => (external ? [name] : [])));
  for (const tensor of whole.graph.initializers) if (outside.has(tensor.name)) hash.update(tensor.bytes);
  return hash.digest('hex');
}

function unreadable(path: string, error: unknown): CarafeError {
  const reason = error instanceof Error ? error.message : String(error);
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return new CarafeError(
    isMissing ? 'NOT_FOUND' : 'UNREADABLE',
    isMissing ? `There is no network ${path}.` : `The network ${path} cannot be read: ${reason}`,
    'Check the path given to --backbone.',
    { cause: error },
  );
}
