/** Whether a file with an unknown name is a photo. */

import { open } from 'node:fs/promises';
import { ImageError } from '../errors.ts';
import { fileKind } from '../images/formats/fileKind.ts';

/** Extensions of what lies beside photos and is none; such files are not opened. */
const others = new Set([
  ...['txt', 'md', 'json', 'jsonl', 'xml', 'csv', 'tsv', 'yaml', 'yml', 'toml', 'ini', 'log', 'html', 'htm', 'css'],
  ...['js', 'ts', 'py', 'ipynb', 'm', 'sh', 'r', 'pdf', 'doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'svg', 'eps'],
  ...['zip', 'gz', 'tar', 'rar', '7z', 'mp4', 'mov', 'avi', 'mkv', 'wav', 'mp3', 'aae', 'xmp', 'npy', 'npz', 'mat'],
  ...['onnx', 'pt', 'pth', 'h5', 'pkl', 'db', 'exe', 'dll', 'lnk', 'url'],
]);

/** Whether a file whose name promises no photo begins as one: without an extension, or with one of nobody's. */
export async function beginsAsPhoto(file: string, name: string): Promise<boolean> {
  const dot = name.lastIndexOf('.');
  if (dot > 0 && others.has(name.slice(dot + 1).toLowerCase())) return false;
  try {
    const handle = await open(file);
    try {
      // What the kernel shows as an empty file may wait for ever to be read.
      if ((await handle.stat()).size === 0) return false;
      const { buffer, bytesRead } = await handle.read(new Uint8Array(4096), 0, 4096, 0);
      // Targa is told by what it is not: too little for a file of any kind.
      return bytesRead > 0 && fileKind(buffer.subarray(0, bytesRead)) !== 'Targa';
    } finally {
      await handle.close();
    }
  } catch (error) {
    // What cannot be opened is no photo for sure; nor is what has a reason of its own.
    if (error instanceof ImageError || (error instanceof Error && 'code' in error)) return false;
    throw error;
  }
}
