/** Forms (multipart/form-data), taken apart where they lie: the platform's own parser holds the event loop up for half a second over 20 MB. */

import { Problem } from './problem.ts';

/** A part of a form; a file where it has a file name. Its content is a view of the body. */
export interface Part {
  readonly name: string;
  readonly file: string | undefined;
  readonly content: Buffer;
}

/** Bytes that the headers of a part may have. */
const mostHeaderBytes = 4096;
/** Fields besides the photos that a form may have. */
const mostFields = 16;

/** @throws Problem BAD_REQUEST, TOO_LARGE */
export function formOf(body: Buffer, type: string, { maxPhotos }: { readonly maxPhotos: number }): Part[] {
  const boundary = boundaryOf(type);
  const line = Buffer.from(`--${boundary}`);
  const end = Buffer.from(`\r\n--${boundary}`);
  const parts: Part[] = [];
  let at = body.subarray(0, line.length).equals(line) ? line.length : after(body, end, 0);
  // A line of a boundary ends the form where two dashes follow.
  while (!isAt(body, at, '--')) {
    if (parts.length >= maxPhotos + mostFields)
      throw new Problem('TOO_LARGE', `The form has more than ${maxPhotos} photos.`, 'Send fewer at once.');
    if (!isAt(body, at, '\r\n')) throw broken();
    // The line end before the headers is the one behind them where there are none.
    const head = body.subarray(at, at + mostHeaderBytes);
    const headEnds = head.indexOf('\r\n\r\n');
    if (headEnds < 0) throw broken();
    const begins = at + headEnds + 4;
    at = after(body, end, begins);
    parts.push({ ...namesOf(head.toString('utf8', 0, headEnds)), content: body.subarray(begins, at - end.length) });
  }
  return parts;
}

function broken(): Problem {
  return new Problem('BAD_REQUEST', 'The form cannot be taken apart.', 'Let your HTTP client write it.');
}

/** What stands between the parts (RFC 2046, 5.1.1); said once. @throws Problem BAD_REQUEST */
function boundaryOf(type: string): string {
  const found = [...type.matchAll(/;\s*boundary=(?:"([\w'()+,./:=? -]{1,70})"|([\w'()+,./:=?-]{1,70}))\s*(?=;|$)/gi)];
  const [, quoted, plain] = found[0] ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined || found.length > 1) throw broken();
  return boundary;
}

/** The place behind what is looked for. @throws Problem BAD_REQUEST where it does not come */
function after(body: Buffer, wanted: Buffer, from: number): number {
  const at = body.indexOf(wanted, from);
  if (at < 0) throw broken();
  return at + wanted.length;
}

function isAt(body: Buffer, at: number, text: string): boolean {
  return body.toString('latin1', at, at + text.length) === text;
}

/** The names in a part's headers. @throws Problem BAD_REQUEST */
function namesOf(head: string): Pick<Part, 'name' | 'file'> {
  const [, said] = /^content-disposition:[ \t]*form-data[ \t]*(;.*)$/im.exec(head) ?? [];
  const name = said && parameter(said, 'name');
  if (said === undefined || name === undefined) throw broken();
  return { name, file: extended(said) ?? parameter(said, 'filename') };
}

function parameter(said: string, name: string): string | undefined {
  const [, quoted, plain] = new RegExp(`;[ \\t]*${name}=(?:"([^"]*)"|([^;"\\s]*))`, 'i').exec(said) ?? [];
  // How three characters are written in a name (WHATWG HTML, multipart/form-data encoding).
  return (quoted ?? plain)?.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');
}

/** A file name as RFC 8187 writes it, which some clients do where it is not of ASCII. @throws Problem BAD_REQUEST */
function extended(said: string): string | undefined {
  const [, encoded] = /;[ \t]*filename\*=utf-8'[^']*'([^;\s]*)/i.exec(said) ?? [];
  try {
    return encoded && decodeURIComponent(encoded);
  } catch {
    throw broken();
  }
}
