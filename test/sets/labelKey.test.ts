import { expect, test } from 'vitest';
import { didYouMean } from '../../src/sets/labelKey.ts';

test.each([
  [['Ants'], 'Did you mean ants (for "Ants")? '],
  [['bees '], 'Did you mean bees (for "bees ")? '],
  [['Käfer'.normalize('NFD'), 'wasps'], `Did you mean Käfer (for ${JSON.stringify('Käfer'.normalize('NFD'))})? `],
  [['new_york'], 'Did you mean new york (for "new_york")? '],
  [['flies'], ''],
])('of %j among known labels', (strange, said) => {
  expect(didYouMean(strange, ['ants', 'bees', 'Käfer', 'new york'])).toBe(said);
});
