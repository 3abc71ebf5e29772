/** What watching a folder says of itself. */

import type { VersionRow } from '../results/versionsResult.ts';

export type WatchEvent =
  | { readonly event: 'watching'; readonly photos: number; readonly version: number | undefined }
  /** Photos that are new, changed or gone since the last training, and that hold still. */
  | { readonly event: 'changed'; readonly added: number; readonly changed: number; readonly removed: number }
  /** A version that was trained; taken or refused, with the reason. */
  | { readonly event: 'version'; readonly row: VersionRow; readonly report: string; readonly seconds: number }
  /** Training could not be done; the next change is waited for. */
  | { readonly event: 'failed'; readonly reason: string }
  /** The folder is not there, or many of its photos are gone at once: nothing is done until it is clear. */
  | { readonly event: 'away'; readonly reason: string }
  | { readonly event: 'back' }
  | { readonly event: 'warning'; readonly reason: string };
