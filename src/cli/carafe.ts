/** Parses the command line and runs it. */

import { Command as Commander, CommanderError } from 'commander';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { version } from '../version.ts';
import { commandAgain } from './again.ts';
import type { Run } from './command.ts';
import { errorInFlags } from './flags.ts';
import type { Command, CommandName, CommandValues } from './options.ts';
import { commands, options } from './options.ts';
import { stderr, stdout } from './terminal.ts';

// Loaded when they run: `--help` loads neither the runtime nor the image library.
const actions: { readonly [C in CommandName]: () => Promise<{ run: Run<C> }> } = {
  train: () => import('./train.ts'),
  doctor: () => import('./doctor.ts'),
  predict: () => import('./predict.ts'),
  evaluate: () => import('./evaluate.ts'),
  verify: () => import('./verify.ts'),
  inspect: () => import('./inspect.ts'),
  backbones: () => import('./backbones.ts'),
  edit: () => import('./edit.ts'),
  export: () => import('./export.ts'),
  study: () => import('./study.ts'),
  explain: () => import('./explain.ts'),
  serve: () => import('./serve.ts'),
  watch: () => import('./watch.ts'),
  versions: () => import('./versions.ts'),
  next: () => import('./next.ts'),
  extract: () => import('./extract.ts'),
  merge: () => import('./merge.ts'),
  worker: () => import('./worker.ts'),
  jobs: () => import('./jobs.ts'),
  demo: () => import('./demo.ts'),
  studio: () => import('./studio.ts'),
  cache: () => import('./cache.ts'),
};

function parseValues(command: Command, raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const name of command.options) {
    const result = options[name].schema.safeParse(raw[name]);
    if (!result.success) {
      const [flag] = options[name].flags.split(' ');
      throw new CarafeError(
        'USAGE',
        `${flag} ${String(raw[name])}: ${result.error.issues[0]?.message}.`,
        `See \`carafe ${command.name} --help\`.`,
      );
    }
    values[name] = result.data;
  }
  return values;
}

/** What Ctrl-C ends a command with, wherever it is; places that know more say more. */
const interrupted = new CarafeError(
  'INTERRUPTED',
  'Interrupted.',
  'Start it again: the features of all photos done so far are kept.',
);

async function execute<C extends CommandName>(
  name: C,
  args: readonly string[],
  raw: Readonly<Record<string, unknown>>,
) {
  const abort = new AbortController();
  let instead: (() => void) | undefined;
  process.on('SIGINT', () => {
    const action = instead;
    instead = undefined;
    if (action) return action();
    if (!abort.signal.aborted) return abort.abort(interrupted);
    // Dies of it: `process.exit` ends threads from outside, and the runtime, in the middle of a run, would crash aloud.
    process.removeAllListeners('SIGINT');
    process.kill(process.pid, 'SIGINT');
  });
  // The schemas of the table gave these values; only the table's types connect the two.
  const values = parseValues(commands[name], raw) as CommandValues<C>;
  const { run } = await actions[name]();
  // What programs read stays as it is.
  const isData = raw.json === true || raw.csv === true;
  const out = (text: string) => (isData ? stdout.write(text) : stdout.say(text));
  process.exitCode = await run(args, values, {
    out,
    stderr,
    signal: abort.signal,
    onInterrupt: (action) => {
      instead = action;
    },
    again: commandAgain(name, args, raw),
  });
}

function addCommand(program: Commander, name: CommandName): void {
  const command: Command = commands[name];
  const sub = program.command(`${command.name} ${command.usage}`).description(command.text);
  for (const key of command.options) {
    const { flags, text: usual, repeats } = options[key];
    const text = (key === 'out' && command.out) || usual;
    if (repeats) sub.option(flags, text, (value: string, before?: string) => (before ? `${before},${value}` : value));
    else sub.option(flags, text);
  }
  sub.addHelpText('after', `\nExample:\n  $ ${command.example}`);
  sub.action((...given: unknown[]) => {
    const args = z.array(z.string()).parse(
      given
        .slice(0, -2)
        .flat()
        .filter((value) => value !== undefined),
    );
    return execute(name, args, sub.opts());
  });
}

/** What to say of options that had another name in the first release, and of those that `retrain.py` and other tools have. */
const advice = new Map([
  ...Object.entries({
    from: '--compare-with',
    'false-reject': '--false-positive-rate',
    output_graph: '--out, which names a folder',
    output: '--out',
    'output-dir': '--out',
    model: '--backbone',
    architecture: '--backbone',
    tfhub_module: '--backbone',
    bottleneck_dir: 'the environment variable CARAFE_CACHE',
    cache: 'the environment variable CARAFE_CACHE',
    'cache-dir': 'the environment variable CARAFE_CACHE',
    flip_left_right: '--views with --flip',
    random_crop: '--views with --crop',
    random_scale: '--views with --scale',
    random_brightness: '--views with --brightness',
  }).map(([name, instead]) => [name, `Use ${instead}.`] as const),
  ['image_dir', 'The folder of photos needs no flag: carafe train photos/'],
  ...['how_many_training_steps', 'epochs', 'learning_rate'].map(
    (name) => [name, 'Leave it out: Carafe finds by itself how long and how strongly to train.'] as const,
  ),
]);

/** What commander says of a command line, as an error like all others; undefined where it has only shown the help. */
function understood(error: unknown): unknown {
  if (error instanceof CarafeError) return errorInFlags(error);
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return undefined;
  const [, name = ''] = /unknown option '--([a-z_-]+)/.exec(error.message) ?? [];
  const hint = advice.get(name) ?? usageOf(process.argv[2]);
  return new CarafeError('USAGE', error.message.replace(/^error: /, ''), hint);
}

/** What to do after a command line that cannot be read. */
function usageOf(name = ''): string {
  const command = Object.values(commands).find((one) => one.name === name);
  if (!command) return 'See `carafe --help`, or `carafe <command> --help`.';
  return `Usage: carafe ${command.name} ${command.usage}, for example \`${command.example}\`. \`carafe ${command.name} --help\` lists its options.`;
}

const program = new Commander('carafe')
  .description('A folder of photos in, a trustworthy image classifier in one file out.')
  .version(version)
  .helpCommand(false)
  .showSuggestionAfterError()
  // By name alone: beside whole usages there is no room for what a command does.
  .configureHelp({ showGlobalOptions: false, subcommandTerm: (command) => command.name() })
  .exitOverride()
  .configureOutput({ writeErr: () => {}, writeOut: stdout.write, outputError: () => {} })
  .addHelpText('after', '\nExample:\n  $ carafe train photos/');
for (const name of Object.keys(commands) as CommandName[]) addCommand(program, name);
for (const sub of program.commands) sub.copyInheritedSettings(program);

/** Reads the command line and does what it says. */
export async function carafe(): Promise<void> {
  try {
    // Alone it shows the help.
    if (process.argv.length <= 2) program.outputHelp();
    else await program.parseAsync();
  } catch (error) {
    const shown = understood(error);
    if (shown !== undefined) throw shown;
  }
}
