/** Resize, crop and normalisation as ONNX nodes. */

import type { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import type { Frame, Kernel, Preprocessing, Resize } from './preprocessing.ts';

/**
 * Adds the frames of a preprocessing: uint8 [N, H, W, 3] of any height and width -> float32 [L * N, h, w, 3], look after
 * look, whole numbers 0..255. The same as decodePhoto and crop do to a photo; a photo that has its target size already
 * passes unchanged, bit for bit.
 */
export function addFrames(builder: GraphBuilder, image: string, preprocessing: Preprocessing): string {
  const { looks = [], kernel, crop } = preprocessing;
  const frames = [preprocessing, ...looks].map((frame) => addResize(builder, image, { ...frame, kernel, crop }));
  return frames.length > 1 ? builder.node('Concat', frames, { axis: 0 }) : frames[0];
}

/** Adds the mean over looks: float32 [L * N, D], look after look -> [N, D]. */
export function addMeanOfLooks(
  builder: GraphBuilder,
  features: string,
  width: number,
  { looks = [] }: Pick<Preprocessing, 'looks'>,
): string {
  if (looks.length === 0) return features;
  const apart = builder.node('Reshape', [features, builder.ints([looks.length + 1, -1, width])]);
  return builder.node(
    'ReduceSum',
    [builder.node('Mul', [apart, builder.floats(1 / (looks.length + 1))]), builder.ints([0])],
    {
      keepdims: 0,
    },
  );
}

/**
 * Adds the resize, the centre crop and the mirroring of one frame: uint8 [N, H, W, 3] -> float32 [N, h, w, 3].
 *
 * The resize is two matrix products, rows [h, H] and columns [W, w], whose weights the graph computes from H and W:
 * only the rows that the crop keeps, so that no size but H and W is free. Every operator has the same form in all
 * opsets from 13 on.
 */
export function addResize(
  builder: GraphBuilder,
  image: string,
  { resize, mirror, kernel, crop }: Frame & Pick<Preprocessing, 'kernel' | 'crop'>,
): string {
  const shape = builder.node('Shape', [image]);
  const from = {
    height: builder.node('Gather', [shape, builder.ints(1)]),
    width: builder.node('Gather', [shape, builder.ints(2)]),
  };
  const weights = (edge: 'height' | 'width'): string => {
    const isMirrored = mirror === true && edge === 'width';
    const least = resize.rule === 'contain' ? 0 : resize.rule === 'squash' ? resize[edge] : resize.size;
    const [to, kept] = [addTarget(builder, from, edge, resize), crop[edge]];
    return addWeights(builder, { from: from[edge], to, kept, kernel, padded: kept > least, mirrored: isMirrored });
  };
  // [N, H, W * 3] from the left by [h, H]; then all rows of all planes, [N, h * 3, W], from the right by [W, w]: a product for
  // each row would prepare the weights anew, and take ten times as long.
  const flat = toFloat(builder, builder.node('Reshape', [image, builder.ints([0, 0, -1])]));
  const rows = builder.node('MatMul', [weights('height'), flat]);
  const pixels = builder.node('Reshape', [rows, builder.ints([0, crop.height, -1, 3])]);
  const planes = builder.node('Transpose', [pixels], { perm: [0, 1, 3, 2] });
  const lines = builder.node('Reshape', [planes, builder.ints([0, crop.height * 3, -1])]);
  const columns = builder.node('Transpose', [weights('width')], { perm: [1, 0] });
  const products = builder.node('MatMul', [lines, columns]);
  const resized = builder.node('Reshape', [products, builder.ints([0, crop.height, 3, crop.width])]);
  const whole = builder.node('Round', [builder.node('Transpose', [resized], { perm: [0, 1, 3, 2] })]);
  return builder.node('Clip', [whole, builder.floats(0), builder.floats(255)]);
}

/** An edge's length after resizing, int64; as targetSize.ts has it. */
function addTarget(
  builder: GraphBuilder,
  from: { readonly height: string; readonly width: string },
  edge: 'height' | 'width',
  resize: Resize,
): string {
  if (resize.rule === 'squash') return builder.ints(resize[edge]);
  const node = (op: string, ...inputs: string[]): string => builder.node(op, inputs);
  if (resize.rule === 'shortest-edge')
    return node('Div', node('Mul', from[edge], builder.ints(resize.size)), node('Min', from.height, from.width));
  const other = edge === 'height' ? 'width' : 'height';
  const twice = node('Add', node('Mul', from[edge], builder.ints(2 * resize[other])), from[other]);
  const kept = node('Div', twice, node('Mul', from[other], builder.ints(2)));
  return node('Min', node('Max', kept, builder.ints(1)), builder.ints(resize[edge]));
}

interface Edge {
  /** Names of int64 scalars: the length before and after resizing. */
  readonly from: string;
  readonly to: string;
  /** The length that the crop keeps. */
  readonly kept: number;
  readonly kernel: Kernel;
  /** Whether the crop may be longer than the resized edge; what lies outside is black. */
  readonly padded: boolean;
  readonly mirrored: boolean;
}

/** Weights [kept, from] of one edge, float32; each row sums to 1, or is 0 where it lies outside the photo. */
function addWeights(builder: GraphBuilder, { from, to, kept, kernel, padded, mirrored }: Edge): string {
  const node = (op: string, ...inputs: string[]): string => builder.node(op, inputs);
  const number = (value: number): string => builder.floats(value);
  const length = toFloat(builder, from);
  const target = toFloat(builder, to);
  const offset = node('Floor', node('Mul', node('Sub', target, number(kept)), number(0.5)));
  const places = mirrored ? count(kept).reverse() : count(kept);
  const place = node('Add', builder.floats(places, [kept, 1]), offset);
  // The product is exact in float32, so the quotient is as near as it can be.
  const centre = node('Div', node('Mul', node('Add', place, number(0.5)), length), target);
  const pixel = node('Range', number(0), length, number(1));
  if (kernel === 'nearest') return toFloat(builder, node('Equal', node('Floor', centre), pixel));

  const stretch = node('Max', node('Div', length, target), number(1));
  const distance = node('Abs', node('Div', node('Sub', node('Add', pixel, number(0.5)), centre), stretch));
  const raw = kernelGraph[kernel](distance, node, number);
  const normal = node('Div', raw, builder.node('ReduceSum', [raw, builder.ints([1])], { keepdims: 1 }));
  if (!padded) return normal;
  const inside = node(
    'And',
    node('Greater', place, number(-0.5)),
    node('Less', place, node('Sub', target, number(0.5))),
  );
  return node('Where', inside, normal, number(0));
}

type AddNode = (op: string, ...inputs: string[]) => string;

/** Kernels of the distance t >= 0, as in resize.ts. */
const kernelGraph: Record<
  Exclude<Kernel, 'nearest'>,
  (t: string, node: AddNode, number: (value: number) => string) => string
> = {
  bilinear: (t, node, number) => node('Relu', node('Sub', number(1), t)),
  bicubic(distance, node, number) {
    const t = node('Min', distance, number(2));
    const square = node('Mul', t, t);
    const near = node('Add', node('Mul', node('Sub', node('Mul', t, number(1.5)), number(2.5)), square), number(1));
    const inner = node('Add', node('Mul', node('Sub', t, number(5)), t), number(8));
    const far = node('Mul', node('Sub', node('Mul', inner, t), number(4)), number(-0.5));
    return node('Where', node('Less', t, number(1)), near, far);
  },
  lanczos3(distance, node, number) {
    // sinc(t) sinc(t / 3) = 3 sin(pi t) sin(pi t / 3) / (pi t)^2; next to 0 the quotient is 1 to float32.
    const t = node('Max', node('Min', distance, number(3)), number(1e-4));
    const angle = node('Mul', t, number(Math.PI));
    const sines = node('Mul', node('Sin', angle), node('Sin', node('Div', angle, number(3))));
    return node('Div', node('Mul', sines, number(3)), node('Mul', angle, angle));
  },
};

/**
 * Adds what stands between pixels and network: (pixel * scale - mean) / std, channel order, layout and element type.
 * @param pixels uint8 or float32 [N, h, w, 3], RGB, 0..255
 * @returns the network's input: [N, 3, h, w] or [N, h, w, 3], of the type `input` (for uint8, not normalised)
 */
export function addNormalize(builder: GraphBuilder, pixels: string, preprocessing: Preprocessing): string {
  const { scale, mean, std, channels, layout, input } = preprocessing;
  const bgr = channels === 'bgr';
  const ordered = bgr ? builder.node('Gather', [pixels, builder.ints([2, 1, 0])], { axis: 3 }) : pixels;
  const nchw = layout === 'nchw';
  const laid = nchw ? builder.node('Transpose', [ordered], { perm: [0, 3, 1, 2] }) : ordered;
  if (input === 'uint8') return builder.node('Cast', [laid], { to: dataTypes.uint8 });
  const constant = (values: readonly number[]): string =>
    builder.floats(bgr ? values.toReversed() : values, nchw ? [3, 1, 1] : [3]);
  const scaled = builder.node('Mul', [toFloat(builder, laid), constant(std.map((value) => scale / value))]);
  const normal = builder.node('Sub', [scaled, constant(std.map((value, i) => mean[i] / value))]);
  return input === 'float16' ? builder.node('Cast', [normal], { to: dataTypes.float16 }) : normal;
}

function toFloat(builder: GraphBuilder, value: string): string {
  return builder.node('Cast', [value], { to: dataTypes.float32 });
}

function count(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
