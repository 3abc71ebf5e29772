import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { availableCores, mostCores } from '../../src/runtime/cores.node.ts';

/** A machine of 64 cores unless told. */
const cores = (files: Readonly<Record<string, string>>, count = 64) =>
  availableCores((path) => (Object.hasOwn(files, path) ? files[path] : undefined), count);

const v2 = (path: string, max: Readonly<Record<string, string>>) => ({
  '/proc/self/cgroup': `0::${path}\n`,
  ...Object.fromEntries(Object.entries(max).map(([folder, text]) => [`/sys/fs/cgroup${folder}/cpu.max`, `${text}\n`])),
});
const v1 = (path: string, quotas: Readonly<Record<string, number>>, mount = 'cpu,cpuacct') => ({
  '/proc/self/cgroup': `12:memory${path}\n4:cpu,cpuacct:${path}\n1:name=systemd:${path}\n`,
  ...Object.fromEntries(
    Object.entries(quotas).flatMap(([folder, quota]) => [
      [`/sys/fs/cgroup/${mount}${folder}/cpu.cfs_quota_us`, `${quota}\n`],
      [`/sys/fs/cgroup/${mount}${folder}/cpu.cfs_period_us`, '100000\n'],
    ]),
  ),
});

test.each([
  ['no files at all, as on macOS and Windows', {}, mostCores],
  ['a small machine', {}, 3, 3],
  ['a container of two cores, version 2', v2('/', { '': '200000 100000' }), 2],
  ['another period', v2('/', { '': '75000 25000' }), 3],
  ['no quota', v2('/', { '': 'max 100000' }), mostCores],
  ['half a core', v2('/', { '': '50000 100000' }), 1],
  ['a hundredth of a core', v2('/', { '': '1000 100000' }), 1],
  ['two and a half', v2('/', { '': '250000 100000' }), 2],
  ['more than there are', v2('/', { '': '800000 100000' }), 4, 4],
  ['a nested group', v2('/kubepods/pod1/abc', { '/kubepods/pod1/abc': '400000 100000' }), 4],
  ['a group above is narrower', v2('/a/b', { '/a/b': 'max 100000', '/a': '300000 100000', '': 'max 100000' }), 3],
  ["the host's path, of which the container sees the end alone", v2('/docker/0123', { '': '200000 100000' }), 2],
  ['a group beside this one', v2('/a/b', { '/c': '100000 100000' }), mostCores],
  ['a container, version 1', v1('/', { '': 200_000 }), 2],
  ['mounted by one name', v1('/docker/x', { '/docker/x': 150_000 }, 'cpu'), 1],
  ['no quota, version 1', v1('/', { '': -1 }), mostCores],
  ['a nested group, version 1', v1('/a/b', { '/a/b': 900_000, '/a': 500_000, '': -1 }), 5],
  ["the host's path, version 1", v1('/docker/x', { '': 300_000 }), 3],
  [
    'both versions side by side',
    {
      ...v1('/', { '': 300_000 }),
      '/proc/self/cgroup': '4:cpu,cpuacct:/\n0::/\n',
      '/sys/fs/cgroup/unified/cpu.max': '200000 100000\n',
    },
    2,
  ],
  ['a cpuset', { '/proc/self/status': 'Name:\tnode\nCpus_allowed_list:\t0-3,8\n' }, 5],
  ['a cpuset of one', { '/proc/self/status': 'Cpus_allowed_list:\t7\n' }, 1],
  ['nonsense', { '/proc/self/cgroup': 'x\n0::\n::/\n', '/proc/self/status': 'Cpus_allowed_list:\tx-\n' }, mostCores],
  ['a nonsense quota', v2('/', { '': 'a b' }), mostCores],
  ['an empty quota', v2('/', { '': '' }), mostCores],
  ['a quota by nothing', v2('/', { '': '100000 0' }), mostCores],
] as [string, Record<string, string>, number, number?][])('%s', (_, files, expected, count) => {
  expect(cores(files, count)).toBe(expected);
});

test('this machine has one or more, and no more than the system says', () => {
  expect(availableCores()).toBeGreaterThanOrEqual(1);
  expect(availableCores()).toBeLessThanOrEqual(availableParallelism());
});
