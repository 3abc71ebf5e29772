/** A small photo with a note. */

import { common } from './common.ts';

/** The address of a photo's small picture; undefined where there is none. */
export type PhotoAddress = (path: string) => string | undefined;

export function PhotoCard({
  path,
  address,
  note,
}: {
  readonly path: string;
  readonly address: PhotoAddress;
  readonly note?: string | undefined;
}) {
  const source = address(path);
  return (
    <span title={path}>
      {source ? (
        <img src={source} alt={common('photo', { path })} loading="lazy" decoding="async" />
      ) : (
        <span class="missing">{path}</span>
      )}
      {note && <span class="note">{note}</span>}
      <span class="path">{path}</span>
    </span>
  );
}
