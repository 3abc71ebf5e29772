/** From what the user wrote to a network's files, downloaded where need be. */

import { createHash } from 'node:crypto';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CarafeError } from '../errors.ts';
import { readModel } from '../onnx/read.ts';
import { makeFolder } from '../runtime/files.node.ts';
import { type CatalogueEntry, catalogue, catalogueEntry } from './catalogue.ts';
import { download } from './download.node.ts';
import { connected, offlineHint, type Patience } from './http.node.ts';
import { fromHub, parseHubAddress } from './hub.node.ts';

export interface LocateOptions {
  /** Where downloaded networks are kept, for all projects. */
  readonly modelFolder: string;
  /** Of a download: file, bytes so far, and of how many where that is known. */
  readonly onDownload?: ((file: string, done: number, total: number | undefined) => void) | undefined;
  /** Of a licence that binds whoever downloads the network, before it is downloaded. */
  readonly onTerms?: ((terms: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Patience;
}

/** A network's files on this machine. */
export interface LocalFiles {
  readonly name: string;
  readonly model: string;
  /** Files of its repository that may say how photos are prepared, the likelier first. */
  readonly configs?: readonly string[];
  /** Its row in the catalogue. */
  readonly entry?: CatalogueEntry;
  /** owner/name@commit, of what comes from Hugging Face. */
  readonly source?: string;
  readonly licence?: string | undefined;
}

/**
 * The files of the network that `spec` names: a name of the catalogue, `hf:owner/repo[@revision][:file.onnx]`, an
 * https:// address, or a path. Downloads what is not here yet.
 * @throws CarafeError USAGE, NOT_FOUND, UNAVAILABLE, UNWRITABLE, INTERRUPTED
 */
export async function locate(spec: string, options: LocateOptions): Promise<LocalFiles> {
  const entry = catalogueEntry(spec);
  const { modelFolder: folder, onDownload: onProgress, onTerms, signal, patience } = options;
  const hub = { folder, onProgress, onTerms, signal, ...(patience && { patience }) };
  if (entry) {
    const { licence, ...files } = await fromHub(entry, hub);
    // Of terms that bind, a repository says no more than that they are others.
    return { ...files, name: entry.name, entry, licence: entry.terms ? entry.licence : (licence ?? entry.licence) };
  }
  const address = /^hf:/i.test(spec) ? spec : hubPage(spec);
  if (address !== undefined) return { ...(await fromHub(parseHubAddress(address), hub)), name: address };
  if (/^\w+:\/\//.test(spec)) return fromAddress(spec, options);
  if (/\.onnx$/i.test(spec) || (await isFile(spec)))
    return { name: basename(spec).replace(/\.onnx$/i, ''), model: spec };
  if (await isFolder(spec))
    throw new CarafeError(
      'USAGE',
      `${spec} is a folder, not a network.`,
      'Give the .onnx file in it, with its preprocessor_config.json next to it as NAME.json.',
    );
  const names = ['embedded', ...catalogue.map(({ name }) => name)].join(', ');
  throw new CarafeError(
    'USAGE',
    `There is no network '${spec}': neither a known name nor a file.`,
    `Use one of ${names}; hf:owner/repo; an https:// address; or the path of an .onnx file.`,
  );
}

/** `hf:...` for a page of Hugging Face that shows a repository or a file of it, as copied from a browser. */
function hubPage(spec: string): string | undefined {
  const page =
    /^https:\/\/(?:huggingface|hf)\.co\/([\w.-]+\/[\w.-]+)(?:\/(?:resolve|blob|tree)\/([^/?#]+)(\/[^?#]+\.onnx)?)?\/?(?:[?#].*)?$/i;
  const [match, repo, revision = 'main', file = ''] = page.exec(spec) ?? [];
  return match && decodeURIComponent(`hf:${repo}@${revision}${file.replace('/', ':')}`);
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}

/** A file at an address, with the .json that may stand beside it there. Nothing states its checksum. */
async function fromAddress(spec: string, options: LocateOptions): Promise<LocalFiles> {
  const url = URL.canParse(spec) ? new URL(spec) : undefined;
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '');
  const isUsable = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal);
  if (!url || !isUsable || !/\.onnx$/i.test(url.pathname))
    throw new CarafeError(
      'USAGE',
      `The address ${spec} cannot be used for a network.`,
      'Give an https:// address whose path ends in .onnx, or download the file and give its path.',
    );
  const name = decodeURIComponent(basename(url.pathname)).replace(/[^\w.-]/g, '_');
  const id = createHash('sha256').update(url.href).digest('hex').slice(0, 16);
  const folder = join(options.modelFolder, 'url', id);
  const model = join(folder, name);
  if (!(await isFile(model))) await fetchModel(url, folder, model, options);
  return { name: name.replace(/\.onnx$/i, ''), model };
}

/** Gets a network and its .json. What is no network, such as a page that asks to sign in, is not kept. */
async function fetchModel(url: URL, folder: string, model: string, options: LocateOptions): Promise<void> {
  makeFolder(folder);
  const { patience, signal, onDownload } = options;
  const unchecked = `${model}.unchecked`;
  await connected({ ...(patience && { patience }), signal, hint: offlineHint(url.href) }, async (connection) => {
    const get = (from: URL, to: string): Promise<void> =>
      download({ url: from.href }, to, {
        ...connection,
        onProgress: (done, total) => onDownload?.(basename(from.pathname), done, total),
      });
    const beside = new URL(url);
    beside.pathname = url.pathname.replace(/\.onnx$/i, '.json');
    await get(beside, model.replace(/\.onnx$/i, '.json')).catch((error: unknown) => {
      if (!(error instanceof CarafeError && error.code === 'NOT_FOUND')) throw error;
    });
    await get(url, unchecked);
  });
  try {
    readModel(await readFile(unchecked), url.href);
    await rename(unchecked, model);
  } finally {
    await rm(unchecked, { force: true });
  }
}
