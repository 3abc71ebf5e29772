/** A store that is busy, refuses, cuts its answers short or is not there. */

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { bucketPlace } from '../../src/objects/bucket.node.ts';
import { credentialSource } from '../../src/objects/credentials.node.ts';

let close: (() => void) | undefined;
afterEach(() => close?.());

async function place(listener: RequestListener, tries = 3) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const { port } = server.address() as AddressInfo;
  const credentials = async () => ({ accessKeyId: 'a', secretAccessKey: 'b' });
  const patience = { tries, firstWait: 1, silence: 2000 };
  return bucketPlace('s3://bucket/p', { endpoint: `http://127.0.0.1:${port}`, credentials, patience });
}

const fault = (code: string, message = '') =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

test('a busy store is asked again, and so is one that cuts its answer short', async () => {
  let asked = 0;
  const bucket = await place((_, response) => {
    asked++;
    if (asked === 1) response.writeHead(503).end(fault('SlowDown'));
    else if (asked === 2) {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half');
      setTimeout(() => response.destroy(), 5);
    } else response.end('0123456789');
  });
  expect(new TextDecoder().decode(await bucket.read('x'))).toBe('0123456789');
  expect(asked).toBe(3);
});

test.each([
  [500, 'InternalError', 'UNAVAILABLE', /Try again later/],
  [403, 'AccessDenied', 'UNREADABLE', /credentials/],
  [403, 'RequestTimeTooSkewed', 'UNREADABLE', /clock/],
  [404, 'NoSuchBucket', 'NOT_FOUND', /name of the bucket/],
  [301, 'PermanentRedirect', 'UNREADABLE', /AWS_REGION to the bucket's region, eu-north-1/],
])('status %i %s', async (status, code, error, hint) => {
  let asked = 0;
  const bucket = await place((_, response) => {
    asked++;
    response.writeHead(status, { 'x-amz-bucket-region': 'eu-north-1' }).end(fault(code, 'told'));
  });
  await expect(bucket.write('x', Uint8Array.of(1))).rejects.toThrow(
    expect.objectContaining({
      code: error,
      what: `s3://bucket/p cannot be used: ${code}: told`,
      hint: expect.stringMatching(hint),
    }),
  );
  expect(asked).toBe(status === 500 ? 3 : 1);
});

test('what is no S3 store is told', async () => {
  const bucket = await place((_, response) => response.end('<html>hello</html>'));
  const names = async () => {
    for await (const { name } of bucket.list()) expect.unreachable(name);
  };
  await expect(names()).rejects.toThrow("is not S3's");
});

test('a store that is not there', async () => {
  const bucket = await place(() => {}, 2);
  close?.();
  await expect(bucket.read('x')).rejects.toThrow(/s3:\/\/bucket\/p does not answer/);
});

test('an upload in parts that fails is given up at the store, too', async () => {
  const seen: string[] = [];
  const bucket = await place((request, response) => {
    const { method = '', url = '' } = request;
    request.resume().on('end', () => {
      seen.push(`${method} ${url.replace(/^[^?]*/, '')}`);
      if (method === 'POST')
        response.end('<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>');
      else if (method === 'PUT' && url.includes('partNumber=2')) response.writeHead(403).end(fault('AccessDenied'));
      else response.setHeader('etag', '"e"').end();
    });
  });
  await expect(bucket.write('x', new Uint8Array(65 * 2 ** 20))).rejects.toThrow('AccessDenied');
  expect(seen.at(-1)).toBe('DELETE ?uploadId=u1');
});

test('credentials come from the environment, and else it is said how', async () => {
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c' };
  expect(await credentialSource(env)()).toEqual({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' });
  await expect(credentialSource({})()).rejects.toThrow('no credentials');
});
