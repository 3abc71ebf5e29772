/** All results as JSON schemas. */

import * as z from 'zod';
import { backbonesResult, checkResult, getResult } from './backbonesResult.ts';
import { applyResult, doctorResult, review, undoResult } from './doctorResult.ts';
import { dryRunResult } from './dryRunResult.ts';
import { editResult } from './editResult.ts';
import { explainResult } from './explainResult.ts';
import { exportResult } from './exportResult.ts';
import { extractResult, jobsResult, mergeResult, workerResult } from './extractResult.ts';
import { inspectResult } from './inspectResult.ts';
import { nextResult } from './nextResult.ts';
import { oneClassEvaluateResult, oneClassResult } from './oneClassResult.ts';
import { detectResult, evaluateResult, predictResult, verifyResult } from './predictResult.ts';
import { studyResult } from './studyResult.ts';
import { labelsResult, trainResult } from './trainResult.ts';
import { versionsResult } from './versionsResult.ts';

/** What any command prints with --json when it fails. */
export const failure = z.object({ error: z.object({ code: z.string(), what: z.string(), hint: z.string() }) });

const results = {
  train: z.discriminatedUnion('task', [trainResult, labelsResult, oneClassResult]),
  'train-dry-run': dryRunResult,
  doctor: doctorResult,
  'doctor-apply': applyResult,
  'doctor-undo': undoResult,
  review,
  predict: predictResult,
  'predict-one-class': detectResult,
  'evaluate-one-class': oneClassEvaluateResult,
  evaluate: evaluateResult,
  verify: verifyResult,
  inspect: inspectResult,
  edit: editResult,
  explain: explainResult,
  export: exportResult,
  next: nextResult,
  study: studyResult,
  extract: extractResult,
  merge: mergeResult,
  worker: workerResult,
  jobs: jobsResult,
  backbones: backbonesResult,
  'backbones-check': checkResult,
  'backbones-get': getResult,
  versions: versionsResult,
  failure,
};

/** The JSON schemas of everything that `--json` prints, by file name: what `schemas/` holds. */
export function jsonSchemas(): Map<string, unknown> {
  // Later versions add keys, so a reader must accept keys that it does not know.
  const loose = {
    override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => void delete jsonSchema.additionalProperties,
  };
  return new Map(Object.entries(results).map(([name, schema]) => [`${name}.json`, z.toJSONSchema(schema, loose)]));
}
