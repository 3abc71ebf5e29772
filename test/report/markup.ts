/** An element as it stands in markup, with its attributes still escaped. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** The text directly inside, still escaped. */
  text: string;
}

const empty = new Set(['meta', 'link', 'img']);

/**
 * The elements of a page in order. Reads only well-formed markup: tags closed in order, attributes quoted,
 * no bare `<`, `>` or `&` in text. Everything else throws, so that a slip in the escaping cannot pass unseen.
 */
export function elementsOf(page: string): readonly Element[] {
  const elements: Element[] = [];
  const open: Element[] = [];
  const rest = page.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/, '<style></style>');
  let at = 0;
  for (const tag of rest.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s[\w:-]+="[^"<>]*")*)\/?>/g)) {
    addText(rest.slice(at, tag.index), open.at(-1));
    at = tag.index + tag[0].length;
    const [whole, slash, name, attributes] = tag;
    if (slash) {
      const last = open.pop();
      if (last?.name !== name) throw new Error(`</${name}> closes <${last?.name}>`);
      continue;
    }
    const element = { name: name!, attributes: attributesOf(attributes!), text: '' };
    elements.push(element);
    if (!empty.has(name!) && !whole.endsWith('/>')) open.push(element);
  }
  addText(rest.slice(at), open.at(-1));
  if (open.length > 0) throw new Error(`<${open.at(-1)?.name}> is never closed`);
  return elements;
}

/** The text of well-formed markup, entities read, white space folded. */
export function textOf(markup: string): string {
  return readText(markup.replace(/<style>[^<]*<\/style>|<[^>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim();
}

export function readText(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_, entity: string) => entities[entity]!);
}

function addText(text: string, element: Element | undefined): void {
  if (/[<>]|&(?!(lt|gt|quot|#39|amp);)/.test(text)) throw new Error(`unescaped text: ${text.slice(0, 80)}`);
  if (element) element.text += text;
  else if (text.trim() !== '') throw new Error(`text outside of every element: ${text.slice(0, 80)}`);
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/\s([\w:-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]));
}
