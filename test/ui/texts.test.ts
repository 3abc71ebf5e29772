import { afterEach, expect, test } from 'vitest';
import { failures } from '../../src/ui/failures.de.ts';
import { chooseLanguage, percent, speak, texts } from '../../src/ui/texts.ts';

const translations = { de: async () => german };

afterEach(() => speak('en', translations));

const say = texts('test', { photos: ['{count} photo', '{count} photos'], plain: 'Hello {name}' });
const german = {
  tables: { test: { photos: ['{count} Foto', '{count} Fotos'], plain: 'Hallo {name}' } },
  failures,
  messages: {},
  sentences: {},
} as const;

test('a text follows the language, its number and its values', async () => {
  expect([1, 0, 2, 3670].map((count) => say('photos', { count }))).toEqual([
    '1 photo',
    '0 photos',
    '2 photos',
    '3,670 photos',
  ]);
  await speak('de', translations);
  expect(say('photos', { count: 3670 })).toBe('3.670 Fotos');
  expect(say('plain', { name: '{count}' })).toBe('Hallo {count}');
});

test('a name that runs from right to left, or turns letters round, turns nothing of the sentence', () => {
  expect(say('plain', { name: '\u202egnp.exe' })).toBe('Hello \u2068\u202egnp.exe\u2069');
  expect(say('plain', { name: 'שלום' })).toBe('Hello \u2068שלום\u2069');
  expect(say('plain', { name: 'é<b>' })).toBe('Hello é<b>');
});

test('the first wanted language that pages have is taken', () => {
  expect(chooseLanguage(['fr-FR', 'de-AT', 'en'])).toBe('de');
  expect(chooseLanguage(['fr', 'toString'])).toBe('en');
});

test('a rounded share never claims all or nothing', () => {
  expect([0, 0.00001, 0.9114, 0.99999, 1].map((share) => percent(share))).toEqual([
    '0%',
    '0.1%',
    '91.1%',
    '99.9%',
    '100%',
  ]);
});
