import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { CarafeError } from '../errors.ts';
import type { Model, StoredTensor } from '../onnx/model.ts';
import { dataTypeBits, elementCount } from '../onnx/model.ts';

/**
 * The model with the weights that lie in files beside it. Only files inside `folder` are read, wherever a name or a
 * symbolic link leads, and never more bytes than the tensors' shapes need.
 * @throws CarafeError BAD_MODEL
 */
export async function readExternalData(model: Model, folder: string, source: string): Promise<Model> {
  const { graph } = model;
  if (!graph.initializers.some(({ external }) => external)) return model;
  const initializers: StoredTensor[] = [];
  for (const tensor of graph.initializers)
    initializers.push(tensor.external ? await readTensor(tensor, folder, source) : tensor);
  return { ...model, graph: { ...graph, initializers } };
}

async function readTensor(tensor: StoredTensor, folder: string, source: string): Promise<StoredTensor> {
  const { external, ...rest } = tensor;
  if (!external) return tensor;
  const { location, offset, length } = external;
  const wrong = (what: string, cause?: unknown): CarafeError =>
    new CarafeError(
      'BAD_MODEL',
      `${source} keeps weights in '${location}', ${what}.`,
      'Put the weight files that belong to the network into its own folder, under the names they had.',
      { cause },
    );
  const expected = Math.ceil((elementCount(tensor.dims) * dataTypeBits[tensor.type]) / 8);
  if (length !== undefined && length !== expected) throw wrong('with a length that does not fit the shape');
  const path = await inside(folder, location).catch((error: unknown) => {
    throw wrong('which is not there', error);
  });
  if (path === undefined) throw wrong('which lies outside its folder');
  const file = await open(path, 'r');
  try {
    const info = await file.stat();
    if (!info.isFile() || info.size < offset + expected) throw wrong('which is cut short');
    const bytes = new Uint8Array(expected);
    const { bytesRead } = await file.read(bytes, 0, expected, offset);
    if (bytesRead !== expected) throw wrong('which is cut short');
    return { ...rest, bytes };
  } finally {
    await file.close();
  }
}

/** The real path of a file in `folder`; undefined where it leads out of it. */
async function inside(folder: string, location: string): Promise<string | undefined> {
  if (isAbsolute(location) || location.includes('\0')) return undefined;
  const root = await realpath(folder);
  const isInside = (path: string): boolean => {
    const way = relative(root, path);
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  };
  const named = join(root, location);
  if (!isInside(named)) return undefined;
  const path = await realpath(named);
  return isInside(path) ? path : undefined;
}
