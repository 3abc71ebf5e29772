import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { commands, options } from '../src/cli/options.ts';
import { pythonWith } from './python.ts';

// No container engine and no cluster runs here: what can be told of these files without them.
const root = resolve(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Instructions of a Dockerfile: lines that end in a backslash go on. */
const instructions = read('Dockerfile')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(/\s+/));

/** The options of `carafe serve` among words. */
function requireServeOptions(words: readonly string[]): void {
  const flags = commands.serve.options.map((name) => options[name].flags.split(' ')[0]);
  for (const word of words.filter((each) => each.startsWith('--'))) expect(flags).toContain(word);
}

test('what the Dockerfile copies is there, from a stage that it has named', () => {
  const stages = instructions.flatMap(([name, , as, stage]) => (name === 'FROM' && as === 'AS' ? [stage] : []));
  for (const [name, ...words] of instructions.filter(([each]) => each === 'COPY')) {
    const from = words.find((word) => word.startsWith('--from='))?.slice(7);
    const paths = words.filter((word) => !word.startsWith('--')).slice(0, -1);
    if (from) expect(stages, name).toContain(from);
    // A pattern may match nothing.
    else for (const path of paths) if (!path.includes('*')) expect(existsSync(join(root, path)), path).toBe(true);
  }
});

test('what the Dockerfile runs is there: scripts, the command, and the packages that it takes apart', () => {
  const text = instructions.map((words) => words.join(' ')).join('\n');
  for (const [, script] of text.matchAll(/npm run (\w+)/g)) expect(scripts).toHaveProperty(script);
  expect(existsSync(join(root, 'node_modules/onnxruntime-node/bin/napi-v6/linux', process.arch))).toBe(true);
  const [entry] = instructions
    .filter(([name]) => name === 'ENTRYPOINT')
    .map((words) => JSON.parse(words.slice(1).join(' ')));
  const [given] = instructions.filter(([name]) => name === 'CMD').map((words) => JSON.parse(words.slice(1).join(' ')));
  expect(entry.slice(0, 1)).toEqual(['node']);
  expect(existsSync(join(root, entry[1].replace('node_modules/carafe-vision/', '')))).toBe(true);
  expect(Object.keys(commands)).toContain(entry[2]);
  requireServeOptions(given);
  // Nobody is root in it.
  expect(instructions.filter(([name]) => name === 'USER')).toEqual([['USER', 'node']]);
});

test('the ignored files are none that the build of the image needs', () => {
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  for (const needed of ['src', 'scripts', 'backbone', 'schemas', 'docs', 'examples', 'deploy', 'package.json'])
    expect(ignored).not.toContain(needed);
});

const python = pythonWith('yaml');
if (!python)
  console.log('test/deploy.test.ts: the manifest is skipped, no Python with yaml (apt-get install python3-yaml)');
test.skipIf(!python)(
  'the manifest: what is named in it is in it, and the image gets options that the command has',
  () => {
    const program = 'import json,sys,yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))';
    const objects = JSON.parse(
      execFileSync(python ?? '', ['-c', program], { input: read('kubernetes.yaml'), encoding: 'utf8' }),
    );
    const [deployment, service, budget] = objects;
    expect(objects.map(({ kind }: { kind: string }) => kind)).toEqual(['Deployment', 'Service', 'PodDisruptionBudget']);
    const { labels } = deployment.spec.template.metadata;
    for (const selector of [
      deployment.spec.selector.matchLabels,
      service.spec.selector,
      budget.spec.selector.matchLabels,
    ])
      expect(labels).toMatchObject(selector);
    const { containers, volumes } = deployment.spec.template.spec;
    const names = volumes.map(({ name }: { name: string }) => name);
    for (const container of containers) {
      requireServeOptions(container.args);
      for (const mount of container.volumeMounts) expect(names).toContain(mount.name);
      const ports = container.ports.map(({ name }: { name: string }) => name);
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
        expect(ports).toContain(container[probe].httpGet.port);
      expect(ports).toContain(service.spec.ports[0].targetPort);
      expect(container.image).toBe(`carafe:${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}`);
    }
  },
);

test('the unit starts the command with options that it has', () => {
  const [, start] = /^ExecStart=(.*)$/m.exec(read('carafe.service')) ?? [];
  expect(start).toMatch(/^\/usr\/bin\/node .*dist\/cli\/main\.js serve /);
  requireServeOptions(start.split(' '));
});

const noSystemd = spawnSync('systemd-analyze', ['--version']).status !== 0;
if (noSystemd) console.log('test/deploy.test.ts: the unit is skipped, systemd-analyze is not here');
test.skipIf(noSystemd)('systemd has nothing against the unit', () => {
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(root, 'deploy/carafe.service')], {
    encoding: 'utf8',
  });
  // Where Node lies elsewhere, that is this machine's matter.
  const said = stderr.split('\n').filter((line) => line !== '' && !line.includes('/usr/bin/node is not executable'));
  expect({ said, isFine: status === 0 || stderr.includes('/usr/bin/node is not executable') }).toEqual({
    said: [],
    isFine: true,
  });
});
