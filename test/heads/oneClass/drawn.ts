import type { Inputs, MapTable } from '../../../src/features/mapTable.ts';
import { mapRows, tableOf } from '../../../src/features/mapTable.ts';
import type { OneClassContext } from '../../../src/heads/oneClass/oneClassHead.ts';
import { Random } from '../../../src/numerics/random.ts';
import { gather } from '../../../src/numerics/rows.ts';
import { GraphBuilder } from '../../../src/onnx/builder.ts';
import { dataTypes } from '../../../src/onnx/model.ts';
import { openSession } from '../../../src/runtime/platform.node.ts';
import { expectTensor, float32, type Matrix } from '../../../src/runtime/platform.ts';
import { context } from '../drawn.ts';

export const oneClassContext: OneClassContext = { ...context, memoryLimit: 1e8 };

/** Where an abnormal photo is abnormal: the place of a 2 x 2 spot on the shallow map. */
export interface Spot {
  readonly y: number;
  readonly x: number;
}

/**
 * Photos whose features and maps are noise about a pattern; those from `normal` on have a spot of other values on both
 * maps, 12 x 8 and 6 x 4 places, and features to match.
 */
export async function drawnPhotos(
  normal = 40,
  abnormal = 12,
  seed = 'photos',
): Promise<Inputs & { features: Matrix; spots: Spot[] }> {
  const random = new Random(seed);
  const rows = normal + abnormal;
  const columns = 10;
  const features = { rows, columns, data: Float32Array.from({ length: rows * columns }, () => 3 + random.normal()) };
  for (let row = normal; row < rows; row++) for (let d = 0; d < 3; d++) features.data[row * columns + d] += 6;
  const spots = Array.from({ length: abnormal }, () => ({ y: 2 * random.int(6), x: 2 * random.int(4) }));
  const draw = (height: number, width: number, channels: number, step: number) => {
    const pattern = Float32Array.from({ length: channels }, () => 2 + random.normal());
    const data = Float32Array.from(
      { length: rows * height * width * channels },
      (_, at) => pattern[at % channels] + 0.3 * random.normal(),
    );
    for (const [k, spot] of spots.entries())
      for (let y = spot.y / step; y < (spot.y + 2) / step; y++)
        for (let x = spot.x / step; x < (spot.x + 2) / step; x++)
          for (let c = 0; c < channels; c += 2) data[(((normal + k) * height + y) * width + x) * channels + c] -= 4;
    return halves(data, [rows, height, width, channels]);
  };
  return { features, maps: [await draw(12, 8, 6, 1), await draw(6, 4, 9, 2)], spots };
}

/** Values as a table of float16. */
async function halves(data: Float32Array, dims: readonly number[]): Promise<MapTable> {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', ...dims.slice(1)]);
  g.output(g.node('Cast', [x], { to: dataTypes.float16 }), 'float16', ['n', ...dims.slice(1)], 'y');
  const session = await openSession(g.bytes());
  const { y } = await session.run({ x: float32(data, ...dims) });
  await session.release();
  return tableOf(expectTensor(y, 'float16'));
}

/** Some photos of the inputs, in the given order. */
export async function chosenPhotos({ features, maps = [] }: Inputs, rows: readonly number[]): Promise<Inputs> {
  return {
    features: gather(features, rows),
    maps: await Promise.all(maps.map(async (table) => tableOf(expectTensor(await mapRows(table, rows), 'float16')))),
  };
}
