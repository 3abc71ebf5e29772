/** A sentence of Carafe's with what stands in it: pages say it in other languages. */

/** Why a photo cannot be used. */
interface Failure {
  readonly code: string;
  readonly reason: string;
}

export type MessageValue = string | number | Failure | Message;

/** `{0} is no JSON.` with its values; it is plain data, which crosses from thread to thread. */
export interface Message {
  readonly template: string;
  readonly values: readonly MessageValue[];
}

/** A tag: message`${name} is no JSON.` */
export function message(parts: readonly string[], ...values: readonly MessageValue[]): Message {
  const template = parts.reduce((before, part, place) => `${before}{${place - 1}}${part}`);
  return { template, values: values.map(plain) };
}

/** A sentence that nothing stands in is its own template. */
export function messageOf(said: string | Message): Message {
  return typeof said === 'string' ? { template: said, values: [] } : said;
}

/** The sentence in English. */
export function textOf(said: MessageValue): string {
  if (typeof said === 'object' && 'template' in said) return fill(said.template, said.values.map(textOf));
  return typeof said === 'object' ? said.reason : String(said);
}

/** A template with texts in the places of its values. */
export function fill(template: string, texts: readonly string[]): string {
  return template.replace(/\{(\d+)\}/g, (all, place: string) => texts[Number(place)] ?? all);
}

/** Errors lose what they know when they cross. */
function plain(value: MessageValue): MessageValue {
  return typeof value === 'object' && 'reason' in value ? { code: value.code, reason: value.reason } : value;
}

/** Several in a row. */
export function inRow(values: readonly MessageValue[], between = ', '): Message {
  return { template: values.map((_, place) => `{${place}}`).join(between), values: values.map(plain) };
}
