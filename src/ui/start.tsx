/** Starts a page in the reader's language. */

import { effect } from '@preact/signals';
import { type ComponentChild, render } from 'preact';
import { chooseLanguage, language, speak, type Translations } from './texts.ts';

/** Draws a page into its shell. */
export async function start(page: ComponentChild, translations: Translations): Promise<void> {
  const root = document.getElementById('page');
  if (!root) throw new TypeError('the page has no place to be drawn in');
  // Where the language cannot be loaded, the page speaks English.
  await speak(chooseLanguage(navigator.languages), translations).catch(() => {});
  effect(() => {
    document.documentElement.lang = language.value;
  });
  render(page, root);
}
