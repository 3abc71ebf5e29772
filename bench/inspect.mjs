// A network of 100 MB, drawn here: inspected with its cut, and cut and tried out as training does.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GraphBuilder } from '../dist/onnx/builder.js';
import { carafe, median, table, temporary } from './run.mjs';

/** ResNet-50 (He et al. 2016, table 1) with its batch norms folded away: 25.5 million parameters, drawn. */
function resnet50() {
  const builder = new GraphBuilder();
  let state = 1;
  const weights = (dims) => {
    const count = dims.reduce((product, size) => product * size, 1);
    const scale = Math.sqrt(6 / (count / dims[0]));
    const draw = () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return (state / 2 ** 31) * scale;
    };
    return builder.floats(Float32Array.from({ length: count }, draw), dims);
  };
  const convolve = (x, from, to, kernel, stride) => {
    const pad = (kernel - 1) / 2;
    const attributes = { strides: [stride, stride], pads: [pad, pad, pad, pad] };
    return builder.node(
      'Conv',
      [x, weights([to, from, kernel, kernel]), builder.floats(new Float32Array(to), [to])],
      attributes,
    );
  };
  const relu = (x) => builder.node('Relu', [x]);
  let x = relu(convolve(builder.input('image', 'float32', ['N', 3, 224, 224]), 3, 64, 7, 2));
  x = builder.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  for (const [stage, blocks] of [3, 4, 6, 3].entries())
    for (let block = 0; block < blocks; block++) {
      const width = 64 * 2 ** stage;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const narrow = relu(convolve(x, channels, width, 1, 1));
      const wide = convolve(relu(convolve(narrow, width, width, 3, stride)), width, width * 4, 1, 1);
      const shortcut = block === 0 ? convolve(x, channels, width * 4, 1, stride) : x;
      // Halved, so that drawn weights do not grow from block to block.
      x = builder.node('Mul', [relu(builder.node('Add', [wide, shortcut])), builder.floats(0.5)]);
      channels = width * 4;
    }
  const pooled = builder.node('Flatten', [builder.node('GlobalAveragePool', [x])]);
  builder.output(builder.node('Gemm', [pooled, weights([channels, 1000])]), 'float32', ['N', 1000], 'logits');
  return builder.bytes();
}

const file = temporary('drawn-resnet50.onnx');
const bytes = resnet50();
writeFileSync(file, bytes);
writeFileSync(
  file.replace('.onnx', '.json'),
  JSON.stringify({
    size: { shortest_edge: 256 },
    crop_size: 224,
    do_center_crop: true,
    resample: 2,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  }),
);

/** Cuts the network as training does, with the run that tries the cut, in a process of its own. */
function cut() {
  const peak = temporary('peak');
  const program = `
    import { resolveBackbone } from ${JSON.stringify(new URL('../dist/backbone/resolve.node.js', import.meta.url).href)};
    import { openSession } from ${JSON.stringify(new URL('../dist/runtime/platform.node.js', import.meta.url).href)};
    const { network } = await resolveBackbone(${JSON.stringify(file)}, { openSession, modelFolder: 'none' });
    console.log(network.width);`;
  const began = performance.now();
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', fileURLToPath(new URL('peak.mjs', import.meta.url)), '--input-type=module', '--eval', program],
    { env: { ...process.env, CARAFE_PEAK: peak }, encoding: 'utf8' },
  );
  if (stdout.trim() !== '2048') throw new Error(`the cut gave ${stdout}${stderr}`);
  return { seconds: (performance.now() - began) / 1000, peak: Number(readFileSync(peak, 'utf8').split(' ')[0]) };
}

const runs = (measure) => {
  const all = Array.from({ length: 5 }, measure);
  return [median(all.map(({ seconds }) => seconds)), Math.max(...all.map(({ peak }) => peak))];
};
const row = (name, [seconds, peak]) => [name, `${seconds.toFixed(2)} s`, `${Math.round(peak / 1e6)} MB`];
table(
  `A network of ${Math.round(bytes.length / 1e6)} MB (ResNet-50, drawn), whole process, median of 5`,
  ['', 'seconds', 'peak memory'],
  [
    row(
      '`carafe inspect`, with its cut',
      runs(() => carafe(['inspect', file], temporary('inspect-cache'))),
    ),
    row('cut, and tried on two images, as `carafe train` does', runs(cut)),
  ],
);
