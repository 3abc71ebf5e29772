/** Markup by template, escaped by itself. */

/**
 * Markup by template. Every value is escaped; what is markup already is an `Html`, which only this file can make.
 * Where a value may stand is checked too: in text, or inside a quoted attribute; in `href`, `src`, `style` and `on…`
 * only numbers and `Html`, so that no label or file name can become an address, a rule or a script.
 */

class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

export type { Html };

/** What a template takes. `undefined` and `false` leave nothing behind; lists are joined without a separator. */
export type Value = string | number | Html | undefined | false | readonly Value[];

type Place = 'text' | 'attribute' | 'guarded attribute';

const known = new WeakMap<TemplateStringsArray, readonly Place[]>();

/** Markup from a template, its values escaped. Throws where a value stands in a place that escaping cannot make safe. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let places = known.get(strings);
  if (!places) {
    places = values.map((_, i) => placeAfter(strings.slice(0, i + 1).join('x')));
    known.set(strings, places);
  }
  let markup = strings[0]!;
  for (const [i, value] of values.entries()) markup += render(value, places[i]!) + strings[i + 1]!;
  return new Html(markup);
}

/** Our own text as markup, unescaped: style sheets and encoded pictures, never anything that came from outside. */
export function raw(markup: string): Html {
  return new Html(markup);
}

/** Text with every character replaced that means something in markup. Control characters and lone surrogates become U+FFFD. */
export function escapeText(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Surrogate}]/gu, '\ufffd')
  );
}

function render(value: Value, place: Place): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'number') return String(value);
  if (value instanceof Html) {
    const markup = value.toString();
    if (place !== 'text' && /["<>]/.test(markup)) throw new TypeError('html: markup cannot stand in an attribute');
    return markup;
  }
  if (typeof value !== 'string') return value.map((item) => render(item, place)).join('');
  if (place === 'guarded attribute') throw new TypeError('html: this attribute takes only numbers and Html');
  return escapeText(value);
}

/** Where a value stands that follows this markup, in which earlier values are an `x` each. */
function placeAfter(markup: string): Place {
  if (/<(style|script)\b[^>]*>(?!.*<\/\1)/is.test(markup))
    throw new TypeError('html: no value may stand in a script or a style sheet');
  const tag = /<[^<>]*$/.exec(markup)?.[0];
  if (tag === undefined) return 'text';
  const name = /\s([\w:-]+)="[^"]*$/.exec(tag)?.[1];
  if (name === undefined || tag.split('"').length % 2 === 1)
    throw new TypeError(`html: a value in a tag must stand in a quoted attribute: ${tag}`);
  return /^(href|src|srcset|style|.*:href|on.*)$/i.test(name) ? 'guarded attribute' : 'attribute';
}
