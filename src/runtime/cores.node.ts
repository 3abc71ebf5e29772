/** How many cores this process may keep busy, quotas of containers counted. */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path/posix';

/**
 * As many threads work unless the user says otherwise: each one that looks at photos takes memory, 50 MB with the embedded
 * network. Sixteen is a bound on memory, not a measured optimum.
 */
export const mostCores = 16;

/** The text of a file; undefined where there is none. */
type ReadText = (path: string) => string | undefined;

/**
 * The processor cores that this process may keep busy: those it may run on (affinity, cpusets), or fewer where a
 * container has a quota of processor time (`docker run --cpus`, Kubernetes limits), which `os.availableParallelism` does
 * not know. Of a quota of 2.5 cores two are used: a third thread would only be stopped in the middle of its work. At
 * least 1, at most `mostCores`.
 */
export function availableCores(read: ReadText = readText, cores: number = availableParallelism()): number {
  const limits = [...quotas(read), allowed(read)].filter((limit) => limit > 0);
  const least = limits.reduce((low, limit) => Math.min(low, limit), Math.min(cores, mostCores));
  return Math.max(1, Math.floor(least));
}

/** Quotas of the control groups that the process is in, in cores. Each group is bound by all that it lies in, too. */
function quotas(read: ReadText): number[] {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    return controllers === undefined || path === undefined ? [] : [{ controllers: controllers.split(','), path }];
  });
  return groups.flatMap(({ controllers, path }) => {
    // Version 2 has one hierarchy, without names.
    if (controllers.join() === '')
      return upwards('/sys/fs/cgroup', path)
        .concat(upwards('/sys/fs/cgroup/unified', path))
        .map((folder) => quota2(read, folder));
    if (!controllers.includes('cpu')) return [];
    return ['cpu', 'cpu,cpuacct', 'cpuacct,cpu']
      .flatMap((mount) => upwards(`/sys/fs/cgroup/${mount}`, path))
      .map((folder) => quota1(read, folder));
  });
}

/** A group's folder and all above it. In a container the path may be the host's: then only the mount itself is there. */
function upwards(mount: string, path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, cut) =>
    join(mount, parts.slice(0, parts.length - cut).join('/')),
  );
}

/** `max 100000`, or a quota and a period in microseconds; 0 where there is none. */
function quota2(read: ReadText, folder: string): number {
  const [quota, period = '100000'] = (read(join(folder, 'cpu.max')) ?? '').trim().split(/\s+/);
  return share(quota, period);
}

/** The quota is -1 where there is none. */
function quota1(read: ReadText, folder: string): number {
  return share(read(join(folder, 'cpu.cfs_quota_us')), read(join(folder, 'cpu.cfs_period_us')));
}

function share(quota: string | undefined, period: string | undefined): number {
  const cores = Number.parseInt(quota ?? '', 10) / Number.parseInt(period ?? '', 10);
  return cores > 0 && Number.isFinite(cores) ? cores : 0;
}

/** How many cores the process may run on: `Cpus_allowed_list: 0-3,8`. */
function allowed(read: ReadText): number {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (list === undefined) return 0;
  return list.split(',').reduce((sum, range) => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    return to >= from ? sum + to - from + 1 : sum;
  }, 0);
}

function readText(path: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
