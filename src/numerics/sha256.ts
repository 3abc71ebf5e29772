/** SHA-256 that answers at once, in any page: the browser's own answers later, and only on pages that came over https. */

import { sha256 as digest } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Lowercase hex; text is taken as UTF-8. */
export function sha256(message: Uint8Array | string): string {
  return bytesToHex(digest(typeof message === 'string' ? utf8ToBytes(message) : message));
}
