// Grocery Store (Klasson et al., WACV 2019; github.com/marcusklasson/GroceryStoreDataset, MIT): Carafe beside the published
// figures, on the set's own split. `train` learns from its training and validation parts (2,936 photos), which choose the settings,
// and answers once for the test part (2,485): 81 fine classes, 43 coarse ones.
//   node bench/grocery.mjs FOLDER [--network NAME] [-- TRAIN OPTIONS]     FOLDER: where dataset/ lies
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { carafe, shared, table, temporary, withInterval } from './run.mjs';

// As the paper's table states them (arXiv 1901.00711): a frozen network's features with a linear support vector machine, and
// the best network that was fine-tuned.
const published = [
  ['AlexNet, frozen, SVM', '65.0%', ''],
  ['VGG16, frozen, SVM', '57.3%', ''],
  ['DenseNet-169, frozen, SVM', '72.5%', '85.2%'],
  ['DenseNet-169, fine-tuned, SVM', '85.0%', ''],
  ['DenseNet-201, fine-tuned', '86.0%', '92.0%'],
];

const { positionals, values } = parseArgs({ allowPositionals: true, options: { network: { type: 'string' } } });
const [folder, ...options] = positionals;
const dataset = folder && resolve(folder, 'dataset');
if (!dataset || !shared)
  console.log('skipped: give the folder of GroceryStoreDataset; ../shared/data has the networks');
else if (!existsSync(join(dataset, 'train.txt'))) throw new Error(`There is no ${join(dataset, 'train.txt')}.`);
else measure();

function measure() {
  const cache = process.env.CARAFE_CACHE ?? temporary('grocery-cache');
  const networks = values.network ? [values.network] : ['mobilenetv2_1.0_224', 'embedded'];
  const rows = networks.map((name) => {
    const network = name === 'embedded' ? name : join(shared, `backbones/${name}.onnx`);
    const figures = ['fine', 'coarse'].map((kind) => {
      const args = ['train', list(kind), '--backbone', network, '--out', temporary(`grocery-${kind}`), ...options];
      const { evaluation } = carafe(args, cache).result;
      if (evaluation.perClass.reduce((sum, { support }) => sum + support, 0) !== 2485)
        throw new Error('the test part is not the published one');
      return withInterval(evaluation.accuracy);
    });
    return [`Carafe, ${name}, ${options.length > 0 ? options.join(' ') : 'frozen'}`, ...figures];
  });
  table('Grocery Store, its own split', ['', 'fine, 81 classes', 'coarse, 43 classes'], [...rows, ...published]);
}

/** The set as a list of Carafe's, with one kind of label. */
function list(kind) {
  const names = new Map(
    lines('classes.csv')
      .slice(1)
      .map(([fine, id, coarse]) => [id, kind === 'fine' ? fine : coarse]),
  );
  const photos = ['train', 'val', 'test'].flatMap((part) =>
    lines(`${part}.txt`).map(([path, id]) => [join(dataset, path), names.get(id), part === 'test' ? 'test' : 'train']),
  );
  const path = temporary(`grocery-${kind}.csv`);
  const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;
  writeFileSync(path, ['path,label,split', ...photos.map((row) => row.map(quoted).join())].join('\n'));
  return path;
}

function lines(name) {
  const text = readFileSync(join(dataset, name), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()));
}
