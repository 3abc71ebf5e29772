import { expect, test } from 'vitest';
import { oneClassChoices, requireOneClassHeadName } from '../../src/heads/oneClass/registry.ts';
import { headNamed, heads, labelHeadNamed, labelHeads, requireHeadName } from '../../src/heads/registry.ts';

// The types of the options are made from the registries' keys: a key that is not the head's name would lie.
test('every head is found by its name, and what is none is refused', () => {
  for (const { name } of [...heads, ...labelHeads, { name: 'auto' }]) expect(requireHeadName(name)).toBe(name);
  for (const { name } of heads) expect(headNamed(name).name).toBe(name);
  for (const { name } of labelHeads) expect(labelHeadNamed(name).name).toBe(name);
  for (const { name } of oneClassChoices) expect(requireOneClassHeadName(name)).toBe(name);
  for (const name of ['sofmax', 'toString', '']) {
    expect(() => requireHeadName(name)).toThrow(/is not a head/);
    expect(() => requireOneClassHeadName(name)).toThrow(/is not a one-class head/);
  }
});
