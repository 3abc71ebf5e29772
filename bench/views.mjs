// What 8 distorted views of each photo gain over the photos alone, as `carafe train --views` measures it.
//   node bench/views.mjs [flowers5|magnetic_tile] [network]     after `npm run build`; features stay in $CARAFE_CACHE
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { carafe, percent, shared, table, temporary } from './run.mjs';

const [wanted, network] = process.argv.slice(2);
const sets = { flowers5: 'flowers5', magnetic_tile: 'magnetic_tile.csv' };
const networks = network ? [network] : ['embedded', join(shared ?? '', 'backbones/mobilenetv2_1.0_224.onnx')];
const distortions = ['--views', '8', '--flip', '--crop', '10', '--scale', '10', '--brightness', '10'];
const cache = process.env.CARAFE_CACHE ?? join(tmpdir(), 'carafe-bench-cache');
const points = (value) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;

if (!shared) console.log('views: skipped, the photos are not here');
else {
  const rows = [];
  for (const [set, source] of Object.entries(sets))
    for (const backbone of networks) {
      if (wanted && wanted !== set) continue;
      const args = ['train', join(shared, 'images', source), '--backbone', backbone, '--out', temporary('views')];
      const { result } = carafe([...args, ...distortions], cache);
      const { evaluation, images, views } = result;
      const { value, low, high } = views.gain;
      rows.push([
        `${set}, ${images.found.toLocaleString('en')}`,
        basename(backbone, '.onnx'),
        percent(evaluation.accuracy.value),
        `${points(value)} (${points(low)} to ${points(high)})`,
        { better: 'better', worse: 'worse', tie: 'a tie' }[views.verdict],
        `${views.seconds.extraction.toFixed(0)} s for ${views.computed.toLocaleString('en')} views`,
        `${views.seconds.fitting.toFixed(1)} s`,
      ]);
      console.error(rows.at(-1).join(' | '));
    }
  const header = ['photos', 'network', 'accuracy with views', 'gain, points (95%)', 'verdict', 'extraction', 'fitting'];
  table('Eight views of each photo', header, rows);
}
