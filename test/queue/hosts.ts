/** Hosts as network namespaces, each with a cable to one switch; undefined where this machine allows none. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface Hosts {
  /** Address of this process on their network. */
  readonly here: string;
  addressOf(host: string): string;
  /** What comes before a command to run it on a host. */
  on(host: string): readonly string[];
  /** Pulls the cable of a host. */
  cut(host: string): void;
  join(host: string): void;
  remove(): void;
}

function ip(...args: readonly string[]): boolean {
  return spawnSync('ip', args).status === 0;
}

function must(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr}`);
}

const prefix = 'carafe-test-';

/** The namespaces of test processes that were killed before they could take them away. */
function removeLeftOvers(): void {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  for (const [name, pid] of (stdout ?? '').matchAll(new RegExp(`${prefix}(\\d+)-\\w+`, 'g')))
    if (!existsSync(`/proc/${pid}`)) ip('netns', 'del', name);
}

export function startHosts(names: readonly string[]): Hosts | undefined {
  const own = `${prefix}${process.pid}-`;
  const hub = `${own}switch`;
  removeLeftOvers();
  if (!ip('netns', 'add', hub)) return undefined;
  // Of the network that is kept for tests of networks; test files that run at once have one each.
  const address = (at: number) => `198.18.${process.pid % 256}.${at + 1}`;
  const cable = (host: string) => `to${names.indexOf(host)}`;
  const hosts: Hosts = {
    here: address(names.length),
    addressOf: (host) => address(names.indexOf(host)),
    on: (host) => ['ip', 'netns', 'exec', own + host],
    cut: (host) => must('-n', hub, 'link', 'set', cable(host), 'down'),
    join: (host) => must('-n', hub, 'link', 'set', cable(host), 'up'),
    remove() {
      for (const name of ['switch', ...names]) ip('netns', 'del', own + name);
    },
  };
  try {
    must('-n', hub, 'link', 'add', 'bridge', 'type', 'bridge');
    must('-n', hub, 'link', 'set', 'bridge', 'up');
    /** A cable from the switch to a namespace, or to this process. */
    const connect = (end: string, peer: string, at: number, host: readonly string[]) => {
      must('-n', hub, 'link', 'add', end, 'type', 'veth', 'peer', 'name', peer);
      must('-n', hub, 'link', 'set', peer, 'netns', host.length > 0 ? host[1] : String(process.pid));
      must('-n', hub, 'link', 'set', end, 'master', 'bridge', 'up');
      must(...host, 'address', 'add', `${address(at)}/24`, 'dev', peer);
      must(...host, 'link', 'set', peer, 'up');
    };
    for (const [at, name] of names.entries()) {
      must('netns', 'add', own + name);
      connect(cable(name), 'eth0', at, ['-n', own + name]);
    }
    connect('here', `carafe${process.pid}`, names.length, []);
    return hosts;
  } catch (error) {
    hosts.remove();
    console.log(`No network of hosts: ${String(error)}`);
    return undefined;
  }
}
