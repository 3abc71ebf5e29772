/** A Redis of Debian's, on loopback or on a host of its own, as long as a test file runs; undefined where there is none. */

import { spawn, spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

export interface Redis {
  readonly address: string;
  /** Starts it again, with nothing in it, after it was stopped. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** @param host its address @param on what comes before its command: that of another host, where it is not on this one */
export async function startRedis(host = '127.0.0.1', on: readonly string[] = []): Promise<Redis | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined;
  const port = await freePort();
  let server: ReturnType<typeof spawn> | undefined;
  const redis: Redis = {
    address: `redis://${host}:${port}`,
    async start() {
      const own = [
        '--port',
        String(port),
        '--bind',
        host,
        '--save',
        '',
        '--appendonly',
        'no',
        '--protected-mode',
        'no',
      ];
      const [command, ...args] = [...on, 'redis-server', ...own];
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
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
