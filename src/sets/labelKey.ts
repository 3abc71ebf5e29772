/** Labels that differ only in how people write them. */

/** What labels that are likely one have in common. */
export function labelKey(label: string): string {
  return label
    .normalize('NFKC')
    .replace(/[\p{Cf}\u200b]/gu, '')
    .replace(/[\s_-]+/gu, ' ')
    .trim()
    .toLowerCase();
}

/**
 * `Did you mean ants (for Ants)?`: for labels that differ from a known one in capitals, blanks or encoding only; empty where
 * none does.
 */
export function didYouMean(strange: readonly string[], known: readonly string[]): string {
  const byKey = new Map(known.map((label) => [labelKey(label), label]));
  const meant = strange.flatMap((label) => {
    const other = byKey.get(labelKey(label));
    return other === undefined ? [] : [`${other} (for ${JSON.stringify(label)})`];
  });
  return meant.length === 0 ? '' : `Did you mean ${meant.slice(0, 5).join(', ')}? `;
}
