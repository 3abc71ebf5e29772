/** Weights in files beside the model, inside its folder only. */

import { open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { CarafeError } from '../errors.ts';
import type { Model, StoredTensor } from '../onnx/model.ts';
import { dataTypeBits, elementCount } from '../onnx/model.ts';
import { largestShapeBytes } from '../onnx/shapes.ts';

/**
 * The model with the weights that lie in files beside it. Only files inside `folder` are read, wherever a name or a
 * symbolic link leads, and never more bytes than the tensors' shapes need.
 * @throws CarafeError BAD_MODEL
 */
export async function readExternalData(model: Model, folder: string, source: string): Promise<Model> {
  return withTensors(model, (tensor) => readTensor(tensor, folder, source));
}

/**
 * The model with those constants that lie in files beside it and are small enough to be shapes. What cannot be read
 * stays outside: nobody needs weights to see what a network is made of.
 */
export async function readExternalShapes(model: Model, folder: string, source: string): Promise<Model> {
  return withTensors(model, async (tensor) => {
    if (byteCount(tensor) > largestShapeBytes) return tensor;
    return readTensor(tensor, folder, source).catch((error: unknown) => {
      if (error instanceof CarafeError) return tensor;
      throw error;
    });
  });
}

async function withTensors(model: Model, read: (tensor: StoredTensor) => Promise<StoredTensor>): Promise<Model> {
  const { graph } = model;
  if (!graph.initializers.some(({ external }) => external)) return model;
  const initializers: StoredTensor[] = [];
  for (const tensor of graph.initializers) initializers.push(tensor.external ? await read(tensor) : tensor);
  return { ...model, graph: { ...graph, initializers } };
}

function byteCount({ dims, type }: StoredTensor): number {
  return Math.ceil((elementCount(dims) * dataTypeBits[type]) / 8);
}

async function readTensor(tensor: StoredTensor, folder: string, source: string): Promise<StoredTensor> {
  const { external, ...rest } = tensor;
  if (!external) return tensor;
  const { location, offset, length } = external;
  const wrong = (what: string, cause?: unknown): CarafeError =>
    new CarafeError(
      'BAD_MODEL',
      `${source} keeps weights in '${location}', ${what}.`,
      "Put the network's weight files into its own folder, under their original names.",
      { cause },
    );
  const expected = byteCount(tensor);
  if (length !== undefined && length !== expected) throw wrong('with a length that does not fit the shape');
  const path = await inside(folder, location).catch((error: unknown) => {
    throw wrong('which is missing', error);
  });
  if (path === undefined) throw wrong('which is outside its folder');
  const info = await stat(path);
  // Asked before it is opened: a named pipe would wait for ever.
  if (!info.isFile()) throw wrong('which is not a file');
  if (info.size < offset + expected) throw wrong('which is cut short');
  const file = await open(path, 'r');
  try {
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
