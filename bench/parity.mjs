// One photo, four ways to its probabilities: what training judged, `carafe predict`, and the file alone in both
// runtimes, fed with fully decoded pixels. The 200 photos are held out of training.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as node from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import sharp from 'sharp';
import { carafe, median, percent, shared, table, temporary } from './run.mjs';

const count = 200;

if (!shared) console.log('parity: skipped, the photos are not here');
else {
  const rows = [];
  for (const [name, network] of [
    ['`carafe-s` (embedded)', 'embedded'],
    ['MobileNetV2 1.0', join(shared, 'backbones/mobilenetv2_1.0_224.onnx')],
  ])
    rows.push(...(await compare(network)).map((row) => [name, ...row]));
  table(
    `The same answer everywhere: ${count} photos of flowers5`,
    ['backbone', 'compared', 'same top class', 'median difference', 'largest difference'],
    rows,
  );
}

async function compare(network) {
  const set = join(shared, 'images/flowers5');
  const out = temporary('parity');
  const cache = temporary('parity-cache');
  const { result } = carafe(['train', set, '--backbone', network, '--out', out], cache);
  const judged = result.evaluation.photos;
  const chosen = Array.from({ length: count }, (_, i) => judged[Math.floor((i * judged.length) / count)]);
  const labels = result.classes.map(({ label }) => label);
  const inOrder = (classes) => labels.map((label) => classes.find((one) => one.label === label).probability);

  const files = chosen.map(({ path }) => join(set, path));
  const file = join(out, 'classifier.onnx');
  const predicted = carafe(['predict', file, ...files, '--top', String(labels.length)], cache).result.predictions;
  const ways = {
    judged: chosen.map(({ classes }) => inOrder(classes)),
    predict: predicted.map(({ classes }) => inOrder(classes)),
  };
  ways.node = [];
  ways.web = [];
  const bytes = readFileSync(file);
  const inNode = await node.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const inWeb = await web.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  for (const photo of files) {
    const { data, info } = await sharp(photo)
      .autoOrient()
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const dims = [1, info.height, info.width, 3];
    const pixels = new Uint8Array(data);
    ways.node.push([...(await inNode.run({ image: new node.Tensor('uint8', pixels, dims) })).probabilities.data]);
    ways.web.push([...(await inWeb.run({ image: new web.Tensor('uint8', pixels, dims) })).probabilities.data]);
  }
  await Promise.all([inNode.release(), inWeb.release()]);
  return [
    ['`carafe predict`, the file alone', ...apart(ways.predict, ways.node)],
    ['the file in Node, in onnxruntime-web', ...apart(ways.node, ways.web)],
    ['judged in training, `carafe predict`', ...apart(ways.judged, ways.predict)],
  ];
}

/** Share of equal top classes; median and largest absolute difference of all probabilities. */
function apart(one, other) {
  const top = (values) => values.indexOf(Math.max(...values));
  const same = one.filter((values, i) => top(values) === top(other[i])).length / one.length;
  const differences = one.flatMap((values, i) => values.map((value, c) => Math.abs(value - other[i][c])));
  return [percent(same), median(differences).toExponential(1), Math.max(...differences).toExponential(1)];
}
