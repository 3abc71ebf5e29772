import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export const commit = '0123456789abcdef0123456789abcdef01234567';

/** What goes wrong, once, at the first request whose path matches. */
export interface Fault {
  readonly path: RegExp;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Bytes of the body after which the connection is cut. */
  readonly cutAfter?: number;
  /** Bytes of the body after which nothing more comes. */
  readonly silentAfter?: number;
  /** Other bytes than the hub states. */
  readonly damaged?: boolean;
  /** As an old proxy: the whole file whatever range was asked for. */
  readonly ignoreRange?: boolean;
  /** How often; once unless told. */
  times?: number;
}

export interface HubServer {
  readonly url: string;
  /** `METHOD path range` of every request. */
  readonly requests: string[];
  readonly faults: Fault[];
  token: string | undefined;
  close(): Promise<void>;
}

/**
 * A server on this machine that speaks the hub's protocol, as huggingface_hub and @huggingface/hub use it: model
 * information, paths-info with git and LFS checksums, and resolve, which redirects large files to another host.
 */
export async function startHub(repo: string, files: ReadonlyMap<string, Uint8Array>): Promise<HubServer> {
  const requests: string[] = [];
  const faults: Fault[] = [];
  const state: { token: string | undefined } = { token: undefined };
  const isLarge = (bytes: Uint8Array): boolean => bytes.length > 1000;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    requests.push([request.method, path, request.headers.range].filter(Boolean).join(' '));
    const fault = faults.find((item) => item.path.test(path) && (item.times ?? 1) > 0);
    if (fault) fault.times = (fault.times ?? 1) - 1;
    if (fault?.status !== undefined) return void response.writeHead(fault.status, fault.headers).end('{"error":"no"}');
    const isCdn = path.startsWith('/cdn/');
    if (state.token && !isCdn && request.headers.authorization !== `Bearer ${state.token}`)
      return void response.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end();
    // The token is for the hub alone, not for the host that it redirects to.
    if (isCdn && request.headers.authorization) return void response.writeHead(400).end();
    if (path === `/api/models/${repo}/revision/main` || path === `/api/models/${repo}/revision/${commit}`)
      return json(response, {
        _id: '1',
        id: repo,
        sha: commit,
        private: false,
        gated: false,
        downloads: 1,
        likes: 0,
        lastModified: '2024-01-01T00:00:00.000Z',
        siblings: [...files.keys(), '../outside.onnx'].map((rfilename) => ({ rfilename })),
        cardData: { license: 'apache-2.0' },
      });
    if (path === `/api/models/${repo}/commits/main`)
      return json(
        response,
        [commit.replace('0', 'f'), commit].map((id) => ({
          id,
          title: '',
          message: '',
          authors: [],
          date: '2024-01-01',
        })),
      );
    if (request.method === 'POST' && path === `/api/models/${repo}/paths-info/${commit}`) {
      const wanted = JSON.parse(await body(request)) as { paths: string[] };
      return json(
        response,
        wanted.paths.flatMap((name) => info(name, files.get(name))),
      );
    }
    const name = path.replace(`/${repo}/resolve/${commit}/`, '').replace('/cdn/', '');
    const bytes = files.get(name);
    if (!bytes) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    if (!isCdn && isLarge(bytes))
      return void response
        .writeHead(302, { location: `http://localhost:${port}/cdn/${name}`, 'x-repo-commit': commit })
        .end();
    send(request, response, fault?.damaged ? bytes.map((byte) => byte ^ 1) : bytes, fault);
  };

  const info = (path: string, bytes: Uint8Array | undefined) => {
    if (!bytes) return [];
    const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    const lfs = { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 134 };
    return [{ type: 'file', path, size: bytes.length, oid, ...(isLarge(bytes) && { lfs }) }];
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const at = server.address();
  const port = typeof at === 'object' ? at?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    faults,
    get token() {
      return state.token;
    },
    set token(value) {
      state.token = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function send(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array, fault: Fault | undefined): void {
  const from = fault?.ignoreRange ? 0 : Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const part = bytes.subarray(from);
  const headers = { 'content-length': part.length, etag: '"1"', 'accept-ranges': 'bytes' };
  if (from > 0) {
    const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(206, { ...headers, 'content-range': range });
  } else response.writeHead(200, headers);
  const stop = fault?.cutAfter ?? fault?.silentAfter;
  if (stop === undefined) return void response.end(part);
  response.write(part.subarray(0, stop), () => {
    if (fault?.cutAfter !== undefined) setTimeout(() => response.destroy(), 20);
  });
}
