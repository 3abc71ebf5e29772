/** `carafe doctor`. */

import { CarafeError } from '../errors.ts';
import type { ApplyResult, DoctorResult, UndoResult } from '../results/doctorResult.ts';
import { applyReview, doctor, serveDoctor, undoReview } from '../runs/doctor.node.ts';
import type { Run, Terminal } from './command.ts';
import { failuresText } from './failures.ts';
import { type CommandValues, usualFolder } from './options.ts';
import { readPreprocessing } from './preprocessing.ts';
import { display } from './progress.ts';
import { paint, safe } from './terminal.ts';
import { appliedText, doctorText, undoneText } from './text/doctor.ts';

export const run: Run<'doctor'> = async ([source], values, terminal) => {
  const { undo, apply, move, review, robustness, json } = values;
  if (move && apply === undefined)
    throw new CarafeError('USAGE', '--move only works with --apply.', 'Add --apply review.json, or leave it out.');
  const [mode, ...more] = [
    undo !== undefined && '--undo',
    apply !== undefined && '--apply',
    review && '--review',
    robustness && !review && '--robustness',
  ].filter((one) => one !== false);
  if (more.length > 0)
    throw new CarafeError('USAGE', `${mode} and ${more[0]} cannot be used together.`, 'Use one after the other.');
  const print = <R extends DoctorResult | ApplyResult | UndoResult>(result: R, text: (result: R) => string) =>
    terminal.out(json ? `${JSON.stringify(result)}\n` : text(result));
  if (undo !== undefined) {
    const undone = await undoReview(undo);
    print(undone, undoneText);
    return undone.failed.length > 0 ? 2 : 0;
  }
  if (source === undefined)
    throw new CarafeError('USAGE', 'Name the photos.', 'As in `carafe doctor photos/`; only --undo needs none.');
  const { shown, options } = await optionsOf(values, terminal);
  try {
    if (apply !== undefined) {
      const applied = await applyReview(source, { ...options, apply, move });
      shown.done();
      print(applied, appliedText);
      return 0;
    }
    const result = await doctor(source, options);
    shown.done();
    print(result, (found) => `${failuresText(found.images.failed)}${doctorText(found)}`);
    if (review) await serve(result, options, terminal);
    return 0;
  } finally {
    shown.done();
  }
};

async function optionsOf(
  {
    undo: _,
    apply: __,
    move: ___,
    review: ____,
    json: _____,
    debug: ______,
    out = usualFolder,
    ...values
  }: CommandValues<'doctor'>,
  { stderr, signal }: Terminal,
) {
  const preprocessing = await readPreprocessing(values.preprocessing);
  const shown = display(stderr);
  return { shown, options: { ...values, out, preprocessing, signal, ...shown.listeners } };
}

/** Until Ctrl-C. */
async function serve(
  result: DoctorResult,
  options: Parameters<typeof serveDoctor>[1],
  { stderr, signal }: Terminal,
): Promise<void> {
  const server = await serveDoctor(result, options);
  stderr.say(
    `\nReview at ${paint('cyan', server.address)}\nAnswers are saved to ${safe(server.file)} as you give them. Press Ctrl-C when you are done.\n`,
  );
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
  await server.close();
  stderr.say(`\nApply the review with carafe doctor ${safe(result.images.source)} --apply ${safe(server.file)}\n`);
}
