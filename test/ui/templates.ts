/** Which sentences a source file may say to users: its errors, stages and messages, as templates. */

/** The place behind a string or template that begins at `at`. */
function behindQuoted(text: string, at: number): number {
  const quote = text[at];
  let place = at + 1;
  while (text[place] !== quote) {
    if (text[place] === '\\') place++;
    else if (quote === '`' && text.startsWith('${', place)) place = behindBracket(text, place + 1) - 1;
    place++;
  }
  return place + 1;
}

/** The place behind the bracket that closes the one at `at`. */
function behindBracket(text: string, at: number): number {
  let place = at + 1;
  while (!')}]'.includes(text[place] ?? ')')) {
    if (`'"\``.includes(text[place] ?? '')) place = behindQuoted(text, place);
    else if (text.startsWith('//', place)) place = text.indexOf('\n', place);
    else if ('({['.includes(text[place] ?? '')) place = behindBracket(text, place);
    else place++;
  }
  return place + 1;
}

/** Strings and messages of more than one word within a call; values inside a message are looked into, too. */
function sentencesIn(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; at++) {
    if (!`'"\``.includes(text[at] ?? '')) continue;
    const end = behindQuoted(text, at);
    const content = text.slice(at + 1, end - 1);
    if (text[at] !== '`') found.push(unescaped(content));
    else {
      let template = '';
      let values = 0;
      for (let place = 0; place < content.length; place++) {
        if (content.startsWith('${', place)) {
          const behind = behindBracket(content, place + 1);
          found.push(...sentencesIn(content.slice(place + 2, behind - 1)));
          template += `{${values++}}`;
          place = behind - 1;
        } else template += content[place];
      }
      if (text.slice(0, at).endsWith('message')) found.push(unescaped(template));
    }
    at = end - 1;
  }
  return found;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

const beginnings =
  /new CarafeError\(|\bplainError\(|\bonStage\?\.\(|\bmessageOf\(|\bmessage`|\b[a-zA-Z]*[hH]int = |\bwhat: '/g;

export function templatesIn(text: string): string[] {
  const found = [...text.matchAll(beginnings)].flatMap(({ 0: begun, index }) => {
    const last = index + begun.length - 1;
    if (begun.endsWith('(')) return sentencesIn(text.slice(last + 1, behindBracket(text, last) - 1));
    if (begun === 'message`') return sentencesIn(text.slice(index, behindQuoted(text, last)));
    const quoted = begun.endsWith("'") ? last : last + 1;
    return `'"`.includes(text[quoted] ?? ' ') ? sentencesIn(text.slice(quoted, behindQuoted(text, quoted))) : [];
  });
  return [...new Set(found)].filter((one) => /[a-z]/i.test(one) && (one.includes(' ') || /^[A-Z][a-z]+$/.test(one)));
}
