/** Long lines, broken between words. */

/** Letters, symbols and pictures that terminals draw two columns wide. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const narrow = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) if (!narrow.test(character)) width += wide.test(character) ? 2 : 1;
  return width;
}

/**
 * Breaks lines that are longer than the terminal between words, and indents what follows by two columns more. A word
 * that is longer than a line, such as a path, stays whole.
 * @param width of a word, in columns
 */
export function wrap(text: string, columns: number, width: (word: string) => number = widthOf): string {
  return text
    .split('\n')
    .map((line) => (width(line) <= columns ? line : wrapLine(line, columns, width)))
    .join('\n');
}

function wrapLine(line: string, columns: number, width: (word: string) => number): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const further = `${indent}  `;
  const lines: string[] = [];
  let now = indent;
  let isEmpty = true;
  for (const [, blanks, word] of line.slice(indent.length).matchAll(/( *)([^ ]+)/g)) {
    if (!isEmpty && width(now) + blanks.length + width(word) > columns) {
      lines.push(now);
      now = further + word;
    } else now += isEmpty ? word : blanks + word;
    isEmpty = false;
  }
  return [...lines, now].join('\n');
}
