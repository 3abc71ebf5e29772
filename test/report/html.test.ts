import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeText, html, raw } from '../../src/report/html.ts';
import { elementsOf, readText } from './markup.ts';

describe('html', () => {
  test.each([
    ['text', html`<p>${'<b>&"\''}</p>`, '<p>&lt;b&gt;&amp;&quot;&#39;</p>'],
    ['attributes', html`<p title="${'" onclick="x'}">a</p>`, '<p title="&quot; onclick=&quot;x">a</p>'],
    ['markup', html`<p>${html`<b>${'<'}</b>`}</p>`, '<p><b>&lt;</b></p>'],
    ['lists', html`<p>${['<', html`<i>x</i>`, 2]}</p>`, '<p>&lt;<i>x</i>2</p>'],
    ['nothing', html`<p class="a${false}${undefined}">${false}</p>`, '<p class="a"></p>'],
    ['numbers in styles', html`<i style="--share:${0.5}"></i>`, '<i style="--share:0.5"></i>'],
    ['our own text in an address', html`<img src="${raw('data:,x')}">`, '<img src="data:,x">'],
    ['control characters', html`<p>${'a\0b\u009fc\ud800d\te'}</p>`, '<p>a\ufffdb\ufffdc\ufffdd\te</p>'],
  ])('%s', (_, markup, expected) => {
    expect(markup.toString()).toBe(expected);
  });

  test.each([
    ['a label in an address', () => html`<a href="${'javascript:alert(1)'}">x</a>`],
    ['a label in a style', () => html`<i style="color:${'red;background:url(x)'}"></i>`],
    ['a label in a handler', () => html`<i onclick="${'alert(1)'}"></i>`],
    ['no quotes', () => html`<i class=${'x'}></i>`],
    ['an attribute as a value', () => html`<i ${'x'}></i>`],
    ['a tag name as a value', () => html`<${'x'}>`],
    ['a script', () => html`<script>${'x'}</script>`],
    ['a style sheet', () => html`<style>${'x'}</style>`],
    ['markup in an attribute', () => html`<i title="${html`<b></b>`}"></i>`],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(TypeError);
  });

  test('text comes back as it went in, and stays text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const elements = elementsOf(html`<p title="${text}">${text}</p>`.toString());
        expect(elements).toHaveLength(1);
        expect(readText(elements[0]!.text)).toBe(readText(escapeText(text)));
        expect(readText(elements[0]!.attributes.get('title')!)).toBe(readText(escapeText(text)));
      }),
    );
  });

  test('escaping keeps every character but control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'`= /aß🌻ش') }), (text) => {
        expect(readText(escapeText(text))).toBe(text);
      }),
    );
  });
});
