/** `carafe verify`. */

import { comparedOutputs } from '../classifier/selfTest.ts';
import { CarafeError } from '../errors.ts';
import type { VerifyResult } from '../results/predictResult.ts';
import { loadFile } from '../runs/load.node.ts';
import { version } from '../version.ts';
import type { Run } from './command.ts';
import { table } from './show.ts';
import { complain, paint } from './terminal.ts';

export const run: Run<'verify'> = async ([file], { json, threads }, { out }) => {
  const classifier = await loadFile(file, { threads });
  const { passed, images, tolerance } = await classifier.verify();
  const result: VerifyResult = { version, command: 'verify', classifier: file, passed, images: [...images], tolerance };
  if (json) out(`${JSON.stringify(result)}\n`);
  else {
    const names = comparedOutputs.filter((name) => tolerance[name] !== undefined);
    const cells = (values: VerifyResult['tolerance']) => names.map((name) => (values[name] ?? 0).toExponential(1));
    const rows = images.map((image) => [`drawn image ${image.width} x ${image.height}`, ...cells(image)]);
    out(
      `Difference from the results at training time (relative RMS; for probabilities, the largest difference):\n${table(
        [['', ...names], ...rows, ['tolerated', ...cells(tolerance)]],
      )}${passed ? paint('green', 'The file gives the same results here.') : paint('red', 'The file does not give the same results here.')}\n`,
    );
  }
  if (passed) return 0;
  const failure = new CarafeError(
    'VERIFY_FAILED',
    `${file} gives results that differ by more than the tolerance.`,
    'The file was changed, or this runtime computes wrongly. Try another runtime, or train again.',
  );
  if (!json) complain(failure);
  return failure.exitCode;
};
