import type { Backbone } from '../../src/backbone/backbone.ts';
import { findStage, type Stage } from '../../src/backbone/stage.ts';
import { type MapTable, tableOf } from '../../src/features/mapTable.ts';
import type { Problem } from '../../src/heads/head.ts';
import { toFloat16 } from '../../src/numerics/float16.ts';
import { Random } from '../../src/numerics/random.ts';
import { GraphBuilder, ownIrVersion, ownOpset } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyPreprocessing } from '../features/tinyBackbone.ts';

/** Channels of the map that enters the last stage, whose height and width are 8. */
export const channels = 4;
export const edge = 8;

/** A network in a moment, with a last stage: maps of 8 x 8 places, then two convolutions on 4 x 4, averaged. */
export function stagedBackbone(width = 8): Backbone {
  const g = new GraphBuilder();
  const random = new Random('staged');
  const normals = (...dims: number[]) => {
    const count = dims.reduce((all, size) => all * size, 1);
    const scale = Math.sqrt(2 / (count / dims[0]));
    return g.floats(
      Float32Array.from({ length: count }, () => scale * random.normal()),
      dims,
    );
  };
  const conv = (input: string, weight: string, stride: number, pad: number) => {
    const pads = [pad, pad, pad, pad];
    return g.node('Relu', [g.node('Conv', [input, weight, normals(width)], { strides: [stride, stride], pads })]);
  };
  const first = g.node('Relu', [g.node('Conv', ['image', normals(channels, 3, 4, 4)], { strides: [4, 4] })]);
  const second = conv(first, normals(width, channels, 3, 3), 2, 1);
  const spatial = conv(second, normals(width, width, 3, 3), 1, 1);
  const features = g.node('Flatten', [g.node('GlobalAveragePool', [spatial])]);
  const { nodes, initializers } = g.graph();
  return {
    name: 'staged',
    hash: 'cafe',
    cut: features,
    preprocessing: tinyPreprocessing,
    network: {
      irVersion: ownIrVersion,
      opsets: new Map([['', ownOpset]]),
      functions: [],
      nodes,
      initializers,
      input: 'image',
      features,
      width,
      spatial: { tensor: spatial, channels: width, layout: 'nchw', skip: 0 },
      maps: [],
      fixedBatch: false,
    },
  };
}

export async function stageOf(backbone: Backbone): Promise<Stage> {
  const stage = await findStage(backbone, openSession);
  if ('reason' in stage) throw new TypeError(stage.reason);
  return stage;
}

/** Maps of photos, [photos, 8, 8, channels], as a table. */
export function mapsOf(photos: number, values: Float32Array): MapTable {
  return tableOf({ type: 'float16', dims: [photos, edge, edge, channels], data: toFloat16(values) });
}

/** Photos of two classes, which an average over the map cannot tell: bright lines that lie or stand. */
export function lines(photos: number, width = 8, seed = 'lines'): Problem {
  const random = new Random(seed);
  const labels = Int32Array.from({ length: photos }, (_, i) => i % 2);
  const values = new Float32Array(photos * edge * edge * channels);
  for (let photo = 0; photo < photos; photo++)
    for (let line = 0; line < 3; line++) {
      const [across, from] = [random.int(edge), random.int(edge - 4)];
      for (let at = from; at < from + 5; at++) {
        const [y, x] = labels[photo] === 0 ? [across, at] : [at, across];
        values[((photo * edge + y) * edge + x) * channels] = 3;
      }
    }
  return {
    features: {
      rows: photos,
      columns: width,
      data: Float32Array.from({ length: photos * width }, () => random.normal()),
    },
    labels,
    classes: 2,
    stage: mapsOf(photos, values),
  };
}
