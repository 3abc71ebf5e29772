/** A photo inside a tar, by an address like `tar:1024+5120:/data/shard.tar`: tars are not compressed, so it is read where it lies. */

export interface TarMember {
  readonly tar: string;
  /** Where its bytes begin, and how many there are. */
  readonly from: number;
  readonly bytes: number;
}

export function tarAddress({ tar, from, bytes }: TarMember): string {
  return `tar:${from}+${bytes}:${tar}`;
}

/** Undefined for an address that names none. */
export function tarMember(address: string): TarMember | undefined {
  const [, from, bytes, tar] = /^tar:(\d{1,15})\+(\d{1,15}):(.+)$/s.exec(address) ?? [];
  return tar === undefined ? undefined : { tar, from: Number(from), bytes: Number(bytes) };
}
