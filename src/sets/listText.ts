/** The text of a list, in any encoding. */

import { CarafeError } from '../errors.ts';
import { message } from '../message.ts';

/** Code pages that write Latin letters and differ in some of them. */
const pages = ['windows-1252', 'windows-1250', 'windows-1254', 'windows-1257'];
const sharpS = 0xdf;
/** What a list that is no UTF-8 may be, for the message. */
const suggested = ['windows-1252', 'windows-1250', 'macintosh', 'shift_jis', 'gb18030', 'windows-1251'];

/**
 * The text of a list. UTF-8 and UTF-16 are told by themselves. Older encodings cannot be told for certain: a list of one
 * byte a letter is read where Latin code pages agree on each of its letters, and each stands among plain ones (`Bär`).
 * @param encoding as the user named it, such as `windows-1252`
 * @throws CarafeError BAD_LIST with the line that cannot be read; USAGE for an encoding that is not known
 */
export function listText(bytes: Uint8Array, source: string, encoding?: string): string {
  const named = encoding === undefined ? unicodeOf(bytes) : encoding;
  const text = decoded(bytes, named, source);
  if (text !== undefined) return checked(text, source, named);
  if (encoding !== undefined || named !== 'utf-8') throw unreadable(bytes, source, named);
  if (!isPlainlyLatin(bytes)) throw unreadable(bytes, source, named);
  return checked(new TextDecoder('windows-1252').decode(bytes), source, 'windows-1252');
}

/** By its byte order mark, or by where the zeros of UTF-16 stand. */
function unicodeOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const head = bytes.subarray(0, 200);
  const zeros = [0, 1].map((odd) => head.filter((byte, i) => byte === 0 && i % 2 === odd).length);
  if (zeros[1] > head.length / 8 && zeros[0] === 0) return 'utf-16le';
  if (zeros[0] > head.length / 8 && zeros[1] === 0) return 'utf-16be';
  return 'utf-8';
}

/** Undefined: some bytes are none of this encoding. */
function decoded(bytes: Uint8Array, encoding: string, source: string): string | undefined {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch (error) {
    throw new CarafeError(
      'USAGE',
      message`\`encoding: '${encoding}'\`: unknown encoding for ${source}.`,
      message`Use one such as utf-8, utf-16le, ${suggested.join(', ')}.`,
      { cause: error },
    );
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Text that was spoilt before does not become labels. */
function checked(text: string, source: string, encoding: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a zero is what tells that it is no text
  const at = text.search(/[\ufffd\u0000]/);
  if (at < 0) return text;
  const line = text.slice(0, at).split(/\r\n|\n|\r/).length;
  throw new CarafeError(
    'BAD_LIST',
    text[at] === '\ufffd'
      ? message`${source}, line ${line} contains the character that stands for lost letters (U+FFFD).`
      : message`${source}, line ${line} contains zero bytes: it is not text in ${encoding}.`,
    'Save the list again from the program it was made with, as "CSV UTF-8".',
  );
}

/** Whether each byte beyond ASCII is the same letter in all Latin code pages, and alone among plain letters. */
function isPlainlyLatin(bytes: Uint8Array): boolean {
  const agreed = new Set<number>();
  for (let byte = 0xc0; byte <= 0xff; byte++) {
    const letters = new Set(pages.map((page) => new TextDecoder(page).decode(Uint8Array.of(byte))));
    if (letters.size === 1 && /\p{L}/u.test([...letters][0])) agreed.add(byte);
  }
  const isLetter = (byte: number | undefined) => byte !== undefined && /[a-z]/i.test(String.fromCharCode(byte));
  // As two in a row only what words have: üß, éé.
  const isPair = (a: number | undefined, b: number | undefined) =>
    a !== undefined && agreed.has(a) && (b === sharpS || a === b);
  return bytes.every(
    (byte, i) =>
      byte < 0x80 ||
      (agreed.has(byte) &&
        (isLetter(bytes[i - 1]) || isLetter(bytes[i + 1]) || (isPair(bytes[i - 1], byte) && isLetter(bytes[i - 2])))),
  );
}

function unreadable(bytes: Uint8Array, source: string, encoding: string): CarafeError {
  const { line, content } = firstBadLine(bytes, encoding);
  const readings = suggested.flatMap((page) => {
    try {
      const text = new TextDecoder(page, { fatal: true }).decode(content).trim();
      return text ? [`\`encoding: '${page}'\`: ${JSON.stringify(text.slice(0, 60))}`] : [];
    } catch {
      return [];
    }
  });
  const ways = encoding === 'utf-8' && readings.length > 0 ? ` Or say how to read it:\n  ${readings.join('\n  ')}` : '';
  return new CarafeError(
    'BAD_LIST',
    message`${source}, line ${line} has letters that are not valid ${encoding.toUpperCase()}.`,
    message`Save the list as "CSV UTF-8".${ways}`,
  );
}

function firstBadLine(bytes: Uint8Array, encoding: string): { line: number; content: Uint8Array } {
  const decoder = new TextDecoder(encoding, { fatal: true });
  if (!encoding.startsWith('utf-16')) {
    let line = 1;
    for (let from = 0; from < bytes.length; line++) {
      let to = from;
      while (to < bytes.length && bytes[to] !== 10 && bytes[to] !== 13) to++;
      const content = bytes.subarray(from, to);
      try {
        decoder.decode(content);
      } catch {
        return { line, content };
      }
      from = to + (bytes[to] === 13 && bytes[to + 1] === 10 ? 2 : 1);
    }
  }
  const lenient = new TextDecoder(encoding).decode(bytes);
  const line = lenient.slice(0, Math.max(0, lenient.indexOf('\ufffd'))).split(/\r\n|\n|\r/).length;
  return { line, content: new Uint8Array() };
}
