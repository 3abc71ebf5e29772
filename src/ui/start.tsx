/** Starts a page in the reader's language. */

import { effect } from '@preact/signals';
import { type ComponentChild, render } from 'preact';
import { chooseLanguage, language } from './texts.ts';

/** Draws a page into its shell. */
export function start(page: ComponentChild): void {
  const root = document.getElementById('page');
  if (!root) throw new TypeError('the page has no place to be drawn in');
  language.value = chooseLanguage(navigator.languages);
  effect(() => {
    document.documentElement.lang = language.value;
  });
  render(page, root);
}
