/** One photo, from its bytes to what the classifier gives, through the queue. */

import { ImageError } from '../errors.ts';
import { resizeDecoded } from '../images/decode.node.ts';
import { decodeAside } from '../images/decodeAside.node.ts';
import { resizingFor } from '../images/framing.ts';
import type { Limits } from '../images/limits.ts';
import { requirePixels } from '../images/pixels.ts';
import { type Remark, remarksOn } from '../images/remarks.ts';
import type { Resizing } from '../images/targetSize.ts';
import { PhotoDetector } from '../runs/detect.node.ts';
import type { Pixels } from '../runtime/platform.ts';
import type { Outcome } from './answer.ts';
import type { Metrics } from './metrics.node.ts';
import type { PhotoQueue } from './queue.ts';
import type { Loaded } from './slot.node.ts';

export interface Predictor {
  readonly queue: PhotoQueue;
  readonly metrics: Metrics;
  readonly limits: Limits;
  /** Gets photos that were called unknown. */
  readonly keep?: ((bytes: Uint8Array) => void) | undefined;
}

export interface Answered {
  readonly outcome: Outcome;
  readonly remarks: readonly Remark[] | undefined;
}

/**
 * What the classifier gives for one photo, when its turn comes.
 * @param photo bytes of an image file, or pixels that a client has decoded itself
 * @param name of the classifier
 * @throws ImageError, Problem; the signal's reason
 */
export function predictPhoto(
  { opened, version }: Loaded,
  photo: Uint8Array | Pixels,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
  { queue, metrics, limits, keep }: Predictor,
): Promise<Answered> {
  return queue.run(
    async () => {
      const began = performance.now();
      const { pixels, remarks } = await decoded(photo, resizingFor(opened.card.preprocessing), limits).catch(
        (error: unknown) => {
          if (error instanceof ImageError) metrics.failed(error.code);
          throw error;
        },
      );
      const read = performance.now();
      metrics.decoded((read - began) / 1000);
      signal.throwIfAborted();
      const outcome: Outcome =
        opened instanceof PhotoDetector
          ? { kind: 'detection', given: await opened.detectPixels(pixels) }
          : { kind: 'prediction', given: await opened.predictPixels(pixels) };
      const label =
        outcome.kind === 'prediction' ? outcome.given.label : outcome.given.isNormal ? 'normal' : 'abnormal';
      const probability = outcome.kind === 'prediction' ? outcome.given.probability : undefined;
      metrics.answered((performance.now() - read) / 1000, {
        ...{ model: name, version, label, probability },
        labels: opened.labels.length,
      });
      if (photo instanceof Uint8Array && outcome.kind === 'prediction' && outcome.given.isKnown === false)
        keep?.(photo);
      return { outcome, remarks };
    },
    { signal },
  );
}

async function decoded(
  photo: Uint8Array | Pixels,
  resizing: Resizing,
  limits: Limits,
): Promise<{ readonly pixels: Pixels; readonly remarks: readonly Remark[] | undefined }> {
  if (!(photo instanceof Uint8Array))
    return { pixels: await resizeDecoded(requirePixels(photo), resizing), remarks: undefined };
  const { pixels, remarks } = await decodeAside(photo, resizing, limits);
  return { pixels, remarks: remarksOn(pixels, remarks) };
}
