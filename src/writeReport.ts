import type { Extraction } from './features/extract.ts';
import { thumbnails } from './features/thumbnails.ts';
import type { TrainPlatform } from './trainOptions.ts';

/**
 * Writes a report with pictures of the photos that it shows.
 * @param wanted paths of these photos
 * @param draw the page, from WebP bytes by path
 */
export async function writeReport(
  file: string,
  wanted: Iterable<string>,
  { items, photos }: Pick<Extraction, 'items' | 'photos'>,
  platform: TrainPlatform,
  draw: (pictures: ReadonlyMap<string, Uint8Array>) => string,
): Promise<void> {
  const shown = new Set(wanted);
  const pictured = items.flatMap(({ path, file }, row) =>
    shown.has(path) ? [{ path, file, sha256: photos[row].sha256 }] : [],
  );
  await platform.write(file, draw(await thumbnails(pictured, platform)));
}
