/** A network in a repository of Hugging Face's hub. */

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { readModel } from '../onnx/read.ts';
import { makeFolder, writeWhole } from '../runtime/files.node.ts';
import type { HubAddress, StatedFile } from './catalogue.ts';
import { download } from './download.node.ts';
import { type Connection, connected, type Fetch, offlineHint, type Patience } from './http.node.ts';

export interface HubOptions {
  /** Where downloaded networks are kept, for all projects. */
  readonly folder: string;
  readonly onProgress?: ((file: string, done: number, total: number | undefined) => void) | undefined;
  /** Of terms that bind, before anything is downloaded under them. */
  readonly onTerms?: ((terms: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Patience;
}

/** Files of a repository that lie on this machine. */
export interface HubModel {
  readonly model: string;
  /** Configurations that may say how photos are prepared, the likelier first. */
  readonly configs: readonly string[];
  /** As the repository states it. */
  readonly licence?: string | undefined;
  /** owner/name@commit */
  readonly source: string;
}

/** Written last, when everything that it names is there. */
const record = z.object({
  commit: z.string(),
  model: z.string(),
  configs: z.array(z.string()),
  licence: z.string().optional(),
});

const address = /^hf:([\w.-]+\/[\w.-]+)(?:@([^:]+))?(?::(.+\.onnx))?$/i;

/** Reads `hf:owner/repo[@revision][:file.onnx]`. */
export function parseHubAddress(spec: string): HubAddress {
  const match = address.exec(spec);
  const [, repo = '', revision = 'main', file] = match ?? [];
  if (!match || [repo, revision, file].some((part) => part?.split('/').includes('..')))
    throw new CarafeError(
      'USAGE',
      `'${spec}' is not a Hugging Face address.`,
      'Write hf:owner/repo, hf:owner/repo@revision or hf:owner/repo@revision:folder/file.onnx.',
    );
  return { repo, revision, ...(file && { file }) };
}

/** Where a network's files lie, or will: one folder for each repository and revision. */
function placeOf({ repo, revision, file }: HubAddress, folder: string): { root: string; recordFile: string } {
  const root = join(folder, 'hub', repo.replace('/', '--'), encodeURIComponent(revision));
  return { root, recordFile: join(root, `.${encodeURIComponent(file ?? 'default')}.json`) };
}

/** undefined for what a full disk or an older version left behind. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The network's files, if they have been downloaded. */
export async function downloaded(hub: HubAddress, folder: string): Promise<HubModel | undefined> {
  const { root, recordFile } = placeOf(hub, folder);
  const text = await readFile(recordFile, 'utf8').catch(() => undefined);
  const found = text === undefined ? undefined : record.safeParse(parseJson(text)).data;
  if (!found) return undefined;
  const { model, configs, commit, licence } = found;
  return {
    model: join(root, model),
    configs: configs.map((name) => join(root, name)),
    licence,
    source: `${hub.repo}@${commit}`,
  };
}

/**
 * The network's files, downloaded where they are not here yet. What is here is used without asking: a revision that
 * moves on at the hub does not change what a run gives. Reads HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE.
 * @throws CarafeError NOT_FOUND or UNAVAILABLE
 */
export async function fromHub(hub: HubAddress, options: HubOptions): Promise<HubModel> {
  const here = await downloaded(hub, options.folder);
  if (here) return here;
  const hint = byHand(hub);
  if (/^(1|true|yes|on)$/i.test(process.env.HF_HUB_OFFLINE ?? ''))
    throw new CarafeError(
      'UNAVAILABLE',
      `${hub.repo} has not been downloaded, and HF_HUB_OFFLINE forbids downloading it.`,
      hint,
    );
  if (hub.terms) options.onTerms?.(hub.terms);
  const { patience, signal } = options;
  const { recordFile } = placeOf(hub, options.folder);
  const found = await connected({ ...(patience && { patience }), signal, hint }, (connection) =>
    new HubDownload(hub, options, connection).run(),
  );
  makeFolder(dirname(recordFile));
  await writeWhole(recordFile, JSON.stringify(found));
  const result = await downloaded(hub, options.folder);
  if (!result) throw new TypeError(`${recordFile} cannot be read`);
  return result;
}

function hubEndpoint(): string {
  const endpoint = process.env.HF_ENDPOINT || 'https://huggingface.co';
  if (URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)) return endpoint.replace(/\/+$/, '');
  throw new CarafeError(
    'USAGE',
    `HF_ENDPOINT is '${endpoint}', which is not an address.`,
    'Set it to an address such as https://huggingface.co, or unset it.',
  );
}

/** Where to get the files without Carafe, on a computer that reaches the hub. */
function byHand({ repo, revision, file, files, preprocessing }: HubAddress): string {
  const root = `${hubEndpoint()}/${repo}`;
  if (file === undefined) return offlineHint(`the .onnx file at ${root}/tree/${encodeURIComponent(revision)}`);
  const at = (path: string) =>
    `${root}/resolve/${revision.includes('/') ? encodeURIComponent(revision) : revision}/${path}`;
  const weights = files?.find(({ path }) => path.endsWith('_data'));
  const all = [file, ...(weights ? [weights.path] : [])].map(at).join(' and ');
  return offlineHint(
    all,
    preprocessing === undefined
      ? `save ${at('preprocessor_config.json')} next to it as NAME.json`
      : `write ${JSON.stringify(preprocessing)} into NAME.json next to it`,
  );
}

class HubDownload {
  readonly #endpoint = hubEndpoint();
  readonly #token = process.env.HF_TOKEN?.trim() || undefined;
  readonly #root: string;

  constructor(
    readonly hub: HubAddress,
    readonly options: HubOptions,
    readonly connection: Connection,
  ) {
    this.#root = placeOf(hub, options.folder).root;
  }

  async run(): Promise<z.infer<typeof record>> {
    const { commit, files, licence } = await this.#info();
    const model = this.#chooseModel(files);
    await this.#get(commit, [model]);
    const beside = (name: string): string => (model.includes('/') ? `${dirname(model)}/${name}` : name);
    const { graph } = readModel(await readFile(join(this.#root, model)), `${this.hub.repo}:${model}`);
    const external = new Set(graph.initializers.flatMap(({ external: data }) => (data ? [beside(data.location)] : [])));
    // Locations that lead elsewhere are not in the list; reading the weights refuses them by name.
    await this.#get(
      commit,
      [...external].filter((name) => files.includes(name)),
    );
    const names = ['preprocessor_config.json', 'config.json'].flatMap((name) => [beside(name), name]);
    const configs = [...new Set(names)].filter((name) => files.includes(name));
    await this.#get(commit, configs);
    return { commit, model, configs, ...(licence && { licence }) };
  }

  get #headers(): Record<string, string> {
    return this.#token ? { authorization: `Bearer ${this.#token}` } : {};
  }

  /** For questions about the repository. The hub's library takes no tokens but its own kind; a mirror may have others. */
  readonly #ask: Fetch = (input, init) =>
    this.connection.fetch(input, {
      ...init,
      headers: { ...Object.fromEntries(new Headers(init?.headers)), ...this.#headers },
    });

  async #info(): Promise<{ commit: string; files: string[]; licence: string | undefined }> {
    const { modelInfo } = await import('@huggingface/hub');
    const { repo } = this.hub;
    const revision = await this.#wholeRevision();
    const additionalFields: ['sha', 'cardData', 'filePaths'] = ['sha', 'cardData', 'filePaths'];
    const info = await this.#asked(
      modelInfo({
        name: repo,
        revision,
        additionalFields,
        hubUrl: this.#endpoint,
        fetch: this.#ask,
      }),
    );
    const answer = z.object({
      sha: z.string().regex(/^[0-9a-f]{40}$/),
      filePaths: z.array(z.string()),
      cardData: z.object({ license: z.union([z.string(), z.array(z.string())]).optional() }).nullish(),
    });
    const { sha, filePaths, cardData } = this.#parsed(answer, info);
    // The list comes from outside, and names become paths here.
    const files = filePaths.filter(
      (name) => name !== '' && !name.split(/[/\\]/).some((part) => /^(\.\.)?$/.test(part)),
    );
    return { commit: sha, files, licence: cardData?.license && [cardData.license].flat().join(', ') };
  }

  /** The hub knows commits by all of their digits. */
  async #wholeRevision(): Promise<string> {
    const { repo, revision } = this.hub;
    if (!/^[0-9a-f]{7,39}$/.test(revision)) return revision;
    const { listCommits } = await import('@huggingface/hub');
    const commits = listCommits({ repo, hubUrl: this.#endpoint, fetch: this.#ask });
    for (;;) {
      const next = await this.#asked(commits.next());
      // No commit of main: a branch or a tag of that name.
      if (next.done) return revision;
      if (next.value.oid.startsWith(revision)) return next.value.oid;
    }
  }

  #chooseModel(files: readonly string[]): string {
    const networks = files.filter((name) => name.endsWith('.onnx'));
    const { repo, file } = this.hub;
    const usual = ['onnx/model.onnx', 'model.onnx', 'onnx/vision_model.onnx', 'vision_model.onnx'];
    const wanted =
      file ?? usual.find((name) => networks.includes(name)) ?? (networks.length === 1 ? networks[0] : undefined);
    if (wanted !== undefined && networks.includes(wanted)) return wanted;
    const list = networks.slice(0, 8).join(', ');
    throw new CarafeError(
      'NOT_FOUND',
      file ? `${repo} has no file ${file}.` : `${repo} does not say which of its files is the network.`,
      list
        ? `Its .onnx files are: ${list}. Name one: hf:${repo}:FILE`
        : 'It has no .onnx file: choose another repository.',
    );
  }

  /** Downloads files of the commit, each checked against what the hub states of it. */
  async #get(commit: string, paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    const { pathsInfo } = await import('@huggingface/hub');
    const { repo } = this.hub;
    const infos = await this.#asked(
      pathsInfo({
        repo,
        paths: [...paths],
        revision: commit,
        hubUrl: this.#endpoint,
        fetch: this.#ask,
      }),
    );
    const answer = z.object({
      path: z.string(),
      size: z.number().int().nonnegative(),
      oid: z.string(),
      lfs: z.object({ oid: z.string() }).optional(),
    });
    for (const path of paths) {
      const info = this.#parsed(
        answer,
        infos.find((item) => item.path === path),
      );
      const stated = this.hub.files?.find((file) => file.path === path);
      const own = info.lfs?.oid.replace(/^sha256:/, '');
      if (stated && (stated.bytes ?? info.size) !== info.size) throw this.#another(stated, `${info.size} bytes`);
      if (stated && own !== undefined && own !== stated.sha256) throw this.#another(stated, `SHA-256 ${own}`);
      const sha256 = stated?.sha256 ?? own;
      const checksum =
        sha256 === undefined
          ? { algorithm: 'git' as const, value: info.oid }
          : { algorithm: 'sha256' as const, value: sha256 };
      const url = `${this.#endpoint}/${repo}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
      const permission = 'Set HF_TOKEN to a token that may read it';
      const wanted = { url, headers: this.#headers, permission, size: info.size, checksum };
      await download(wanted, join(this.#root, path), {
        ...this.connection,
        onProgress: (done, total) => this.options.onProgress?.(`${repo}/${path}`, done, total),
      });
    }
  }

  #another({ path, sha256, bytes }: StatedFile, given: string): CarafeError {
    const expected = [bytes !== undefined && `${bytes} bytes`, `SHA-256 ${sha256}`].filter(Boolean).join(', ');
    return new CarafeError(
      'UNAVAILABLE',
      `${this.#endpoint} offers another file as ${this.hub.repo}/${path} (${given}) than the catalogue describes (${expected}).`,
      'Check HF_ENDPOINT, if it names a mirror.',
    );
  }

  #parsed<T>(schema: z.ZodType<T>, value: unknown): T {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw new CarafeError(
      'UNAVAILABLE',
      `${this.#endpoint} does not answer like Hugging Face's hub: ${z.prettifyError(result.error)}`,
      `Check HF_ENDPOINT. ${this.connection.hint}`,
    );
  }

  /** An answer of the hub's interface, its errors in our words. */
  async #asked<T>(answer: Promise<T>): Promise<T> {
    const { HubApiError } = await import('@huggingface/hub');
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof HubApiError)) throw error;
      throw this.#refused(error.statusCode, error);
    }
  }

  #refused(status: number, cause: Error): CarafeError {
    const { repo, revision } = this.hub;
    const options = { cause };
    if (status === 404)
      return new CarafeError(
        'NOT_FOUND',
        `Hugging Face has no repository ${repo} with the revision ${revision}.`,
        'Check the name: hf:owner/repo@revision.',
        options,
      );
    if (status === 401 || status === 403)
      return new CarafeError(
        'UNAVAILABLE',
        `The repository ${repo} does not exist or cannot be read without permission (${status}).`,
        `Check its name; accept its terms at ${this.#endpoint}/${repo}; set HF_TOKEN to a token that may read it.`,
        options,
      );
    return new CarafeError(
      'UNAVAILABLE',
      status === 429
        ? `${this.#endpoint} says there were too many requests (429).`
        : `${this.#endpoint} answers with status ${status}.`,
      `Try again in a few minutes. ${this.connection.hint}`,
      options,
    );
  }
}
