/** Exports a classifier: makes a format's files, and proves them before they are given. */

import { cardToMetadata } from '../classifier/card.ts';
import { readClassifierFile } from '../classifier/file.ts';
import { CarafeError, throwIfAborted } from '../errors.ts';
import { type Message, message } from '../message.ts';
import { writeModel } from '../onnx/write.ts';
import type { CompactType, ExportFormat } from '../results/exportResult.ts';
import type { OpenSession, Pixels } from '../runtime/platform.ts';
import { describe } from './description.ts';
import { type ExportedFile, folderFiles } from './folder.ts';
import { type Format, formats } from './formats.ts';
import { type Form, type Original, withBytes, withFloats, withWeights } from './forms.ts';
import { htmlPage, type PageParts } from './htmlPage.ts';
import { noSmaller } from './noSmaller.ts';
import { type Proof, prove } from './prove.ts';
import { openRunner } from './runners.ts';

/** What is to be made. */
export interface ExportRequest {
  readonly format: ExportFormat;
  /** How the network's weights are stored; as they are unless told. */
  readonly weights?: CompactType | undefined;
  /** Photos on which the answers are compared with those of the original. */
  readonly photos?: (() => AsyncIterable<Pixels>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What it needs of the place where it runs. */
export interface ExportPlatform {
  readonly openSession: OpenSession;
  /** What a page is made of. */
  readonly pageParts: () => Promise<PageParts>;
}

export interface Exported {
  readonly files: readonly ExportedFile[];
  readonly proof: Proof;
  /** What is missing, and why. */
  readonly notes: readonly Message[];
}

/** Opens a classifier of any task to be exported. @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER */
export function openOriginal(bytes: Uint8Array, source: string): Original {
  return { source, bytes, ...readClassifierFile(bytes, source, (any) => any) };
}

/**
 * Makes an export. What is given has passed the self-test inside the classifier.
 * @throws CarafeError UNSUPPORTED_MODEL where this classifier cannot be exported so, with the reason; VERIFY_FAILED where the
 * export does not answer as the classifier does; USAGE
 */
export async function exportOriginal(
  original: Original,
  request: ExportRequest,
  platform: ExportPlatform,
): Promise<Exported> {
  const { format, weights } = request;
  const row: Format = formats[format];
  if (weights && !row.compact)
    throw new CarafeError(
      'USAGE',
      message`\`weights\`: the format '${format}' has its weights as float32, which is all that its readers take.`,
      'Leave `weights` out, or choose another format.',
    );
  const weighted = weights ? await withWeights(original, weights, platform.openSession) : original;
  const saved = weights ? noSmaller(original.model, weighted.model, weights) : [];
  const { bytes, proof } = await proven(original, weighted, row.form, request, platform);
  if (format === 'page')
    return {
      files: [{ name: '', content: await htmlPage(weighted, bytes, await platform.pageParts()) }],
      proof,
      notes: saved,
    };
  if (format !== 'folder') return { files: [{ name: '', content: bytes }], proof, notes: saved };
  const plain = await proven(original, original, 'floats', request, platform).catch((error: unknown) => {
    if (error instanceof CarafeError && error.code === 'UNSUPPORTED_MODEL') return error;
    throw error;
  });
  const lacking = plain instanceof CarafeError ? [message`There is no program for OpenCV: ${plain.said.what}`] : [];
  const notes = [...saved, ...lacking];
  return { files: folderFiles(weighted, bytes, 'bytes' in plain ? plain.bytes : undefined, notes), proof, notes };
}

/** A network of a form, once it has passed. */
async function proven(
  original: Original,
  weighted: Original,
  form: Form,
  { format, weights, photos, signal }: ExportRequest,
  { openSession }: ExportPlatform,
): Promise<{ readonly bytes: Uint8Array; readonly proof: Proof }> {
  throwIfAborted(signal);
  const bytes = await network(weighted, weighted !== original, form, openSession);
  const runners = [
    await openRunner(original.bytes, 'photo', original, openSession),
    await openRunner(bytes, form, weighted, openSession),
  ] as const;
  const what = weights ? message`The export '${format}' with ${weights} weights` : message`The export '${format}'`;
  try {
    return { bytes, proof: await prove(original, { original: runners[0], exported: runners[1] }, photos?.(), what) };
  } finally {
    for (const runner of runners) await runner.release();
  }
}

async function network(weighted: Original, isNew: boolean, form: Form, openSession: OpenSession): Promise<Uint8Array> {
  const { model, bytes, card } = weighted;
  if (form === 'photo') return isNew ? writeModel({ ...model, metadata: cardToMetadata(card) }) : bytes;
  const made = form === 'bytes' ? await withBytes(weighted, openSession) : await withFloats(weighted, openSession);
  const metadata = new Map([
    ['labels', JSON.stringify(card.labels)],
    ['description', JSON.stringify(describe(card, form))],
  ]);
  return writeModel({ ...made, metadata });
}
