/** What a page says, in each of its languages. */

import { signal } from '@preact/signals';

/** A text; where it depends on a number, its forms for one and for others. `{name}` is replaced by what is given. */
export type Text = string | readonly [one: string, other: string];

/** The languages of every page. English is the one that is written first. */
export const languages = { en: 'English', de: 'Deutsch' } as const;

export type Language = keyof typeof languages;

/** The page's language; texts that are drawn follow it. */
export const language = signal<Language>('en');

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

/** A page's table of texts. A language without a text does not compile. */
export function texts<const English extends Readonly<Record<string, Text>>>(
  table: { readonly en: English } & Readonly<
    Record<Exclude<Language, 'en'>, { readonly [Name in keyof English]: English[Name] extends string ? string : Text }>
  >,
): Say<keyof English & string> {
  return (name, values = {}) => {
    const text: Text = table[language.value][name];
    const form = typeof text === 'string' ? text : text[Number(values.count) === 1 ? 0 : 1];
    return form.replace(/\{(\w+)\}/g, (all, key: string) => {
      const value = values[key];
      return typeof value === 'number' ? number(value) : (value ?? all);
    });
  };
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
