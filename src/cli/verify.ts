import { CarafeError } from '../errors.ts';
import { loadClassifier } from '../index.ts';
import type { VerifyResult } from '../report/predictResult.ts';
import { version } from '../version.ts';
import type { Run } from './main.ts';
import { paint, table } from './show.ts';

export const run: Run<'verify'> = async ([file], { json, threads }, { out, stderr }) => {
  const classifier = await loadClassifier(file, { threads });
  const { passed, images, tolerance } = await classifier.verify();
  const result: VerifyResult = { version, command: 'verify', classifier: file, passed, images: [...images], tolerance };
  if (json) out(`${JSON.stringify(result)}\n`);
  else {
    const rows = images.map(({ height, width, features, probabilities }) => [
      `drawn image ${width} x ${height}`,
      features.toExponential(1),
      probabilities.toExponential(1),
    ]);
    out(
      `Deviation from the run that made the file (features as a share of their root mean square; largest probability):\n${table(
        [
          ['', 'features', 'probabilities'],
          ...rows,
          ['tolerated', tolerance.features.toExponential(1), tolerance.probabilities.toExponential(1)],
        ],
      )}${passed ? paint('green', 'The file answers here as it did there.') : paint('red', 'The file does not answer here as it did there.')}\n`,
    );
  }
  if (passed) return 0;
  const { what, hint, exitCode } = new CarafeError(
    'VERIFY_FAILED',
    `${file} deviates by more than it tolerates.`,
    'The file was changed, or this runtime computes wrongly. Compare another runtime, or train again.',
  );
  if (!json) stderr.write(`error: ${what}\n${hint}\n`);
  return exitCode;
};
