/** The platform that extraction needs, in Node. */

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { decodePhoto, decoderVersion, encodeThumbnail, rareDecoders } from '../images/decode.node.ts';
import { cacheFolder } from '../runtime/cacheFolder.node.ts';
import { runtimeVersion } from '../runtime/platform.node.ts';
import type { Device } from '../runtime/platform.ts';
import { tarMember } from '../sets/tarMember.ts';
import type { ExtractionPlatform } from './extraction.ts';
import { readPhotoAt } from './readFile.node.ts';
import { rowsIn } from './rowFile.node.ts';
import type { FeatureStore } from './store.ts';
import type { ThumbnailPlatform } from './thumbnails.ts';
import { thumbnailOf } from './thumbnails.ts';
import { openWorkers } from './workers.node.ts';

const tools = { read: readPhotoAt, sha256, decode: decodePhoto, encode: encodeThumbnail };

/** What extraction needs, in Node, around the given store; the network runs on `device`. */
export function extractionPlatform(
  store: FeatureStore,
  device: Device = 'cpu',
): ExtractionPlatform & ThumbnailPlatform {
  return {
    store,
    computer: { decoder: decoderVersion, runtime: runtimeVersion, device },
    rareDecoders: Object.values(rareDecoders),
    // Before they had decoders of their own, bands of TIFF files were read as opacity, and numbers as colours.
    isRare: (file) => /\.tiff?$/i.test(file),
    sha256,
    stamp,
    openRows: rowsIn(cacheFolder()),
    openWorkers: (backbone, needs, count, limits) => openWorkers(backbone, needs, count, device, limits),
    makeThumbnail: (file, digest) => thumbnailOf(file, digest, tools),
  };
}

/** Size, times and inode. The time of the last status change betrays even a file that was given its old time back. */
function stamp(file: string): string | undefined {
  try {
    const { size, mtimeNs, ctimeNs, ino } = statSync(tarMember(file)?.tar ?? file, { bigint: true });
    return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
  } catch {
    return undefined;
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
