/** Quotes a word for shells. */

/**
 * Quotes a word, where it needs that. cmd.exe knows no quotes but double ones; in these POSIX shells leave a backslash as it is, as long as
 * nothing follows that they would read themselves.
 */
export function shellWord(word: string): string {
  if (/^[\w./:@%+,=-]+$/.test(word)) return word;
  return /^[^"$`!%]*[^"$`!%\\]$/.test(word) ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
