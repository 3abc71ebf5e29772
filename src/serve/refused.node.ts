/** Answers for what Node's parser refuses before any route sees it: headers too long, too late, or no HTTP. */

import { type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem, toldOf } from './problem.ts';

/** Such a client gets a code and a hint as any other, and its connection ends. */
export function answerRefused(server: Server): void {
  server.on('checkExpectation', answerExpectation);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const { status, error: told } = toldOf(problemOf(error));
    const body = JSON.stringify({ error: told });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}

function problemOf({ code }: NodeJS.ErrnoException): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem(
      'HEADERS_TOO_LARGE',
      'Address and headers are longer than 16 kB.',
      'Send the photo as the body, and shorter headers.',
    );
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('TOO_LATE', 'The headers did not come in time.', 'Send them whole, within 10 s.');
  return new Problem('BAD_REQUEST', 'This is not a request of HTTP/1.1.', '/docs says how to ask.');
}

/** An address or a Host of which no URL can be made: no route sees it. */
export function answerMalformed(): Response {
  const { status, error } = toldOf(
    new Problem('BAD_REQUEST', 'The address or the header Host is no address of HTTP.', 'Check them.'),
  );
  return new Response(JSON.stringify({ error }), { status, headers: { 'content-type': 'application/json' } });
}

/** An `Expect` that is not `100-continue`. */
function answerExpectation(_: IncomingMessage, response: ServerResponse): void {
  const { status, headers, error } = toldOf(
    new Problem('EXPECTATION_FAILED', 'The header Expect asks for what no server here does.', 'Leave it out.'),
  );
  response.writeHead(status, { ...headers, 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ error }));
}

/** Whether an answer has begun on this connection: what came now would stand in its middle. */
function isAnswering(socket: Duplex): boolean {
  const answer: unknown = Reflect.get(socket, '_httpMessage');
  return answer instanceof ServerResponse && answer.headersSent;
}
