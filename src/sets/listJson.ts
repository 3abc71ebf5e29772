/** Lists in JSON: an array of rows, Label Studio's exports, and COCO's files, as rows of path and labels. */

import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { message } from '../message.ts';

export type JsonRow = ReadonlyMap<string, unknown>;

const coco = z.object({
  images: z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      file_name: z.string(),
      width: z.number().optional(),
      height: z.number().optional(),
    }),
  ),
  annotations: z.array(
    z.object({
      image_id: z.union([z.number(), z.string()]),
      category_id: z.union([z.number(), z.string()]),
      bbox: z.array(z.number()).nullish(),
    }),
  ),
  categories: z.array(z.object({ id: z.union([z.number(), z.string()]), name: z.string() })),
});

const studioTask = z.object({
  data: z.record(z.string(), z.unknown()),
  annotations: z.array(
    z.object({
      was_cancelled: z.boolean().nullish(),
      result: z.array(z.object({ type: z.string().optional(), value: z.record(z.string(), z.unknown()) })),
    }),
  ),
});
const choices = z.union([
  z.string().transform((one) => [one]),
  z.array(z.string()),
  z.object({ choices: z.array(z.string()) }).transform((value) => value.choices),
]);

const boxes =
  'Carafe classifies whole photos. Crop each object into a photo of its own, one folder per class, or give each photo a label.';

/**
 * @returns rows, and what a note should say of them
 * @throws CarafeError BAD_LIST for what is none of these, and for boxes in place of labels
 */
export function jsonListRows(text: string, source: string): { rows: JsonRow[]; note?: string } {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CarafeError(
      'BAD_LIST',
      message`${source} is not JSON: ${error instanceof Error ? error.message : String(error)}.`,
      'A JSON list must be an array of objects such as {"path": "a.jpg", "label": "cat"}, an export of Label Studio, or a COCO file.',
      { cause: error },
    );
  }
  const asCoco = coco.safeParse(value);
  if (asCoco.success) return { rows: cocoRows(asCoco.data, source), note: 'Read as a COCO file.' };
  if (Array.isArray(value) && value.length > 0) {
    const tasks = z.array(studioTask).safeParse(value);
    if (tasks.success) return { rows: studioRows(tasks.data, source), note: 'Read as an export of Label Studio.' };
    const rows = z.array(z.record(z.string(), z.unknown())).safeParse(value);
    if (rows.success) return { rows: rows.data.map((row) => new Map(Object.entries(row))) };
  }
  throw new CarafeError(
    'BAD_LIST',
    message`${source} is neither a list of photos, nor an export of Label Studio, nor a COCO file.`,
    'Give an array of objects such as {"path": "a.jpg", "label": "cat"}.',
  );
}

function cocoRows({ images, annotations, categories }: z.infer<typeof coco>, source: string): JsonRow[] {
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const sizes = new Map(images.map(({ id, width, height }) => [id, { width, height }]));
  const labels = new Map<string | number, Set<string>>();
  for (const { image_id: image, category_id: category, bbox } of annotations) {
    const { width, height } = sizes.get(image) ?? {};
    const isWhole =
      bbox && width !== undefined && height !== undefined && bbox[2] >= 0.98 * width && bbox[3] >= 0.98 * height;
    if (bbox && bbox.length > 0 && !isWhole)
      throw new CarafeError(
        'BAD_LIST',
        message`${source} is a COCO file of boxes, not of labels for whole photos.`,
        boxes,
      );
    const name = names.get(category);
    if (name === undefined)
      throw new CarafeError(
        'BAD_LIST',
        message`${source} gives a photo the category ${category}, but does not define that category.`,
        'Export it again, with all categories.',
      );
    labels.set(image, (labels.get(image) ?? new Set()).add(name));
  }
  return rowsOf(images.map(({ id, file_name: path }) => ({ path, labels: [...(labels.get(id) ?? [])] })));
}

function studioRows(tasks: z.infer<typeof studioTask>[], source: string): JsonRow[] {
  return rowsOf(
    tasks.flatMap(({ data, annotations }) => {
      const path = [data.image, data.img, data.photo, ...Object.values(data)].find((one) => typeof one === 'string');
      const results = annotations.filter((one) => one.was_cancelled !== true).flatMap(({ result }) => result);
      if (typeof path !== 'string' || results.length === 0) return [];
      const labels = results.flatMap(({ value }) => (Array.isArray(value.choices) ? value.choices.map(String) : []));
      if (labels.length === 0)
        throw new CarafeError(
          'BAD_LIST',
          message`${source} is an export of Label Studio with regions (${results[0].type ?? 'boxes'}), not with choices for whole photos.`,
          boxes,
        );
      return [{ path, labels: [...new Set(labels)] }];
    }),
  );
}

/** Photos without a label are left out where the others have one each: nobody has looked at them. */
function rowsOf(photos: readonly { readonly path: string; readonly labels: readonly string[] }[]): JsonRow[] {
  const several = photos.some(({ labels }) => labels.length > 1);
  const rows = several ? photos : photos.filter(({ labels }) => labels.length === 1);
  return rows.map(
    ({ path, labels }) => new Map(Object.entries(several ? { path, labels } : { path, label: labels[0] })),
  );
}

/** Label Studio's cells: `cat`, `["cat", "dog"]` or `{"choices": ["cat", "dog"]}`; undefined: anything else. */
export function choicesOf(cell: unknown): string[] | undefined {
  if (typeof cell === 'string' && /^\s*[[{]/.test(cell)) {
    try {
      return choices.safeParse(JSON.parse(cell)).data;
    } catch {
      return undefined;
    }
  }
  return typeof cell === 'object' ? choices.safeParse(cell).data : undefined;
}
