/** The folders of the feature cache's tables. */

import { join } from 'node:path';

/** Raise it when what lies in the cache changes its form: older caches are then left alone, and `clear` takes them. */
const layout = 'v1';

/** Where the tables lie inside the cache. Each is an LMDB file of its own, so that a backbone's can be deleted. */
export function tableFolders(folder: string) {
  const root = join(folder, layout);
  const vectors = join(root, 'vectors');
  return {
    root,
    paths: join(root, 'paths'),
    photos: join(root, 'photos'),
    thumbnails: join(root, 'thumbnails'),
    vectors,
    space: (id: string): string => join(vectors, id.slice(0, 32)),
  };
}
