// What bad photos cost: points of accuracy on held-out photos, each changed in one way, as `carafe train --robustness` prints
// them. After `npm run build`:
//   node bench/robustness.mjs [embedded|mobilenetv2_1.0_224,...] [set,...]

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { carafe, percent, shared, table, temporary } from './run.mjs';

const [networks = 'mobilenetv2_1.0_224', names = 'flowers5'] = process.argv.slice(2);

if (!shared) console.log('robustness: skipped, the photos are not here');
else
  for (const network of networks.split(','))
    for (const name of names.split(',')) {
      const backbone = network === 'embedded' ? network : join(shared, `backbones/${network}.onnx`);
      const words = ['train', join(shared, 'images', name), '--backbone', backbone, '--out', temporary('out')];
      const cache = process.env.CARAFE_CACHE ?? join(tmpdir(), 'carafe-bench-cache');
      const { robustness } = carafe([...words, '--robustness'], cache).result;
      const points = (value) => (100 * value).toFixed(1);
      table(
        `${name} on ${network}: ${robustness.photos} held-out photos, ${percent(robustness.accuracy)} correct as they are`,
        ['photos that are', 'points lost', '95% interval'],
        robustness.losses.map(({ corruption, lost }) => [
          corruption,
          points(lost.value),
          `${points(lost.low)} to ${points(lost.high)}`,
        ]),
      );
    }
