import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formOf, type Part } from '../../src/serve/form.node.ts';

const limits = { maxPhotos: 32 };
const shown = (parts: readonly Part[]) =>
  parts.map(({ name, file, content }) => ({
    name,
    file,
    content: file === undefined ? String(content) : [...content],
  }));

test("what the platform's FormData writes comes back, whatever its names and contents", async () => {
  // Pieces of what forms are made of are likelier to mislead than chance is.
  const bytes = fc
    .array(
      fc.oneof(fc.constantFrom('\r\n', '--', '\r\n--', 'b', '"', '\0', '\xff'), fc.string({ unit: 'binary-ascii' })),
    )
    .map((words) => Buffer.from(words.join(''), 'latin1'));
  const name = fc.string({
    unit: fc.constantFrom('a', 'é', '花', '"', ';', ' ', '\\', 'name=', '%22', '\r\n'),
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ name, file: fc.option(name, { nil: undefined }), bytes }), { minLength: 1, maxLength: 12 }),
      async (given) => {
        const form = new FormData();
        for (const { name, file, bytes } of given)
          if (file === undefined) form.append(name, bytes.toString('latin1'));
          else form.append(name, new Blob([new Uint8Array(bytes)]), file);
        const written = new Response(form);
        const type = written.headers.get('content-type') ?? '';
        const body = Buffer.from(await written.arrayBuffer());
        const again = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
        const expected = await Promise.all(
          [...again].map(async ([name, value]) => ({
            name,
            file: typeof value === 'string' ? undefined : value.name,
            content: typeof value === 'string' ? value : [...new Uint8Array(await value.arrayBuffer())],
          })),
        );
        expect(shown(formOf(body, type, limits))).toEqual(expected);
      },
    ),
  );
});

test('forms of other clients are understood', () => {
  const form = (head: string) => Buffer.from(`--b\r\n${head}\r\n\r\nx\r\n--b--\r\n`);
  const named = (head: string, type = 'multipart/form-data; boundary=b') => shown(formOf(form(head), type, limits));
  const file = (name: string | undefined) => [{ name: 'photo', file: name, content: name === undefined ? 'x' : [120] }];
  expect(named('content-disposition: form-data; name=photo; filename=a.jpg')).toEqual(file('a.jpg'));
  expect(named('Content-Type: image/jpeg\r\nContent-Disposition: form-data; filename="a.jpg"; name="photo"')).toEqual(
    file('a.jpg'),
  );
  // As Python's requests writes names that are not of ASCII.
  expect(named('content-disposition: form-data; name="photo"; filename*=utf-8\'\'%C3%A9t%C3%A9.jpg')).toEqual(
    file('été.jpg'),
  );
  expect(
    named('content-disposition: form-data; name="photo"', 'Multipart/Form-Data; charset=utf-8; Boundary="b"'),
  ).toEqual(file(undefined));
  const between = Buffer.concat([
    Buffer.from('What is no form.\r\n'),
    form('content-disposition: form-data; name="photo"'),
  ]);
  expect(shown(formOf(between, 'multipart/form-data; boundary=b', limits))).toEqual(file(undefined));
});

test('a form that would be read otherwise elsewhere, or has no end, is refused, and one of many parts before they are all read', () => {
  const part = '--b\r\ncontent-disposition: form-data; name="a"; filename="x"\r\n\r\nx\r\n';
  const refused = (code: string) => expect.objectContaining({ code });
  const type = 'multipart/form-data; boundary=b';
  for (const wrong of [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; xboundary=b',
    'multipart/form-data; boundary=zzz; boundary=b',
    'multipart/form-data; boundary="b\\"c"',
    `multipart/form-data; boundary=${'b'.repeat(71)}`,
  ])
    expect(() => formOf(Buffer.from(`${part}--b--`), wrong, limits), wrong).toThrow(refused('BAD_REQUEST'));
  for (const body of [
    part,
    `${part}--b`,
    `--b\r\n${'x: y\r\n'.repeat(1000)}\r\nx\r\n--b--`,
    '--b\r\nx: y\r\n\r\nx\r\n--b--',
    `--b\r\ncontent-disposition: form-data; name="a"; filename*=utf-8''%ff\r\n\r\nx\r\n--b--`,
  ])
    expect(() => formOf(Buffer.from(body), type, limits), body.slice(0, 60)).toThrow(refused('BAD_REQUEST'));
  // What stands behind the parts that are too many is not even looked at.
  expect(() => formOf(Buffer.from(`${part.repeat(49)}--b?`), type, limits)).toThrow(refused('TOO_LARGE'));
});
