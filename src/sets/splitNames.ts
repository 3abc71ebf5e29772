/** Names of the parts of a split, as people write them: `Training`, `test_set`, `val2017`, `seg_train`, `dev`. */

import type { GivenSplit } from './imageSet.ts';

/** A part of a split; what `eval` means depends on the names beside it. */
type Part = GivenSplit | 'eval' | 'fold';

/** What a name says of a split: the part, and the words beside it that are not about a split (`flowers` of `flowers_test`). */
export interface PartName {
  readonly part: Part;
  readonly rest: string;
}

const partWords: Readonly<Record<Part, readonly string[]>> = {
  train: [
    ...[
      'train',
      'trains',
      'trained',
      'training',
      'trainings',
      'trn',
      'trng',
      'trainval',
      'trainvalid',
      'trainvalidation',
    ],
    ...['entrainement', 'apprentissage', 'entrenamiento', 'treino', 'treinamento', 'addestramento'],
    ...['lernen', 'learn', 'learning', 'trening', 'opleiding', 'egitim', 'обучение', 'обучающая', 'тренировка', 'tr'],
    ...['训练', '训练集', '訓練', '学習', '학습', '훈련'],
  ],
  val: [
    ...['val', 'vals', 'valid', 'validation', 'validations', 'validate', 'validating', 'vld'],
    ...['dev', 'devel', 'development', 'validierung', 'validacion', 'validacao', 'validazione', '验证', '验证集'],
    ...['validatie', 'walidacja', 'dogrulama', 'валидация', '驗證', '検証', '검증'],
  ],
  test: [
    ...['test', 'tests', 'testing', 'tst', 'holdout', 'heldout'],
    ...['prueba', 'pruebas', 'teste', 'testes', '测试', '测试集', '測試', 'テスト', '테스트'],
    ...['prova', 'provas', 'essai', 'essais', 'teszt', 'тест', 'тестовая', 'тестирование', 'te'],
  ],
  eval: ['eval', 'evals', 'evaluate', 'evaluation', 'evaluations'],
  fold: ['fold', 'folds'],
};

/** Words beside the part that change nothing. */
const neutral = new Set(
  [
    ...['set', 'sets', 'data', 'dataset', 'datasets', 'database', 'file', 'files', 'folder', 'folders', 'dir'],
    ...['image', 'images', 'img', 'imgs', 'photo', 'photos', 'picture', 'pictures', 'pic', 'pics', 'frames'],
    ...[
      'jpg',
      'jpgs',
      'jpeg',
      'jpegs',
      'png',
      'pngs',
      'rgb',
      'class',
      'classes',
      'classification',
      'category',
      'categories',
    ],
    ...['final', 'seg', 'segmented', 'split', 'splits', 'part', 'parts', 'portion', 'subset', 'sub', 'extra', 'main'],
    ...[
      'full',
      'small',
      'large',
      'mini',
      'tiny',
      'all',
      'new',
      'old',
      'v',
      'ver',
      'version',
      'official',
      'public',
      'private',
    ],
    ...['original', 'originals', 'orig', 'raw', 'processed', 'preprocessed', 'cropped', 'resized', 'augmented', 'aug'],
    ...['データ', '数据', '數據', '資料', '데이터', '集', 'данные'],
    ...['daten', 'bilder', 'fotos', 'datos', 'imagenes', 'donnees', 'dados', 'imagens', 'dati', 'immagini'],
    ...['clean', 'cleaned', 'labeled', 'labelled', 'online', 'offline', 'my', 'the', 'of', 'for', 'and'],
  ].map(plain),
);

const words = new Map<string, Part>();
for (const part of ['train', 'val', 'test', 'eval', 'fold'] as const)
  for (const word of partWords[part]) words.set(plain(word), part);

/** `testset`, `traindata`, `xtrain`: a part and a neutral word without anything between them. */
const joined = new RegExp(
  `^(?:${[...neutral].join('|')}|x|y)?(${[...words.keys()].sort((a, b) => b.length - a.length).join('|')})(?:${[...neutral].join('|')})?$`,
);

/** A name without accents, however they are stored. */
function plain(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '');
}

/** The words of a name in lower case, without digits, accents and single letters: `Final_TrainSet2` is final, train, set. */
function wordsOf(name: string): string[] {
  return plain(name)
    .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
    .replace(
      /(?<=\p{Script=Latin})(?=\p{L})(?!\p{Script=Latin})|(?<=\p{L})(?<!\p{Script=Latin})(?=\p{Script=Latin})/gu,
      ' ',
    )
    .toLowerCase()
    .replace(/\b(hold|held)[\s_-]?out/g, '$1out')
    .split(/[^\p{L}]+/u)
    .filter((word) => word.length > 1);
}

/** The part of a split that a name says, if it says one. */
export function partNamed(name: string): PartName | undefined {
  const parts = new Set<Part>();
  const rest: string[] = [];
  for (const word of wordsOf(name)) {
    const part = words.get(word) ?? words.get(joined.exec(word)?.[1] ?? '');
    if (part) parts.add(part);
    else if (!neutral.has(word)) rest.push(word);
  }
  if (parts.size === 2 && parts.has('train') && parts.has('val')) parts.delete('val');
  const [part] = parts;
  return parts.size === 1 && part ? { part, rest: rest.join(' ') } : undefined;
}

/** Whether a name says only that there are photos, or folders: `images`, `Dataset`, `classes`; not `class1`, `data 2`. */
export function saysNothing(name: string): boolean {
  const all = wordsOf(name);
  return all.length > 0 && !/\d/.test(name) && all.every((word) => neutral.has(word) && word !== 'class');
}

const maskFolder = /^ground[\s_-]?truths?$/i;

/** Whether a folder beside classes holds something else: masks of defects, or a few photos of each class to look at. */
export function isBesideClasses(name: string): boolean {
  const all = wordsOf(name);
  const isSample = all.some((word) => /^(samples?|examples?)$/.test(word));
  return maskFolder.test(name) || (isSample && (/^[_.]/.test(name) || all.some((word) => neutral.has(word))));
}

const aside =
  /^_?_?(docs?|documentation|figures?|plots?|readme|annotations?|labels?|masks?|metadata|results?|outputs?|runs?|weights|models?|notebooks?|scripts?|assignment)(?=$|[\s_-])/i;

/** Whether a folder beside one that holds the set is likely none of its classes. */
export function isAside(name: string): boolean {
  return isBesideClasses(name) || aside.test(name);
}

/**
 * What the names of a split's parts mean together. `eval` is a part to test on where there is one to validate on and none
 * to test on, else one to validate on.
 * @returns the side of each name; undefined for a name that says none
 */
export function sidesOf(names: Iterable<string>): Map<string, GivenSplit | undefined> {
  const parts = new Map(Array.from(names, (name) => [name, partNamed(name)?.part]));
  const all = new Set(parts.values());
  const evaluation = all.has('val') && !all.has('test') ? 'test' : 'val';
  return new Map(
    Array.from(parts, ([name, part]) => [name, part === 'eval' ? evaluation : part === 'fold' ? undefined : part]),
  );
}
