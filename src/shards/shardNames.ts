/** Names of the objects that hold features. */

/** One part of one extraction. */
export interface PartName {
  readonly run: string;
  readonly part: number;
  readonly parts: number;
}

/** What all of them begin with. */
export const namesBegin = 'features-';

/** `features-0123456789abcdef-0003-of-0064.parquet` */
export function shardName({ run, part, parts }: PartName): string {
  const digits = Math.max(4, String(parts).length);
  const number = (value: number) => String(value).padStart(digits, '0');
  return `${namesBegin}${run}-${number(part)}-of-${number(parts)}.parquet`;
}

/** Undefined for other names. */
export function parseShardName(name: string): PartName | undefined {
  const [, run, part, parts] = /^features-([0-9a-f]{16})-(\d{4,})-of-(\d{4,})\.parquet$/.exec(name) ?? [];
  if (run === undefined) return undefined;
  const found = { run, part: Number(part), parts: Number(parts) };
  return found.part >= 1 && found.part <= found.parts && shardName(found) === name ? found : undefined;
}
