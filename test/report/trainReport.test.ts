import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textOf as terminalText } from '../../src/cli/text/trained.ts';
import { picturesFor } from '../../src/report/pictures.ts';
import { trainReport } from '../../src/report/trainReport.ts';
import type { TrainResult } from '../../src/results/trainResult.ts';
import { flowers, hostile, result, type Wanted } from './fixture.ts';
import { elementsOf, readText, textOf } from './markup.ts';

const webp = new Uint8Array([82, 73, 70, 70]);

/** The same four bytes as everybody's picture: these tests never look at one. */
function anyPicture(of: TrainResult): Map<string, Uint8Array> {
  return new Map(of.evaluation.photos.map(({ path }) => [path, webp]));
}

function report(wanted?: Wanted) {
  const run = result(wanted);
  return { run, ...read(trainReport(run, anyPicture(run))) };
}

function read(page: string) {
  const elements = elementsOf(page);
  return { page, elements, text: textOf(page) };
}

/** The photos named in the panel of a cell, pictured or not. */
function pathsIn(page: string, id: string): readonly string[] {
  const panel = page.split('<section class="pair').find((part) => part.includes(`id="${id}"`)) ?? '';
  return [...panel.matchAll(/<bdi dir="ltr">(.*?)<\/bdi><\/span>/g)].map(([, path]) =>
    readText(path!.replace(/<\/?bdi>/g, '')),
  );
}

describe('the page', () => {
  const { run, page, elements, text } = report();

  test('has its parts in order', () => {
    const outline = elements.flatMap(({ name, text: own }) => (name === 'h1' || name === 'h2' ? [own] : []));
    expect(outline).toEqual([
      ': 5 classes, 700 photos',
      'What gets mistaken for what',
      'The worst mistakes',
      'When it says 80%, is it right 80% of the time?',
      'Class by class',
      'If one answer is not sure enough',
      'None of these',
      'The photos',
      'How this was measured',
      'Make it again',
    ]);
  });

  test('forbids every request and carries neither script nor address', () => {
    const policy = elements.find(({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy');
    expect(readText(policy!.attributes.get('content')!)).toBe(
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    );
    expect(elements.map(({ name }) => name)).not.toContain('script');
    expect(page).not.toMatch(/https?:|url\(|@import/);
    const addresses = elements.flatMap(({ attributes }) => ['href', 'src'].flatMap((key) => attributes.get(key) ?? []));
    expect(addresses.filter((address) => !/^(#|data:)/.test(address))).toEqual([]);
  });

  test('draws the interval where it lies', () => {
    const { value, low, high } = run.evaluation.accuracy;
    const round = (fraction: number) => `${Math.round(fraction * 1e4) / 100}%`;
    const mark = elements.find(({ attributes }) => attributes.get('class') === 'mark')!;
    const band = elements.find(({ attributes, name }) => name === 'rect' && attributes.get('class') === 'band')!;
    expect(mark.attributes.get('x1')).toBe(round(value));
    expect(band.attributes.get('x')).toBe(round(low));
    expect(band.attributes.get('width')).toBe(round(high - low));
  });

  test('says in words what was measured', () => {
    expect(text).toContain('classified correctly');
    expect(text).toContain('It learned from 560 photos and was tested once, at the end, on 140 other photos');
    expect(text).toContain('The classifier in the file is the one that was tested.');
    expect(text).toContain(run.split.reason);
    expect(text).toContain(run.evaluation.method);
    expect(text).toContain(run.again);
    expect(text).toContain('differ by 1.8 points; before calibration it was 7.4 points');
  });

  test('every cell opens the photos behind it, right answers too', () => {
    const { labels, counts = [] } = run.evaluation.confusion;
    expect(counts).toHaveLength(labels.length);
    for (const [truth, row] of counts.entries())
      for (const [answer, count] of row.entries()) {
        const expected = run.evaluation.photos.filter(
          ({ label, predicted }) => label === labels[truth] && predicted === labels[answer],
        );
        const id = `pair-${truth}-${answer}`;
        expect(page.includes(`href="#${id}"`)).toBe(count > 0);
        expect([...pathsIn(page, id)].sort()).toEqual(expected.map(({ path }) => path).sort());
      }
  });

  test('every link within the page leads somewhere', () => {
    const ids = new Set(elements.map(({ attributes }) => attributes.get('id')));
    const links = elements.filter(({ name }) => name === 'a').map(({ attributes }) => attributes.get('href')!.slice(1));
    expect(links.filter((link) => !ids.has(link))).toEqual([]);
  });

  test('tables say which way their headings point, pictures have words', () => {
    expect(elements.filter(({ name, attributes }) => name === 'th' && !attributes.has('scope'))).toEqual([]);
    const images = elements.filter(({ name }) => name === 'img');
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter(({ attributes }) => !attributes.get('alt')?.startsWith('Photo '))).toEqual([]);
    const drawings = elements.filter(({ name }) => name === 'svg');
    expect(drawings.filter(({ attributes: a }) => !a.has('aria-label') && !a.has('aria-hidden'))).toEqual([]);
  });

  test('cards tell the probabilities of the answer and of the truth', () => {
    const worst = run.evaluation.mistakes[0]!;
    const card = page.split('<figure class="card">')[1]!;
    expect(card).toContain(`alt="Photo ${worst.path}"`);
    expect(card).toMatch(new RegExp(`<li class="wrong"><span><bdi class="name">${worst.predicted}<`));
    expect(card).toMatch(new RegExp(`<li class="right"><span><bdi class="name">${worst.label}<`));
    expect(card).toContain(`<b>${Math.round(worst.probability * 100)}%</b>`);
  });
});

describe('other runs', () => {
  test('where photos are too few to show the limit of what is unknown, it says so, and how many would be enough', () => {
    const said = 'photos of other things may well be missed';
    const { text } = report();
    expect(text).toContain(said);
    expect(text).toContain('from about 2,500 on, it is measured');
    expect(report({ perClass: 120 }).text).not.toContain(said);
  });

  test('no mistake at all', () => {
    const { text, elements } = report({ labels: ['cat', 'dog'], wrong: 0 });
    expect(text).toContain('There are none: all 59 photos were classified correctly.');
    expect(text).toContain('100% of photos it had not seen');
    expect(elements.filter(({ attributes }) => attributes.get('class') === 'miss')).toEqual([]);
  });

  test('repeated folds', () => {
    const { text } = report({ folds: 5, repeats: 3 });
    expect(text).toContain('the 140 photos were divided into 5 parts');
    expect(text).toContain('3 times, each time with fresh parts');
    expect(text).toContain('Every photo was tested 3 times. Here it counts once');
    expect(text).toContain('trained once more, with the same settings, on all 140 photos');
  });

  test('a cell that only a later repeat filled is no link', () => {
    const run = result({ labels: ['cat', 'dog'], wrong: 0, folds: 5, repeats: 2 });
    run.evaluation.confusion.cells.push({ truth: 0, predicted: 1, count: 1 });
    expect(trainReport(run, new Map())).toMatch(/<td class="miss"[^>]*>1<\/td>/);
  });

  test('without thumbnails photos are listed by name', () => {
    const run = result();
    const { page, elements, text } = read(trainReport(run, new Map()));
    expect(elements.filter(({ name }) => name === 'img')).toEqual([]);
    expect(text).toContain('140 photos without a small picture are listed by name, too.');
    expect(pathsIn(page, 'pair-0-0').length).toBe(run.evaluation.confusion.counts?.[0]?.[0]);
  });

  test('at most 400 pictures, and the page says what it left out', () => {
    const pair = (i: number) => [`daisy/${1000 + i * 37}_photo.jpg`, `daisy/${1000 + (i + 1) * 37}_photo.jpg`];
    const duplicates = Array.from({ length: 15 }, (_, i) => pair(i));
    const { run, elements, page, text } = report({ perClass: 200, duplicates });
    expect(elements.filter(({ name }) => name === 'img')).toHaveLength(400);
    const inPanels = page.split('<div class="pairs">')[1]!.split('id="mistakes"')[0]!.match(/<img /g)!.length;
    expect(text).toContain(
      `mistakes first; ${run.evaluation.photos.length - inPanels} other photos are listed by name.`,
    );
    expect(text).toContain('3 more groups, by name');
    const wanted = picturesFor(run);
    expect(wanted.size).toBeLessThanOrEqual(400);
    expect(run.evaluation.mistakes.filter(({ path }) => !wanted.has(path))).toEqual([]);
    expect(trainReport(run, new Map([...wanted].map((path) => [path, webp]))).match(/<img /g)).toHaveLength(400);
  });

  test('100 classes: the most confused are drawn, all are listed, every photo can be reached', () => {
    const labels = Array.from({ length: 100 }, (_, i) => `species ${i}`);
    const { run, page, elements, text } = report({ labels, perClass: 12, wrong: 0.3 });
    expect(text).toContain('The table shows the 12 of 100 classes that are most often mixed up.');
    const matrix = page.split('<table class="matrix">')[1]!.split('</table>')[0]!;
    expect(matrix.match(/<tr>/g)).toHaveLength(13);
    const { mistakes, confusion } = run.evaluation;
    const most = Math.max(...confusion.cells.map(({ truth, predicted, count }) => (truth === predicted ? 0 : count)));
    expect(matrix).toContain(`>${most}</a>`);
    const hrefs = new Set(elements.flatMap(({ attributes }) => attributes.get('href') ?? []));
    for (const { path, label, predicted } of mistakes) {
      const id = `pair-${labels.indexOf(label)}-${labels.indexOf(predicted)}`;
      expect(hrefs.has(`#${id}`)).toBe(true);
      expect(pathsIn(page, id)).toContain(path);
    }
    for (const truth of labels.keys()) expect(page).toContain(`id="class-${truth}"`);
  });

  test('photos that failed: by reason with examples, and whole', () => {
    const failed = Array.from({ length: 5 }, (_, i) => ({
      path: `a/${i}.jpg`,
      code: 'EMPTY',
      reason: 'The file is empty.',
    }));
    const { page, text } = report({
      failed: [...failed, { path: 'b.txt', code: 'NOT_AN_IMAGE', reason: 'No image.' }],
    });
    expect(text).toContain('6 photos could not be read and were left out.');
    const reasons = page.split('<ul class="reasons">')[1]!.split('</ul>')[0]!;
    expect(textOf(reasons)).toBe('5 The file is empty. a/0.jpg, a/1.jpg, a/2.jpg, …1 No image. b.txt');
    const whole = page.split('All 6, by name')[1]!.split('</ul>')[0]!;
    expect(whole.match(/<li>/g)).toHaveLength(6);
  });

  test('a split of the user that leaks is said first, and nothing claims otherwise', () => {
    const duplicates = [['daisy/1000_photo.jpg', 'daisy/1037_photo.jpg']];
    const { text, page } = report({ leaks: 1, duplicates });
    expect(page.split('<ul class="notes"')[1]).toMatch(/^[^<]*<li>1 photo it learned from is equal or nearly equal to/);
    expect(text).toContain('The figures on this page are too good.');
    expect(text).not.toMatch(/kept on one side|stayed on the same side|Carafe kept them/);
    expect(report({ duplicates }).text).toMatch(/kept on one side.*Carafe kept them.*stayed on the same side/);
  });

  test('a reliability curve from few photos is dots alone, and called rough', () => {
    const few = report({ perClass: 30 });
    const enough = report({ perClass: 80 });
    expect(few.page).not.toMatch(/<path class="line (first|second)"/);
    expect(few.text).toContain('These figures are rough. A dot stands for only about 10 photos');
    expect(enough.page.match(/<path class="line (first|second)"/g)).toHaveLength(2);
    expect(enough.text).not.toContain('rough');
  });

  test('the same photo under two labels stands with both', () => {
    const [rose, tulip] = ['roses/1000_photo.jpg', 'tulips/1000_photo.jpg'];
    const conflict = [
      { path: rose, label: 'roses' },
      { path: tulip, label: 'tulips' },
    ];
    const { page } = report({ conflicts: [conflict] });
    expect(page).toContain('Nearly the same photo is labelled <strong><bdi class="name">roses</bdi></strong> and');
    const section = page.split('id="conflicts"')[1]!;
    expect(section.indexOf(`alt="Photo ${rose}"`)).toBeGreaterThan(0);
    expect(section.indexOf(`alt="Photo ${tulip}"`)).toBeGreaterThan(0);
  });
});

test('a figure without groups that is lower says why, where copies have other labels', () => {
  const [rose, tulip] = ['roses', 'tulips'].map((label) => ({ path: `${label}/1000_photo.jpg`, label }));
  const withoutGroups = { value: 0.1, low: 0.05, high: 0.2 };
  const why = 'since copies under other labels mislead it';
  for (const conflicts of [[], [[rose!, tulip!]]]) {
    const run = { ...result({ conflicts }), withoutGroups };
    expect(read(trainReport(run, new Map())).text.includes(why)).toBe(conflicts.length > 0);
    expect(terminalText(run).includes(why)).toBe(conflicts.length > 0);
  }
});

describe('hostile names', () => {
  /** A name that means nothing in markup, of the same length and kind. */
  const tame = (text: string) =>
    text.replace(/[\0-\u02ff]/g, (c) => (c === '/' ? c : 'x')).replace(/[^\0-\u02ff]/gu, 'ж');

  function shape(labels: readonly string[], rename: (text: string) => string) {
    const own = labels.map((label, i) => `${i}${rename(label)}`);
    const failed = own.map((label) => ({ path: label, code: 'BROKEN', reason: label }));
    const conflicts = [own.map((label) => ({ path: `${label}/1000_photo.jpg`, label }))];
    const run = result({ labels: own, perClass: 5, wrong: 0.4, failed, conflicts });
    const named = { ...run, again: own.join(' '), backbone: { ...run.backbone, name: own[0]!, licence: own[1]! } };
    named.images.source = own[0]!;
    return elementsOf(trainReport(named, anyPicture(named))).map(({ name, attributes }) =>
      [
        name,
        ...[...attributes].map(([key, value]) =>
          /^(title|alt|content|aria-label)$/.test(key) ? key : `${key}=${value}`,
        ),
      ].join(' '),
    );
  }

  test('change nothing but text', () => {
    expect(shape(hostile, (label) => label)).toEqual(shape(hostile, tame));
  });

  test('whatever they are', () => {
    const label = fc.string({
      unit: fc.constantFrom(...'<>&"\'`=/ -!ax\0\n\u202e🌻ش\ud800'),
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 4 }), (labels) => {
        expect(shape(labels, (text) => text)).toEqual(shape(labels, tame));
      }),
      { numRuns: 40 },
    );
  });

  test('that are names of object members count like any other', () => {
    const labels = ['__proto__', 'constructor', 'toString'];
    const { page, text } = report({ labels });
    const plain = report({ labels: flowers.slice(0, 3) });
    expect(page.match(/<td class="hit"/g)).toHaveLength(3);
    expect(text.match(/\d+/g)).toEqual(plain.text.match(/\d+/g));
  });
});

test('the learning curve and what views gained have sections of their own', () => {
  const { text, elements } = report({ more: true });
  const headings = elements.flatMap(({ name, text: own }) => (name === 'h2' ? [own] : []));
  expect(headings).toEqual(
    expect.arrayContaining(['Would more photos help?', 'What to photograph next', 'What did the views do?']),
  );
  expect(text).toContain(
    'Yes: with 960 photos, twice as many, accuracy would rise by about 2.1 points (95% interval 0.4 to 3.0)',
  );
  expect(text).toContain('8 views of it were trained on: mirrored every other time, cropped by 10%, brightened');
  expect(text).toContain('accuracy changed by 1.2 points (95% interval −0.4 points to 3.0 points)');
  expect(report().text).not.toContain('Would more photos help?');
});
