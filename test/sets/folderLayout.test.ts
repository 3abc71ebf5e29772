import { describe, expect, test } from 'vitest';
import { CarafeError } from '../../src/errors.ts';
import { folderLayout, type LayoutOptions } from '../../src/sets/folderLayout.ts';

/** Label, and side where the set names one, of each path, in the order of the paths. */
function brief(paths: readonly string[], options: LayoutOptions = {}): string[] {
  const { items } = folderLayout(paths, options);
  const found = new Map(
    items.map(({ path, labels, split, group }) => [
      path,
      [labels.join('+'), split, group].filter((part) => part !== undefined).join(' | '),
    ]),
  );
  return paths.map((path) => found.get(path) ?? '-');
}

function refusal(paths: readonly string[], options: LayoutOptions = {}): string {
  try {
    folderLayout(paths, { source: 'photos', ...options });
  } catch (error) {
    if (error instanceof CarafeError) return `${error.code} ${error.what} ${error.hint}`;
    throw error;
  }
  return 'not refused';
}

/** Two class folders in each of these folders. */
const each = (...folders: string[]) => folders.flatMap((folder) => [`${folder}/cat/1.jpg`, `${folder}/dog/2.jpg`]);

describe('classes', () => {
  test('the same folders in every class are noticed, unless they are fewer than two, or not in all', () => {
    const repeated = (paths: string[], options: LayoutOptions = {}) => folderLayout(paths, options).repeated;
    expect(repeated(each('Lektion A', 'Lektion B'))).toEqual(['cat', 'dog']);
    expect(repeated(each('set/Lektion A', 'set/Lektion B'))).toEqual(['cat', 'dog']);
    expect(repeated(each('Lektion A', 'Lektion B'), { asClasses: true })).toEqual([]);
    expect(repeated(each('train', 'test'))).toEqual([]);
    expect(repeated([...each('Lektion A', 'Lektion B'), 'Lektion B/cow/3.jpg'])).toEqual([]);
    expect(repeated(['cat/2024/1.jpg', 'dog/2024/2.jpg'])).toEqual([]);
  });

  test('classes that hold only other folders, none of the same name in all, may be sets of their own', () => {
    const nested = (paths: string[], options: LayoutOptions = {}) => folderLayout(paths, options).nested;
    const sets = ['pets/cat/1.jpg', 'pets/dog/2.jpg', 'flowers/rose/3.jpg', 'flowers/tulip/4.jpg'];
    expect(nested(sets)).toEqual(['pets/cat', 'pets/dog', 'flowers/rose', 'flowers/tulip']);
    expect(nested(sets, { asClasses: true })).toEqual([]);
    expect(nested([...sets, 'pets/5.jpg'])).toEqual([]);
    expect(nested([...sets, 'fungi/old/5.jpg'])).toEqual([]);
    expect(nested(each('Lektion A', 'Lektion B'))).toEqual([]);
  });

  test('the first folder is the class, verbatim, whatever lies below it', () => {
    expect(brief(['C++/a.jpg', 'C#/b.jpg', 'c/2024/may/c.jpg', ' c/d.jpg', 'Rosé/e.jpg'])).toEqual([
      'C++',
      'C#',
      'c',
      ' c',
      'Rosé',
    ]);
  });

  test.each([
    ['one name of a split alone is a class', ['test/1.jpg', 'control/2.jpg'], ['test', 'control']],
    ['the same with folders inside', ['train/steam/1.jpg', 'bus/2.jpg', 'car/3.jpg'], ['train', 'bus', 'car']],
    ['dev beside others', ['dev/1.jpg', 'prod/2.jpg'], ['dev', 'prod']],
    ['eval beside others', ['eval/a/1.jpg', 'debug/b/2.jpg'], ['eval', 'debug']],
    ['valid and invalid', ['valid/1.jpg', 'invalid/2.jpg'], ['valid', 'invalid']],
    ['training beside resting', ['training/1.jpg', 'resting/2.jpg'], ['training', 'resting']],
    [
      'compounds among many',
      ['train station/1.jpg', 'test tube/2.jpg', 'a/3.jpg', 'b/4.jpg', 'c/5.jpg'],
      ['train station', 'test tube', 'a', 'b', 'c'],
    ],
    ['steam trains and freight trains', ['steam train/1.jpg', 'freight train/2.jpg'], ['steam train', 'freight train']],
    ['masks are a class', ['mask/1.jpg', 'no mask/2.jpg'], ['mask', 'no mask']],
    ['samples without more are a class', ['sample/1.jpg', 'control/2.jpg'], ['sample', 'control']],
    ['a fold alone', ['fold/1.jpg', 'tear/2.jpg'], ['fold', 'tear']],
    [
      'folders with the same folders inside',
      ['cat/day/1.jpg', 'cat/night/2.jpg', 'dog/day/3.jpg'],
      ['cat', 'cat', 'dog'],
    ],
  ])('%s', (_, paths, labels) => {
    expect(brief(paths)).toEqual(labels);
  });

  test('photos outside every class folder are told, not used', () => {
    expect(folderLayout(['a/1.jpg', '2.jpg']).unlabelled).toEqual(['2.jpg']);
    expect(folderLayout(['train/a/1.jpg', 'test/2.jpg']).unlabelled).toEqual(['test/2.jpg']);
  });

  test('samples and masks beside classes are passed over, and told', () => {
    const paths = ['cat/1.jpg', 'dog/2.jpg', '_sample_images/3.jpg', '_sample_images/4.jpg', 'ground_truth/5.png'];
    expect(brief(paths)).toEqual(['cat', 'dog', '-', '-', '-']);
    expect(folderLayout(paths).passedOver).toEqual([
      { path: '_sample_images', photos: 2 },
      { path: 'ground_truth', photos: 1 },
    ]);
    expect(brief(paths, { asClasses: true })).toEqual([
      'cat',
      'dog',
      '_sample_images',
      '_sample_images',
      'ground_truth',
    ]);
  });

  test('groups are the first parentheses, or the match; what does not match has none', () => {
    expect(brief(['a/exp1_n2.jpg', 'a/x.jpg'], { groupBy: /exp(\d+)/u })).toEqual(['a | 1', 'a']);
    expect(brief(['a/exp1_n2.jpg'], { groupBy: /exp\d+/u })).toEqual(['a | exp1']);
  });
});

describe('a split by folders', () => {
  test.each([
    ...['train test', 'Train VAL Test', 'train valid', 'train validation test', 'training testing', 'Training Testing'],
    ...['training_set test_set', 'train_set val_set', 'train-set test-set', 'trainset testset', 'TrainSet TestSet'],
    ...['train_data test_data', 'traindata testdata', 'train2017 val2017', 'train1 test1', 'train_1 test_1'],
    ...['seg_train seg_test', 'Final_Training Final_Test', 'training_images test_images', 'TrainImages TestImages'],
    ...['train dev', 'train dev test', 'train eval', 'train holdout', 'train hold_out', 'train held-out', 'trn tst'],
    ...['trains tests', 'train (1) test (1)', '01_train 02_test', 'flowers_train flowers_test', 'trainval test'],
    ...['train_labeled test_labeled', 'my train photos/my test photos', 'X_train X_test', 'xtrain xtest'],
    ...[
      'Trainingsdaten Testdaten',
      'Lernen Test',
      'tr te',
      'тренировка тест',
      '훈련 테스트',
      '学習データ テストデータ',
    ],
    ...['写真train 写真test', 'train集 test集', 'обучение валидация', 'Trainingsbilder Testbilder'],
    ...['entrenamiento prueba', 'Training Validierung', 'treino teste', '训练集 测试集'],
  ])('%s', (names) => {
    const [first, ...others] =
      names.includes('/') || names.includes('(') ? names.split(/(?<=\))\s|\//) : names.split(' ');
    const sides = brief(each(first, ...others));
    expect(sides.slice(0, 2)).toEqual(['cat | train', 'dog | train']);
    for (const side of sides.slice(2)) expect(side).toMatch(/^(cat|dog) \| (val|test)$/);
  });

  test.each([
    ['eval is validation beside a test', ['train', 'test', 'eval'], ['train', 'test', 'val']],
    ['eval is the test beside a validation', ['train', 'val', 'evaluation'], ['train', 'val', 'test']],
    ['two folders of a side', ['train', 'train_extra', 'test'], ['train', 'train', 'test']],
    ['a name is understood by itself, not by its stem', ['train', 'test', 'flowers_test'], ['train', 'test', '-']],
  ])('%s', (_, folders, sides) => {
    expect(brief(folders.map((folder) => `${folder}/cat/1.jpg`))).toEqual(
      sides.map((side) => (side === '-' ? '-' : `cat | ${side}`)),
    );
  });

  test.each([
    ['a picture at the top', ['train/a/1.jpg', 'test/a/2.jpg', 'samples.png'], ['a | train', 'a | test', '-']],
    ['a picture inside a part', ['train/a/1.jpg', 'train/plot.png', 'test/a/2.jpg'], ['a | train', '-', 'a | test']],
    ['a folder of documents', ['train/a/1.jpg', 'test/a/2.jpg', 'docs/3.png'], ['a | train', 'a | test', '-']],
    ['anything else', ['train/a/1.jpg', 'test/a/2.jpg', 'bus/3.jpg'], ['a | train', 'a | test', '-']],
    ['a copy of the set', ['train/a/1.jpg', 'test/a/2.jpg', 'set/train/a/1.jpg'], ['a | train', 'a | test', '-']],
    [
      'photos to predict',
      [...each('seg_train/seg_train', 'seg_test/seg_test'), 'seg_pred/seg_pred/1.jpg'],
      ['cat | train', 'dog | train', 'cat | test', 'dog | test', '-'],
    ],
    ['a test part without classes', ['train/a/1.jpg', 'train/b/2.jpg', 'test/3.jpg'], ['a | train', 'b | train', '-']],
    [
      'masks',
      ['train/good/1.jpg', 'test/good/2.jpg', 'test/crack/3.jpg', 'ground_truth/crack/3.png'],
      ['good | train', 'good | test', 'crack | test', '-'],
    ],
    [
      'masks inside a part',
      ['train/good/1.jpg', 'test/bad/2.jpg', 'test/ground_truth/2.png'],
      ['good | train', 'bad | test', '-'],
    ],
  ])('%s does not belong to it', (_, paths, expected) => {
    expect(brief(paths)).toEqual(expected);
    const { unlabelled, passedOver } = folderLayout(paths);
    const told = unlabelled.length + passedOver.reduce((sum, { photos }) => sum + photos, 0);
    expect(told).toBe(expected.filter((one) => one === '-').length);
  });

  test.each([
    ['a folder of the same name', each('training_set/training_set', 'test_set/test_set')],
    ['a part of another spelling', each('Training/train', 'Testing/test')],
    ['images', each('train/images', 'test/images')],
    ['two of them', each('Final_Training/Images/train', 'Final_Test/Images/test')],
    ['different depths', each('train/train', 'test')],
    ['a folder around both', each('archive/Training', 'archive/Testing')],
    ['images around both', [...each('images/train', 'images/val')]],
    ['several folders around both', each('a/b/c/train', 'a/b/c/test')],
  ])('%s is looked through', (_, paths) => {
    expect(brief(paths).map((side) => side.split(' | ')[0])).toEqual(['cat', 'dog', 'cat', 'dog']);
    expect(new Set(brief(paths).map((side) => side.split(' | ')[1])).size).toBe(2);
  });

  test('a single folder that may be a class is one', () => {
    expect(brief(['train/class0/1.jpg', 'train/class1/2.jpg', 'test/class0/3.jpg'])).toEqual([
      'class0 | train',
      'class1 | train',
      'class0 | test',
    ]);
    expect(brief(['train/good/1.jpg', 'test/good/2.jpg'])).toEqual(['good | train', 'good | test']);
  });

  test('it may lie inside each class', () => {
    const paths = ['cat/train/1.jpg', 'cat/test/2.jpg', 'dog/Training/3.jpg', 'dog/Testing/4.jpg', 'cat/5.jpg'];
    expect(brief(paths)).toEqual(['cat | train', 'cat | test', 'dog | train', 'dog | test', '-']);
    expect(brief(['cat/train/1.jpg', 'cat/side/2.jpg', 'dog/test/3.jpg'])).toEqual(['cat', 'cat', 'dog']);
  });

  test('it can be ignored: all its photos are taken together', () => {
    expect(brief(each('Training', 'Testing'), { ignoreSplit: true })).toEqual(['cat', 'dog', 'cat', 'dog']);
    expect(brief(each('val', 'test'), { ignoreSplit: true })).toEqual(['cat', 'dog', 'cat', 'dog']);
    expect(brief(each('fold1', 'fold2', 'fold3'), { ignoreSplit: true }).slice(4)).toEqual(['cat', 'dog']);
    expect(brief(['cat/train/1.jpg', 'dog/train/2.jpg', 'dog/test/3.jpg'], { ignoreSplit: true })).toEqual([
      'cat',
      'dog',
      'dog',
    ]);
  });

  test('asClasses takes the names as they are', () => {
    expect(brief(each('train', 'test'), { asClasses: true })).toEqual(['train', 'train', 'test', 'test']);
    expect(brief(['train/1.jpg', 'test/2.jpg'], { asClasses: true })).toEqual(['train', 'test']);
  });

  test('classes that are known are found, whatever they are called', () => {
    expect(brief(each('train', 'test'), { known: ['train', 'test'] })).toEqual(['train', 'train', 'test', 'test']);
    expect(brief(['cat/day/1.jpg', 'cat/night/2.jpg'], { known: ['cat', 'dog'] })).toEqual(['cat', 'cat']);
    expect(brief(each('train', 'test'), { known: ['cat', 'dog'] })[0]).toBe('cat | train');
  });
});

describe('parts of a split never become classes', () => {
  test.each([
    [
      'photos in them',
      ['train/1.jpg', 'test/2.jpg'],
      /'train', 'test' in photos look like the parts of a split, not like classes, and 'train' contains photos directly/,
    ],
    [
      'photos in them, as in detection sets',
      ['images/train2017/1.jpg', 'images/val2017/2.jpg'],
      /in photos\/images look like .* 'train2017' contains photos directly.*object detection/,
    ],
    [
      'images in each',
      ['train/images/1.jpg', 'test/images/2.jpg', 'valid/images/3.jpg'],
      /'train', 'test', 'valid' .* 'train' contains photos directly/,
    ],
    ['classes to test on alone', ['train/1.jpg', 'test/a/2.jpg'], /'train' contains photos directly/],
    ['no part to train on', each('val', 'test'), /'val', 'test' .*Rename the part to train on to 'train'/],
    ['dev and test', each('dev', 'test'), /'dev', 'test'/],
    ['folds', each('fold_1', 'fold_2', 'fold_3'), /'fold_1', 'fold_2', 'fold_3'.*`ignoreSplit`/],
    [
      'other words in one',
      each('train', 'flowers_test'),
      /'train', 'flowers_test'.*Rename them to train, val and test/,
    ],
    ['other words in both', each('train_day', 'test_night'), /'train_day', 'test_night'/],
    [
      'classes in their names',
      ['train_cat/1.jpg', 'train_dog/2.jpg', 'test_cat/3.jpg', 'test_dog/4.jpg'],
      /'train_cat', 'train_dog', 'test_cat', 'test_dog'/,
    ],
    [
      'photos in them and a folder beside',
      ['train/1.jpg', 'test/2.jpg', 'docs/3.jpg', 'x/4.jpg', 'y/5.jpg', 'z/6.jpg'],
      /'train', 'test' in photos/,
    ],
  ])('%s', (_, paths, expected) => {
    const said = refusal(paths);
    expect(said).toMatch(/^USAGE /);
    expect(said).toMatch(expected);
    expect(said).toContain('`asClasses`');
  });
});

describe('one folder too high', () => {
  test.each([
    ['one', ['flowers/a/1.jpg', 'flowers/b/2.jpg'], ['a', 'b'], 'flowers'],
    ['two', ['deep/2024/a/1.jpg', 'deep/2024/b/2.jpg'], ['a', 'b'], 'deep/2024'],
    ['with a picture beside', ['flowers/a/1.jpg', 'flowers/b/2.jpg', '3.jpg'], ['a', 'b', '-'], 'flowers'],
    ['the part to train on alone', ['train/a/1.jpg', 'train/b/2.jpg'], ['a', 'b'], 'train'],
    ['images beside samples', ['images/a/1.jpg', 'images/b/2.jpg', 'sample_images/3.jpg'], ['a', 'b', '-'], 'images'],
    [
      'the part to train on beside documents',
      ['train/a/1.jpg', 'train/b/2.jpg', 'docs/3.jpg'],
      ['a', 'b', '-'],
      'train',
    ],
    ['a split two folders down', ['x/y/train/a/1.jpg', 'x/y/test/a/2.jpg'], ['a | train', 'a | test'], 'x/y'],
  ])('%s', (_, paths, labels, inside) => {
    expect(brief(paths)).toEqual(labels);
    expect(folderLayout(paths).inside).toBe(inside);
  });

  test('one class stays one class', () => {
    expect(brief(['a/1.jpg', 'a/2.jpg'])).toEqual(['a', 'a']);
    expect(brief(['a/in/1.jpg', 'a/2.jpg'])).toEqual(['a', 'a']);
    expect(folderLayout(['a/1.jpg']).inside).toBeUndefined();
  });
});

test('100,000 photos are read quickly enough', () => {
  const paths = Array.from({ length: 100_000 }, (_, i) => `train/class${i % 500}/in/${i}.jpg`);
  expect(folderLayout([...paths, 'test/class0/x.jpg']).items.length).toBe(100_001);
});
