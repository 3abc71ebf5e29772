/** How a photo becomes a network's input. One plain object: it is part of the cache key and of the classifier's card. */

/** Kernels as Pillow, sharp and this project's own graph compute them: anti-aliased, cubic with a = -0.5. */
export type Kernel = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos3';

export type Resize =
  /** The short edge becomes `size`; the long one floor(size * long / short). */
  | { readonly rule: 'shortest-edge'; readonly size: number }
  /** Both edges are set; proportions are lost. */
  | { readonly rule: 'squash'; readonly height: number; readonly width: number }
  /** The largest size inside these edges that keeps proportions, rounded, at least 1; the crop pads the rest. */
  | { readonly rule: 'contain'; readonly height: number; readonly width: number };

/** What of a photo one look takes in; the network's input takes the centre of it. */
export interface Frame {
  readonly resize: Resize;
  /** Mirrored left and right, after the crop. */
  readonly mirror?: true | undefined;
}

export interface Preprocessing extends Frame {
  readonly kernel: Kernel;
  /** The centre part that the network sees; offset floor((size - crop) / 2). */
  readonly crop: { readonly height: number; readonly width: number };
  /** Values are (pixel * scale - mean) / std, pixel 0..255, for red, green and blue. */
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** The order of the channels that the network expects. */
  readonly channels: 'rgb' | 'bgr';
  readonly layout: 'nchw' | 'nhwc';
  readonly input: 'float32' | 'float16' | 'uint8';
  /** Further frames of the same photo: the features are the mean over all of them. */
  readonly looks?: readonly Frame[] | undefined;
}
