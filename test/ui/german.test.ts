import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { type PhotoProblem, problemKinds } from '../../src/doctor/photoProblems.ts';
import type { Kind, Shortcut } from '../../src/doctor/shortcut.ts';
import { shortcutSentence } from '../../src/doctor/shortcutWords.ts';
import { classVerdict } from '../../src/doctor/verdict.ts';
import { german as exportedPage } from '../../src/export/german.ts';
import { english as exported } from '../../src/export/words.ts';
import { problem, shortcut } from '../../src/review/found.de.ts';
import { german as doctorPage } from '../../src/review/german.ts';
import { english as outlook } from '../../src/review/outlookWords.ts';
import { english as panel } from '../../src/review/panelWords.ts';
import { english as doctor } from '../../src/review/words.ts';
import { german as studioPage } from '../../src/studio/german.ts';
import { english as studio } from '../../src/studio/texts.ts';
import { verdict } from '../../src/studio/verdict.de.ts';
import { english as common } from '../../src/ui/common.ts';
import type { Table, Text } from '../../src/ui/translation.ts';
import { result } from '../report/fixture.ts';
import { templatesIn } from './templates.ts';

const pages = [
  ['the studio', studioPage, { common, panel, studio }],
  ['the doctor', doctorPage, { common, panel, doctor, outlook }],
  ['an exported page', exportedPage, { exported }],
] as const;
/** The same word in both languages. */
const alike = new Set(['F1', 'Heatmap', 'Normal', 'Label']);

test.each(pages)(
  '%s has every text in German, with the same values in it',
  (_, german, tables: Record<string, Table>) => {
    expect(Object.keys(german.tables).sort()).toEqual(Object.keys(tables).sort());
    for (const [name, english] of Object.entries(tables)) {
      const other: Table = german.tables[name] ?? {};
      expect(Object.keys(other).sort()).toEqual(Object.keys(english).sort());
      for (const [key, text] of Object.entries(english)) {
        expect([key, valuesIn(other[key] ?? '')]).toEqual([key, valuesIn(text)]);
        if (/[a-z]{3}/i.test(String(text).replace(/\{\w+\}/g, '')) && !alike.has(String(text)))
          expect([key, other[key]]).not.toEqual([key, text]);
      }
    }
  },
);

function valuesIn(text: Text): string[] {
  const forms = typeof text === 'string' ? [text] : text;
  return [...new Set(forms.flatMap((form) => form.match(/\{\w+\}/g) ?? []))].sort();
}

/** Figures of a sentence, whichever language wrote them. */
function figuresIn(sentence: string): string[] {
  return (sentence.replace(/(\d),(?=\d)/g, '$1.').match(/−?\d+(\.\d+)?/g) ?? []).filter((one) => one !== '95');
}

test.each([
  ['better', {}],
  ['with weak classes', { perClass: 60, wrong: 0.5 }],
  ['unclear', { wrong: 0.85, perClass: 8 }],
  ['of one class alone', { perClass: 3 }, 1],
])('a verdict says the same figures in German: %s', (_, wanted, classes = 5) => {
  const drawn = result(wanted);
  const evaluation = { ...drawn.evaluation, perClass: drawn.evaluation.perClass.slice(0, classes) };
  const said = { ...drawn, evaluation, verdict: classVerdict(evaluation) };
  const german = verdict(said);
  expect(figuresIn(german)).toEqual(figuresIn(said.verdict.sentence));
  expect(german).not.toMatch(/\b(the|than|of|photos?|found)\b/);
});

test.each([
  ['a series', 0, ['a', 'b'], /sehen gleich aus/],
  ['copies', 4000, undefined, /gleichen Testfotos/],
])('a verdict of answers that %s may have given away says so in German', (_, leaks, series, words) => {
  const drawn = result({ wrong: 0.1 });
  const labels = series && drawn.classes.map(({ label }) => label);
  const situation = { classes: drawn.classes, balance: false, backbone: 'another', leaks, series: labels };
  const german = verdict({
    ...drawn,
    duplicates: { ...drawn.duplicates, series: labels && { labels, sentence: '' } },
    split: { ...drawn.split, leaks },
    verdict: classVerdict(drawn.evaluation, situation),
  });
  expect(german).toMatch(words);
  expect(german).toMatch(/vielleicht nicht bei neuen Fotos/);
});

test.each(problemKinds)('a photo that hurts is told in German: %s', (what) => {
  for (const figure of what === 'unreadable' ? [null] : what === 'turned' ? [90, 180, 270] : [0.2, 40]) {
    const found: PhotoProblem = { path: 'a.jpg', label: 'a', what, figure, sentence: '' };
    expect(problem(found, 'die Datei ist leer')).toMatch(/^[A-ZÜ].*[.]$/);
  }
});

const values: Readonly<Record<Shortcut['what'], readonly (string | number | null)[]>> = {
  size: ['120 x 80', '640 x 480'],
  shape: [0.75, 1.5],
  format: ['png', 'jpeg'],
  quality: [75, null],
  camera: ['Lumix', null],
  brightness: [0.25, 0.75],
  colour: ['grey', 'in colour'],
  border: ['white', null],
  pattern: [1, 0],
  hour: [9, null],
};

test.each(Object.entries(values))('a shortcut is told in German with its figures: %s', (name, [one, other]) => {
  const [what] = Object.keys(values).flatMap((each) => (each === name ? [each as Shortcut['what']] : []));
  if (!what || one === undefined || other === undefined) throw new TypeError(name);
  for (const [kind, label] of [
    ['classes', undefined],
    ['classes', 'rose'],
    ['labels', 'rose'],
  ] as const satisfies readonly (readonly [Kind, string | undefined])[]) {
    const usual = [
      { name: 'rose', value: one },
      { name: label === undefined ? 'tulip' : null, value: other },
    ];
    const known = { what, label, accuracy: { value: 0.934, low: 0.9, high: 0.95 }, usual };
    const sentence = shortcutSentence(known, kind);
    const german = shortcut({ ...known, baseline: 0.5, sentence, shownBy: [] }, kind);
    expect(figuresIn(german)).toEqual(figuresIn(sentence));
    expect(german).not.toMatch(/\b(the|of|photos?|class|is|or)\b/);
  }
});

/** Files whose errors and stages the studio may show. */
const told = [
  ...globSync('src/studio/*.{ts,tsx}', { ignore: ['**/*.de.ts', '**/texts.ts', '**/static.node.ts'] }),
  ...['errors', 'images/preprocessingConfig', 'onnx/mistaken', 'onnx/read', 'runtime/session', 'classifier/answering'],
  ...[
    'classifier/card',
    'classifier/file',
    'classifier/make',
    'backbone/cut',
    'backbone/cutErrors',
    'backbone/imageInput',
  ],
  ...['backbone/probe', 'backbone/resolve.web', 'sets/imageList', 'sets/imageSet', 'sets/listColumns', 'sets/listJson'],
  ...[
    'sets/listText',
    'features/allFailed',
    'features/extractionRun',
    'features/looks',
    'split/makeSplit',
    'runs/frame',
  ],
  ...[
    'runs/train',
    'runs/trainOneClass',
    'runtime/files.node',
    'export/export',
    'export/noSmaller',
    'export/forms',
    'export/prove',
  ],
].map((path) => (path.startsWith('src/') ? path : `src/${path}.ts`));
/** What only options of the command or the library bring about, or is told elsewhere than in the page. */
const untold = [
  /^The studio cannot listen|^another program uses it|`port: 0`|^Choose another folder\.$|^Choose another place, or free/,
  /`folds: |^Give a whole number|`budget`|Use it with `head: 'auto'`|^Leave one of them out|four times/,
  /`encoding: |^Use one such as utf-8|names the column|the name of one of these columns|`minPhotos: 2` to leave out/,
  /^\{0\} has been released|release it after the last photo|^Choose `(format|weights): |^Leave `weights` out/,
];

test('all errors and stages that the studio may show are there in German, and no others', () => {
  const sources = told.map((path) => readFileSync(path, 'utf8'));
  const templates = sources.flatMap(templatesIn).filter((one) => !untold.some((pattern) => pattern.test(one)));
  const { messages } = studioPage;
  expect([...new Set(templates)].filter((template) => messages[template] === undefined)).toEqual([]);
  const placesIn = (text: string) => [...new Set(text.match(/\{\d+\}/g))].sort();
  const all = sources.join('\n').replaceAll('\\', '');
  for (const [template, text] of Object.entries(messages)) {
    // A value may be left out, never invented.
    expect(placesIn(template)).toEqual(expect.arrayContaining(placesIn(text)));
    expect([template, templates.includes(template) || all.includes(template)]).toEqual([template, true]);
  }
});
