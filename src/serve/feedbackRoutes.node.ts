/** `POST /v1/feedback`: a photo comes back with the right label. */

import type { Hono } from 'hono';
import * as z from 'zod';
import { requireLength } from './body.node.ts';
import { formOf, type Part } from './form.node.ts';
import { asBase64, decodeBase64, jsonOf, kindOfBody, parse, valuesFor } from './photos.node.ts';
import { Problem } from './problem.ts';
import type { Env, Service } from './service.node.ts';

/** A body in JSON. */
export const feedbackBody = z.object({
  image: z.string().min(1).describe('The image file as base64.'),
  label: z
    .union([z.string(), z.array(z.string())])
    .describe('The right label; several where a photo may have several.'),
});
export const feedbackResult = z.object({ sha256: z.string(), labels: z.array(z.string()), isNew: z.boolean() });

/** Labels, each a value, and a little more. */
const mostValues = valuesFor(100);

export function feedbackRoutes(app: Hono<Env>, service: Service): void {
  const { settings, bodies, models } = service;
  app.post('/v1/feedback', async (c) => {
    const { feedback } = service;
    if (!feedback)
      throw new Problem('NO_SUCH_ADDRESS', 'This service takes no feedback.', 'Start it with a folder: `feedback`.');
    const name = c.req.query('model');
    const { opened } = (name === undefined ? models.only() : models.get(name)).current;
    const type = c.req.header('content-type') ?? '';
    const kind = kindOfBody(type);
    const most = asBase64(settings.maxBytes);
    requireLength(c.env.incoming, most);
    return bodies.reading(c.env.incoming, most, c.get('deadline').signal, async (body) => {
      const { photo, labels } =
        kind === 'json'
          ? fromJson(body, settings.maxBytes)
          : kind === 'multipart'
            ? fromForm(formOf(body, type, settings))
            : { photo: body, labels: c.req.queries('label') ?? [] };
      const isNew = labels.some((label) => !opened.labels.includes(label));
      const sha256 = await feedback.add(photo, labels, opened.card.task === 'multi-label');
      const result: z.infer<typeof feedbackResult> = { sha256, labels: [...labels], isNew };
      return c.json(result, 201);
    });
  });
}

interface Sent {
  readonly photo: Uint8Array;
  readonly labels: readonly string[];
}

function fromJson(body: Buffer, maxBytes: number): Sent {
  const { image, label } = parse(feedbackBody, jsonOf(body, mostValues), 'The body');
  return { photo: decodeBase64(image, maxBytes), labels: typeof label === 'string' ? [label] : label };
}

function fromForm(form: readonly Part[]): Sent {
  const photo = form.findLast(({ file }) => file !== undefined);
  const labels = form.filter(({ name, file }) => file === undefined && name === 'label');
  if (photo) return { photo: photo.content, labels: labels.map(({ content }) => content.toString('utf8')) };
  throw new Problem('BAD_REQUEST', 'The form has no file.', 'Send the photo as a file, and the field label.');
}
