/** The network of a page: the one that comes with it, one that the page's own host has, or one that the user chose. */

import * as z from 'zod';
import { nameOf, resolveBackbone } from '../backbone/resolve.web.ts';
import { CarafeError } from '../errors.ts';
import { message } from '../message.ts';
import { fetchBytes } from '../runtime/fetchBytes.ts';
import type { NewPhoto } from './engine.ts';
import { type PageDatabase, unwritable } from './pageDatabase.web.ts';

export interface PageNetwork {
  readonly address: string;
  readonly name?: string | undefined;
  /** Parsed from a preprocessor_config.json. */
  readonly preprocessing?: unknown;
}

const key = 'network';
const kept = z.object({ name: z.string(), bytes: z.instanceof(Uint8Array), preprocessing: z.unknown() });

/** Names the network that comes with the page, beside its scripts. */
const own = new URL('./carafe-s.onnx', import.meta.url).href;

/** @param named what `network=` in the page's address says: an address on the page's own host, which alone it may ask */
export async function networkOf(database: PageDatabase, named: string | null): Promise<PageNetwork> {
  if (named) {
    const address = new URL(named, import.meta.url).href;
    const beside = address.replace(/\.onnx(?=$|[?#])/i, '.json');
    const preprocessing = json({ name: beside, bytes: await fetchBytes(beside) });
    return { name: nameOf(address), address, preprocessing };
  }
  const { success, data } = kept.safeParse(await database.get('notes', key));
  if (!success) return { address: own };
  const { name, bytes, preprocessing } = data;
  return { name, preprocessing, address: URL.createObjectURL(new Blob([Uint8Array.from(bytes)])) };
}

/**
 * Keeps a network that the user chose, once it is sure that it works; without files, the page's own is taken again.
 * @throws CarafeError what `resolveBackbone` throws; USAGE, NO_PREPROCESSING, UNWRITABLE
 */
export async function keepNetwork(database: PageDatabase, files: readonly NewPhoto[]): Promise<void> {
  if (files.length === 0) return void (await database.delete('notes', key));
  const network = files.find(({ name }) => /\.onnx$/i.test(name));
  const stated = files.find(({ name }) => /\.json$/i.test(name));
  if (!network)
    throw new CarafeError('USAGE', 'None of these files is a network.', 'Choose a file that ends in .onnx.');
  if (!stated)
    throw new CarafeError(
      'NO_PREPROCESSING',
      message`${network.name} does not say how photos become its input.`,
      'Choose its preprocessor_config.json together with it.',
    );
  const name = network.name.replace(/\.onnx$/i, '');
  const preprocessing = json(stated);
  const address = URL.createObjectURL(new Blob([Uint8Array.from(network.bytes)]));
  try {
    await resolveBackbone(address, { name, preprocessing });
  } finally {
    URL.revokeObjectURL(address);
  }
  try {
    await database.put('notes', { name, bytes: network.bytes, preprocessing }, key);
  } catch (error) {
    throw unwritable(error);
  }
}

function json({ name, bytes }: NewPhoto): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new CarafeError('NO_PREPROCESSING', message`${name} is no JSON.`, 'Choose the preprocessor_config.json.', {
      cause: error,
    });
  }
}
