// What a classifier can be exported as: size, time to open, processor time a prediction, memory, and how far its answers are.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { drawSelfTest } from '../dist/classifier/selfTest.js';
import { dataTypes } from '../dist/onnx/model.js';
import { readModel } from '../dist/onnx/read.js';
import { writeModel } from '../dist/onnx/write.js';
import { carafe, command, median, shared, table, temporary } from './run.mjs';

const perClass = 24;
const runs = 60;
const kinds = [
  ['file', undefined],
  ['file', 'float16'],
  ['file', 'int8'],
  ['fixed', undefined],
  ['fixed', 'int8'],
  ['opencv', undefined],
  ['page', undefined],
  ['page', 'int8'],
];
const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 };

/** Milliseconds to open a network, and of the processor for a photo of its own size. */
async function timed(bytes, { height, width }) {
  const opened = [];
  for (let i = 0; i < 5; i++) {
    const began = process.cpuUsage();
    const session = await InferenceSession.create(bytes, options);
    opened.push(milliseconds(process.cpuUsage(began)));
    if (i < 4) await session.release();
    else {
      const { data } = drawSelfTest(height, width);
      const isBytes = session.inputMetadata[0].type === 'uint8';
      const image = isBytes
        ? new Tensor('uint8', data, [1, height, width, 3])
        : new Tensor('float32', Float32Array.from(data), [1, 3, height, width]);
      for (let warm = 0; warm < 10; warm++) await session.run({ image });
      const start = process.cpuUsage();
      for (let run = 0; run < runs; run++) await session.run({ image });
      const each = milliseconds(process.cpuUsage(start)) / runs;
      await session.release();
      return { opened: median(opened), each };
    }
  }
}

function milliseconds({ user, system }) {
  return (user + system) / 1000;
}

/** The same file with DequantizeLinear in place of Cast and Mul. */
function dequantized(bytes) {
  const model = readModel(bytes, 'int8');
  const scales = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const casts = new Map(model.graph.nodes.filter(({ op }) => op === 'Cast').map((node) => [node.outputs[0], node]));
  const nodes = model.graph.nodes.map((node) => {
    const cast = node.op === 'Mul' && node.inputs[0].endsWith('/whole') ? casts.get(node.inputs[0]) : undefined;
    if (!cast || Number(cast.attributes.get('to').value) !== dataTypes.float32) return node;
    const axis = scales.get(node.inputs[1]).dims.findIndex((size) => size > 1);
    const attributes = new Map([['axis', { kind: 'int', value: axis }]]);
    return { ...node, op: 'DequantizeLinear', inputs: [cast.inputs[0], node.inputs[1]], attributes };
  });
  const initializers = model.graph.initializers.map((tensor) =>
    tensor.name.endsWith('/scale') ? { ...tensor, dims: [Math.max(...tensor.dims)] } : tensor,
  );
  return writeModel({ ...model, graph: { ...model.graph, nodes, initializers } });
}

if (!shared) console.log('export: skipped, the photos are not here');
else {
  const cache = temporary('cache');
  const flowers = join(shared, 'images/flowers5');
  const labels = readdirSync(flowers);
  const list = (name, from) => {
    const rows = labels.flatMap((label) =>
      readdirSync(join(flowers, label))
        .sort()
        .slice(from, from + perClass)
        .map((file) => `${join(flowers, label, file)},${label}`),
    );
    const path = temporary(name);
    writeFileSync(path, `path,label\n${rows.join('\n')}\n`);
    return { path, files: rows.map((row) => row.split(',')[0]) };
  };
  const taught = list('taught.csv', 0);
  const { files: others } = list('others.csv', perClass);
  const seen = temporary('seen');
  mkdirSync(seen);
  for (const [index, file] of others.entries()) symlinkSync(file, join(seen, `${index}.jpg`));
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  for (const [name, backbone] of [
    ['carafe-s', 'embedded'],
    ['MobileNetV2 1.0', join(shared, 'backbones/mobilenetv2_1.0_224.onnx')],
  ]) {
    const out = temporary(name);
    carafe(['train', taught.path, '--out', out, '--backbone', backbone, '--framing', 'crop', '--folds', '2'], cache);
    const classifier = join(out, 'classifier.onnx');
    const { crop } = JSON.parse(readModel(readFileSync(classifier), classifier).metadata.get('carafe.preprocessing'));
    const rows = [];
    for (const [format, weights] of kinds) {
      const target = join(out, `${format}-${weights ?? 'own'}.${format === 'page' ? 'html' : 'onnx'}`);
      const how = ['--format', format, '--out', target, ...(weights ? ['--weights', weights] : [])];
      const { result } = carafe(['export', classifier, ...how, '--photos', seen], cache);
      const { bytes, photos } = result;
      const first = [`\`${format}\``, weights ?? 'as they are', megabytes(bytes)];
      const last = [`${photos.same} of ${photos.photos}`, `${(100 * photos.largest).toFixed(1)}%`];
      if (format === 'page') {
        rows.push([...first, '', '', '', ...last]);
        continue;
      }
      const content = readFileSync(target);
      const { opened, each } = await timed(content, crop);
      const memory = format === 'file' ? megabytes(command(['predict', target, others[0]], cache).peak) : '';
      rows.push([...first, opened.toFixed(0), each.toFixed(1), memory, ...last]);
      if (format === 'file' && weights === 'int8') {
        const other = dequantized(content);
        const slow = await timed(other, crop);
        rows.push([
          '`file`, by DequantizeLinear',
          weights,
          megabytes(other.length),
          slow.opened.toFixed(0),
          slow.each.toFixed(1),
          '',
          '',
          '',
        ]);
      }
    }
    table(
      `${name}: ${others.length} photos of five kinds of flowers that it had not seen`,
      [
        'format',
        'weights',
        'MB',
        'processor ms to open',
        'processor ms a photo',
        'MB of `carafe predict`',
        'same answers',
        'largest difference',
      ],
      rows,
    );
  }
}
