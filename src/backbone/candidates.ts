/** The places where a network can be cut. */

import type { StoredTensor } from '../onnx/model.ts';
import type { TensorInfo } from '../runtime/platform.ts';
import type { SpatialCut } from './backbone.ts';
import { Layers } from './lastLayer.ts';
import { findMaps, mapLayout } from './maps.ts';
import type { Readout } from './readout.ts';
import { extraTokens, isFloat, isVector, perPhoto, product, readoutWidth } from './readout.ts';
import type { Target } from './target.ts';
import { looksLikeScores } from './target.ts';

/** One place where a network can be cut. */
export interface Candidate {
  /** What `--cut` takes: last, pool, or a tensor's name. */
  readonly cut: string;
  readonly tensor: string;
  readonly readout: Readout;
  /** Values a photo. */
  readonly width: number;
  /** The map that `readout` reads, where it reads one. */
  readonly map?: SpatialCut;
}

export interface Candidates {
  /** The default first. */
  readonly list: readonly Candidate[];
  readonly spatial?: SpatialCut;
  readonly maps: readonly SpatialCut[];
}

/** Operators that hand each photo's values on as they are, in order. */
const views = new Set(
  'Identity Dropout Flatten Reshape Squeeze Unsqueeze Cast QuantizeLinear DequantizeLinear'.split(' '),
);

/** Operators that take the mean over a map. */
const pools = new Set(['GlobalAveragePool', 'AveragePool', 'ReduceMean']);

/**
 * Where to cut, from the chain of tensors that lead to the target. No names are needed: the features are what enters
 * the last layer that mixes channels, the spatial features are the last map before they lose their places.
 * `shapes` are those of a run with `batch` photos of `height` rows. undefined where the target is not one vector a photo.
 */
export function findCandidates(
  target: Target,
  shapes: ReadonlyMap<string, TensorInfo>,
  batch: number,
  height: number,
  initializers: readonly StoredTensor[],
): Candidates | undefined {
  const found = new CandidateSearch(target, shapes, batch, initializers).find();
  return found && { ...found, maps: found.spatial ? findMaps(target, shapes, batch, height, found.spatial) : [] };
}

class CandidateSearch {
  readonly #layers: Layers;

  constructor(
    readonly target: Target,
    readonly shapes: ReadonlyMap<string, TensorInfo>,
    readonly batch: number,
    initializers: readonly StoredTensor[],
  ) {
    this.#layers = new Layers(target.chain, initializers);
  }

  find(): Omit<Candidates, 'maps'> | undefined {
    const index = this.#featuresIndex();
    const sizes = index === undefined ? undefined : this.#sizes(index);
    if (index === undefined || !sizes) return undefined;
    const start = this.#throughViews(index, product(sizes));
    const spatialIndex = this.#spatialIndex(start);
    const spatial = spatialIndex === undefined ? undefined : this.#map(spatialIndex, start);
    const named = this.target.kind === 'named' ? this.target.tensor : undefined;
    const last = this.#read(named ?? 'last', start, spatialIndex === start ? spatial : undefined);
    const list = [last];
    const pooled = spatial && spatialIndex !== undefined ? this.#pool(spatialIndex, start, spatial) : undefined;
    if (pooled) {
      // A head fine-tuned for another task squeezes the features: then the pooled map tells more.
      const squeezed = this.#isScores && spatial?.layout !== 'tokens' && last.width < pooled.width / 4;
      list[squeezed ? 'unshift' : 'push'](pooled);
    }
    return { list, ...(spatial && { spatial }) };
  }

  get #isScores(): boolean {
    return this.target.kind === 'scores' || this.target.kind === 'decided';
  }

  #tensor(index: number): string {
    return this.target.chain[index]?.tensor ?? '';
  }

  #sizes(index: number): number[] | undefined {
    const info = this.shapes.get(this.#tensor(index));
    return info && perPhoto(info, this.batch);
  }

  /** The link that holds the features: what enters the last layer, or the target itself if it is no class score. */
  #featuresIndex(): number | undefined {
    const end = this.target.chain.length - 1;
    const sizes = this.#sizes(end);
    if (!sizes) return undefined;
    if (!this.#isScores) return end;
    if (!isVector(sizes)) return undefined;
    const layer = this.#layers.lastMixing(end);
    const after = this.#sizes(layer);
    if (layer === 0 || !after) return end;
    if (this.#layers.isSingleLayer(layer)) {
      // A convolution over a map, then pooling: SqueezeNet's classifier, or a network without its classifier.
      const isNamed = this.target.kind === 'decided' || looksLikeScores(this.target.tensor, product(sizes));
      const scores = isVector(after) || isNamed;
      return scores ? layer - 1 : end;
    }
    // Two heads side by side (DeiT) or an attention pool end in a vector; a block of the trunk does not.
    const before = this.#sizes(layer - 1);
    return isVector(after) && before && !isVector(before) ? layer - 1 : end;
  }

  /** Goes back over what only hands values on, so that the cut lies before reshaping and quantising. */
  #throughViews(index: number, count: number): number {
    let best = index;
    for (let at = index; at > 0; at--) {
      const { nodes } = this.target.chain[at] ?? { nodes: [] };
      const sizes = this.#sizes(at - 1);
      if (!nodes.every(({ op }) => views.has(op)) || !sizes || product(sizes) !== count) break;
      if (isFloat(this.shapes.get(this.#tensor(at - 1)))) best = at - 1;
    }
    return best;
  }

  /** The last float tensor, at most `from`, in which a photo has places: a map or a row of tokens. */
  #spatialIndex(from: number): number | undefined {
    for (let at = from; at > 0; at--) {
      const sizes = this.#sizes(at);
      if (!sizes || isVector(sizes) || !isFloat(this.shapes.get(this.#tensor(at)))) continue;
      if (sizes.length === 3) return at;
      if (sizes.length === 2) return this.#tokensIndex(at, from);
      return undefined;
    }
    return undefined;
  }

  /** Tokens lie as [N, T, C]. As [N, C, T] they come from a map or from tokens, one or two links before. */
  #tokensIndex(at: number, from: number): number | undefined {
    const [rows, columns] = this.#sizes(at) ?? [];
    const channels = at === from ? undefined : product(this.#sizes(at + 1) ?? []);
    if (channels === undefined || channels === columns || channels !== rows) return at;
    const before = this.#sizes(at - 1);
    const isTransposed = before?.length === 2 && before[0] === columns && before[1] === rows;
    const isFlattened = before?.length === 3 && before[0] === rows;
    return isTransposed || isFlattened ? at - 1 : undefined;
  }

  /** How the map at `at` lies; the width after it tells channels from places. */
  #map(at: number, from: number): SpatialCut | undefined {
    const sizes = this.#sizes(at) ?? [];
    const tensor = this.#tensor(at);
    const channelsAfter = at === from ? undefined : product(this.#sizes(at + 1) ?? []);
    const [first = 0, , third = 0] = sizes;
    if (sizes.length === 2) {
      const skip = extraTokens(first);
      return skip < first / 2 ? { tensor, channels: sizes[1] ?? 0, layout: 'tokens', skip } : undefined;
    }
    if (channelsAfter === first && first !== third) return { tensor, channels: first, layout: 'nchw', skip: 0 };
    if (channelsAfter === third && first !== third) return { tensor, channels: third, layout: 'nhwc', skip: 0 };
    return mapLayout(tensor, sizes);
  }

  #read(cut: string, at: number, map: SpatialCut | undefined): Candidate {
    const sizes = this.#sizes(at) ?? [];
    const readout = !map ? 'flat' : map.layout === 'tokens' && map.skip > 0 ? 'class token' : 'mean';
    return this.#candidate(cut, at, readout, sizes, map);
  }

  /** The pooled map, unless the features are just that already. */
  #pool(at: number, from: number, map: SpatialCut): Candidate | undefined {
    const sizes = this.#sizes(at) ?? [];
    const both = map.layout === 'tokens' && map.skip > 0;
    if (both) return this.#candidate('pool', at, 'class token and mean patch', sizes, map);
    const between = this.target.chain.slice(at + 1, from + 1).flatMap(({ nodes }) => nodes);
    if (between.every(({ op }) => op === 'Transpose' || views.has(op) || pools.has(op))) return undefined;
    const next = at + 1;
    const isPooledNext = this.target.chain[next]?.nodes.every(({ op }) => pools.has(op));
    // The network's own pooling where it has one.
    const pooled = isPooledNext ? this.#sizes(next) : undefined;
    return pooled && isVector(pooled)
      ? this.#candidate('pool', next, 'flat', pooled, undefined)
      : this.#candidate('pool', at, 'mean', sizes, map);
  }

  #candidate(cut: string, at: number, readout: Readout, sizes: number[], map: SpatialCut | undefined): Candidate {
    const width = readoutWidth(readout, sizes, map);
    return { cut, tensor: this.#tensor(at), readout, width, ...(map && { map }) };
  }
}
