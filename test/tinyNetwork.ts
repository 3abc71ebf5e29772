import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Random } from '../src/numerics/random.ts';
import { GraphBuilder } from '../src/onnx/builder.ts';
import { writeModel } from '../src/onnx/write.ts';

const edge = 48;
const filters = 16;
const channels = 48;

/**
 * A network file for tests in which the embedded network is not the point, `--backbone` of which is the path given; it
 * looks at a photo in a third of a millisecond. Edges in eight directions, random combinations of them, averaged: enough
 * to tell drawn shapes better than chance. Gone after the tests of the file.
 */
export function tinyNetworkFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carafe-tiny-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'tiny.onnx');
  const size = { height: edge, width: edge };
  writeFileSync(file, tinyNetwork());
  const preprocessing = { size: { shortest_edge: edge }, crop_size: size, resample: 2, rescale_factor: 1 / 255 };
  writeFileSync(
    file.replace('.onnx', '.json'),
    JSON.stringify({ ...preprocessing, image_mean: [0.5, 0.5, 0.5], image_std: [0.25, 0.25, 0.25] }),
  );
  return file;
}

function tinyNetwork(): Uint8Array {
  const g = new GraphBuilder();
  const random = new Random('tiny network');
  const normals = (count: number, scale: number) => Float32Array.from({ length: count }, () => scale * random.normal());
  const image = g.input('image', 'float32', ['N', 3, edge, edge]);
  const edges = g.node('Conv', [image, g.floats(gabors(), [filters, 3, 7, 7])], {
    strides: [2, 2],
    pads: [3, 3, 3, 3],
  });
  const energy = g.node('Abs', [edges]);
  const mixing = g.floats(normals(channels * filters * 25, 0.05), [channels, filters, 5, 5]);
  const map = g.node('Relu', [g.node('Conv', [energy, mixing], { strides: [2, 2] })]);
  const pooled = g.node('Flatten', [g.node('GlobalAveragePool', [map])]);
  const scores = g.node('Gemm', [pooled, g.floats(normals(channels * 10, 0.1), [channels, 10])]);
  g.output(scores, 'float32', ['N', 10], 'logits');
  return writeModel(g.model({}));
}

/** Edges and lines of brightness in eight directions, [filters, 3, 7, 7]. */
function gabors(): Float32Array {
  return Float32Array.from({ length: filters * 3 * 49 }, (_, at) => {
    const [filter, x, y] = [Math.floor(at / 147), (at % 7) - 3, Math.floor((at % 49) / 7) - 3];
    const angle = ((filter % 8) * Math.PI) / 8;
    const across = x * Math.cos(angle) + y * Math.sin(angle);
    const wave = filter < 8 ? Math.sin(1.2 * across) : Math.cos(1.2 * across) - 0.25;
    return (wave * Math.exp(-(x * x + y * y) / 8)) / 6;
  });
}
