/** Serves a review page on this computer alone, and saves its answers straight to disk. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CarafeError } from '../errors.ts';
import { fileReason, isMissing, writeWhole } from '../runtime/files.node.ts';
import { readReview } from './applyReview.ts';

/** What a review may be: some hundred bytes a photo. */
const mostBytes = 2 ** 26;

export interface ReviewServer {
  /** The page's address, with a secret that only who started the server knows. */
  readonly address: string;
  /** Where answers are saved. */
  readonly file: string;
  close(): Promise<void>;
}

/**
 * Serves `page` on the loopback interface. Answers are saved whole, in `file`, each time the page sends them, unless others were
 * saved meanwhile that the page has not seen (`If-Match`). An earlier review of other photos is kept beside it. Photos are given as they are,
 * those of the set alone.
 * @param photos file of each photo that may be seen, by its path in the set
 * @throws CarafeError UNAVAILABLE
 */
export async function serveReview({
  page,
  file,
  photos,
}: {
  readonly page: string;
  readonly file: string;
  readonly photos: ReadonlyMap<string, string>;
}): Promise<ReviewServer> {
  const secret = randomBytes(18).toString('base64url');
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const isWrong = error instanceof CarafeError && error.code === 'BAD_REVIEW';
      send(response, isWrong ? 400 : 500, error instanceof Error ? error.message : String(error));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { port } = addressOf();
    // A page of another site that resolves its own name to this computer says another host.
    if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? ''))
      return send(response, 403, 'Not here.');
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`);
    const [, key = '', place = '', photo] = url.pathname.split('/');
    if (!isSame(key, secret))
      return send(response, 404, 'Nothing is here. Use the whole address that the command printed.');
    if (place === '' && request.method === 'GET')
      return send(response, 200, await readFile(page), 'text/html; charset=utf-8');
    if (place === 'photo' && request.method === 'GET')
      return sendPhoto(response, photos.get(decodeURIComponent(photo ?? '')));
    if (place === 'review.json' && request.method === 'GET') return sendReview(response);
    if (place === 'review.json' && request.method === 'PUT') {
      return save(request, response);
    }
    send(response, 404, 'Nothing is here.');
  }

  async function save(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const { set } = readReview(text, 'the page');
    const there = await saved();
    if (there !== undefined && setOf(there) !== set) await rename(file, await freeName(file));
    else if (!isSeen(request, there)) return send(response, 412, 'Other answers were saved meanwhile.');
    await writeWhole(file, text);
    send(response, 200, 'Saved.', undefined, { ETag: tagOf(text) });
  }

  async function sendReview(response: ServerResponse): Promise<void> {
    const there = await saved();
    if (there === undefined) return send(response, 404, 'Nothing has been decided yet.');
    send(response, 200, there, 'application/json', { ETag: tagOf(there) });
  }

  async function saved(): Promise<string | undefined> {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  function addressOf(): { port: number } {
    const bound = server.address();
    return { port: typeof bound === 'object' && bound ? bound.port : 0 };
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new CarafeError(
          'UNAVAILABLE',
          `The page cannot be served: ${fileReason(error)}`,
          'Open doctor.html itself, and save the review from there.',
          {
            cause: error,
          },
        ),
      ),
    );
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${addressOf().port}/${secret}/`,
    file,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('hex')}"`;
}

/** Whether who sends answers has seen those that are there, as far as the request says. */
function isSeen({ headers }: IncomingMessage, there: string | undefined): boolean {
  if (headers['if-none-match'] === '*') return there === undefined;
  const seen = headers['if-match'];
  return seen === undefined || there === undefined || seen === tagOf(there);
}

/** The photos that a review is of; undefined where it is none. */
function setOf(text: string): string | undefined {
  try {
    return readReview(text, 'the file').set;
  } catch {
    return undefined;
  }
}

/** `review-1.json`, `review-2.json`, and so on. */
async function freeName(file: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = file.replace(/\.json$/, `-${number}.json`);
    if (!existsSync(name)) return name;
  }
}

function isSame(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  type = 'text/plain; charset=utf-8',
  more: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { ...headers, 'Content-Type': type, ...more });
  response.end(body);
}

const headers = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
} as const;

/** A file that is named as a photo is never anything else to the browser. */
function sendPhoto(response: ServerResponse, file: string | undefined): void {
  if (file === undefined) {
    send(response, 404, 'There is no such photo.');
    return;
  }
  const stream = createReadStream(file);
  stream.once('error', () => send(response, 404, 'The photo cannot be read.'));
  stream.once('open', () => {
    response.writeHead(200, { ...headers, 'Content-Type': 'image/*', 'Content-Security-Policy': "default-src 'none'" });
    stream.pipe(response);
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    parts.push(part);
    size += part.length;
    if (size > mostBytes)
      throw new CarafeError('BAD_REVIEW', 'The review is too large.', 'Review fewer photos at once.');
  }
  return Buffer.concat(parts).toString();
}
