/** What a page says, in each of its languages. */

import { batch, signal } from '@preact/signals';
import type { Text, Translation } from './translation.ts';

/** The languages of every page. English is the one that is written first. */
export const languages = { en: 'English', de: 'Deutsch' } as const;

export type Language = keyof typeof languages;

/** The page's language; texts that are drawn follow it. */
export const language = signal<Language>('en');

/** What the page says in it; undefined for English, which stands where it is said. */
export const translation = signal<Translation | undefined>(undefined);

/** What loads the languages of a page besides English. */
export type Translations = Readonly<Record<Exclude<Language, 'en'>, () => Promise<Translation>>>;

/** Changes the page's language, once what it says is there. */
export async function speak(wanted: Language, translations: Translations): Promise<void> {
  const found = wanted === 'en' ? undefined : await translations[wanted]();
  batch(() => {
    translation.value = found;
    language.value = wanted;
  });
}

/** The first of the wanted languages (`de-AT`, `de`) that pages have, else English. */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const [base = ''] = tag.toLowerCase().split('-');
    if (isLanguage(base)) return base;
  }
  return 'en';
}

export function isLanguage(name: string): name is Language {
  return Object.hasOwn(languages, name);
}

/** Gives texts by name. `count` chooses between one and several, and stands as `{count}`. */
export type Say<Name extends string> = (name: Name, values?: Readonly<Record<string, string | number>>) => string;

/** A table of texts, which other languages have under the same name. */
export function texts<Name extends string>(table: string, english: Readonly<Record<Name, Text>>): Say<Name> {
  return (name, values = {}) => {
    const text: Text = translation.value?.tables[table]?.[name] ?? english[name];
    const form = typeof text === 'string' ? text : text[Number(values.count) === 1 ? 0 : 1];
    return filled(form, values);
  };
}

/** `{name}` is replaced; a number is written as the page's language does. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (all, key: string) => {
    const value = values[key];
    return typeof value === 'number' ? number(value) : value === undefined ? all : isolated(value);
  });
}

/** Letters that run from right to left, and marks that turn others round. */
const turning = /[\u0590-\u08ff\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/;

/** A name that would turn the sentence around it: in an isolate, which ends whatever the name has begun. */
function isolated(name: string): string {
  return turning.test(name) ? `\u2068${name}\u2069` : name;
}

/** A number as the page's language writes it. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString(language.value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A share as the page's language writes it: `91.1%`. Rounding never claims all or nothing. */
export function percent(fraction: number, digits = 1): string {
  const step = 10 ** -digits / 100;
  const shown = fraction > 0 && fraction < 1 ? Math.min(1 - step, Math.max(step, fraction)) : fraction;
  const whole = fraction === 0 || fraction === 1 ? 0 : digits;
  const form = { style: 'percent', minimumFractionDigits: whole, maximumFractionDigits: whole } as const;
  return shown.toLocaleString(language.value, form);
}
