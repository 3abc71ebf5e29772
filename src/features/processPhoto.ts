/** One photo: read, hash, decode, run. */

import { ImageError } from '../errors.ts';
import { appearanceOf } from '../images/appearance.ts';
import { seenBy } from '../images/crop.ts';
import { type PhotoFacts, toneOf } from '../images/facts.ts';
import { greyCells } from '../images/greyCells.ts';
import { perceptualHash } from '../images/perceptualHash.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { type Remark, remarksOn } from '../images/remarks.ts';
import type { Shot } from '../images/shot.ts';
import { distorted, drawDistortion, enlarged, type View } from '../images/view.ts';
import type { Pixels, Session, Tensor } from '../runtime/platform.ts';
import { expectTensor } from '../runtime/platform.ts';
import type { MapRecord } from './store.ts';
import type { Outcome } from './workerPool.ts';

/** What processing a photo needs of the place where it runs. */
export interface PhotoTools {
  /** @throws ImageError */
  readonly read: (file: string) => Promise<Uint8Array>;
  readonly sha256: (bytes: Uint8Array) => string;
  /** The whole photo, upright and resized; width and height are those in the file. @throws ImageError */
  readonly decode: (
    bytes: Uint8Array,
    preprocessing: Pick<Preprocessing, 'resize' | 'kernel'>,
  ) => Promise<{
    pixels: Pixels;
    width: number;
    height: number;
    remarks?: readonly Remark[] | undefined;
    decoder?: string | undefined;
    shot?: Shot | undefined;
    /** What the file is, where it is looked at. */
    file?: Pick<PhotoFacts, 'format' | 'quality'> | undefined;
  }>;
  /** The network of network.ts; opened when it is first needed. */
  readonly session: () => Promise<Session>;
}

/** A photo, or a view of it, to be processed. */
export interface PhotoJob {
  readonly file: string;
  readonly view: View | undefined;
  readonly preprocessing: Preprocessing;
}

/** The way of one photo from its file to its features. Only what is no fault of the photo throws. */
export async function processPhoto(
  { file, view, preprocessing }: PhotoJob,
  isWanted: (sha256: string) => Promise<boolean>,
  tools: PhotoTools,
): Promise<Outcome> {
  let sha256: string | undefined;
  try {
    const bytes = await tools.read(file);
    sha256 = tools.sha256(bytes);
    if (!(await isWanted(sha256))) return { kind: 'skipped', sha256 };
    const distortion = view && drawDistortion(view, sha256);
    const {
      pixels,
      remarks: ofFile,
      file: about,
      ...photo
    } = await tools.decode(bytes, enlarged(preprocessing, distortion));
    const distortedView = distortion && distorted(pixels, preprocessing.crop, distortion);
    const input = seenBy(distortedView ?? pixels, preprocessing);
    const outputs = await run(await tools.session(), input);
    const remarks = remarksOn(pixels, ofFile);
    const grey = greyCells(pixels);
    return {
      kind: 'computed',
      sha256,
      ...outputs,
      hash: perceptualHash(grey),
      cells: new Uint8Array(grey.map(Math.round)),
      ...photo,
      facts: about && { ...about, ...toneOf(pixels), appearance: appearanceOf(pixels) },
      ...(remarks ? { remarks } : {}),
    };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const failure = { code: error.code, reason: error.reason };
    // No bytes are bytes too: so the store remembers the failure.
    if (error.code === 'EMPTY') sha256 ??= tools.sha256(new Uint8Array());
    return sha256 === undefined ? { kind: 'unread', failure } : { kind: 'failed', sha256, failure };
  }
}

/** One photo a run: on a CPU it is faster than batches, and no photo's features depend on its neighbours. */
async function run(
  session: Session,
  { width, height, data }: Pixels,
): Promise<{ features: Float32Array; maps: Map<string, MapRecord> }> {
  const { features, ...maps } = await session.run({ image: { type: 'uint8', dims: [1, height, width, 3], data } });
  return {
    features: expectTensor(features, 'float32').data,
    maps: new Map(Object.entries(maps).map(([name, map]) => [name, mapRecord(expectTensor(map, 'float16'))])),
  };
}

function mapRecord({ dims: [, height, width], data }: Tensor<'float16'>): MapRecord {
  return { height, width, data };
}
