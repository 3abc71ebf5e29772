/** The folders that hold photos. */

/** The photos of a folder, as a tree of the folders that hold some. */
export interface FolderNode {
  /** With `/`, relative to the root; empty for the root. */
  readonly path: string;
  readonly name: string;
  /** Paths of the photos that lie directly in it. */
  readonly photos: string[];
  /** Folders inside that hold photos, at any depth. */
  readonly folders: Map<string, FolderNode>;
}

/** @param paths of photos, relative to the root, with `/` */
export function folderTree(paths: readonly string[]): FolderNode {
  const root: FolderNode = { path: '', name: '', photos: [], folders: new Map() };
  const nodes = new Map<string, FolderNode>([['', root]]);
  const nodeAt = (path: string): FolderNode => {
    const known = nodes.get(path);
    if (known) return known;
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    const node: FolderNode = { path, name, photos: [], folders: new Map() };
    nodeAt(slash < 0 ? '' : path.slice(0, slash)).folders.set(name, node);
    nodes.set(path, node);
    return node;
  };
  for (const path of paths) {
    const slash = path.lastIndexOf('/');
    nodeAt(slash < 0 ? '' : path.slice(0, slash)).photos.push(path);
  }
  return root;
}

/** The photos of a folder and of those inside it. */
export function photosIn(node: FolderNode): string[] {
  const all = [...node.photos];
  const open = [...node.folders.values()];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const path of next.photos) all.push(path);
    for (const folder of next.folders.values()) open.push(folder);
  }
  return all;
}

/** The folders inside, in the order of the paths. */
export function foldersIn({ folders }: FolderNode): FolderNode[] {
  return [...folders.values()];
}
