/** A Redis of Debian's on loopback, as long as a test file runs; undefined where there is none. */

import { spawn, spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

export interface Redis {
  readonly address: string;
  /** Starts it again, with nothing in it, after it was stopped. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<Redis | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined;
  const port = await freePort();
  let server: ReturnType<typeof spawn> | undefined;
  const redis: Redis = {
    address: `redis://127.0.0.1:${port}`,
    async start() {
      const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
      server = child;
      await new Promise<void>((resolve) => {
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          if (/ready to accept connections/i.test(text)) resolve();
        });
      });
    },
    async stop() {
      const ended = new Promise((resolve) => server?.once('exit', resolve));
      server?.kill('SIGKILL');
      await ended;
    },
  };
  await redis.start();
  return redis;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
