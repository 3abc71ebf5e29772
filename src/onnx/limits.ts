/** Sizes that a network may ask for, and loops that it may not have. */

import type { Attribute, Graph, Integer, Model, Node, StoredTensor } from './model.ts';
import { elementCount } from './model.ts';

/** Values of one tensor that a network may make out of nothing: 1 GB of float32. Real ones stay far below. */
const mostValues = 2 ** 28;
/** How often a network may repeat or widen what it computes. */
const mostTimes = 2 ** 20;

/** Operators whose result is as large as the values of one of their inputs say: which input, and how large at most. */
const sized: ReadonlyMap<string, readonly [input: number, most: number]> = new Map([
  ['ConstantOfShape', [0, mostValues]],
  ['Expand', [1, mostValues]],
  ['Reshape', [1, mostValues]],
  ['Range', [1, mostValues]],
  ['OneHot', [1, mostTimes]],
  ['Resize', [3, mostValues]],
  ['Tile', [1, mostTimes]],
  ['Pad', [1, mostTimes]],
]);

/**
 * A file of some bytes can ask for any amount of memory by naming a size. Refuses sizes that no network for photos has,
 * where they are constants; what a network computes at run time nobody can foresee.
 * @throws Error
 */
export function requireBounded({ graph }: Model): void {
  checkGraph(graph, new Map());
}

function checkGraph(graph: Graph, outer: ReadonlyMap<string, readonly Integer[]>): void {
  const constants = new Map(outer);
  for (const tensor of graph.initializers) addConstant(constants, tensor.name, tensor);
  for (const node of graph.nodes) {
    const value = node.op === 'Constant' ? node.attributes.get('value') : undefined;
    const list = node.op === 'Constant' ? node.attributes.get('value_ints') : undefined;
    if (value?.kind === 'tensor') addConstant(constants, node.outputs[0] ?? '', value.value);
    if (list?.kind === 'ints') constants.set(node.outputs[0] ?? '', list.value);
    checkNode(node, constants);
    for (const attribute of node.attributes.values())
      if (attribute.kind === 'graph') checkGraph(attribute.value, constants);
  }
}

function checkNode(node: Node, constants: ReadonlyMap<string, readonly Integer[]>): void {
  const shape = node.op.startsWith('Random') ? ints(node.attributes.get('shape')) : undefined;
  const [input, most] = sized.get(node.op) ?? [0, mostValues];
  const values = shape ?? (sized.has(node.op) ? constants.get(node.inputs[input] ?? '') : undefined);
  if (!values) return;
  const asked = values.reduce<number>((product, value) => product * Math.max(1, Math.abs(Number(value))), 1);
  if (asked > most) throw new Error(`its node '${node.name || node.op}' asks for ${asked.toLocaleString('en')} values`);
}

function ints(attribute: Attribute | undefined): readonly Integer[] | undefined {
  return attribute?.kind === 'ints' ? attribute.value : undefined;
}

function addConstant(constants: Map<string, readonly Integer[]>, name: string, tensor: StoredTensor): void {
  const count = elementCount(tensor.dims);
  if (count > 64 || tensor.external) return;
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength);
  const at = (i: number) => (tensor.type === 'int64' ? view.getBigInt64(i * 8, true) : view.getInt32(i * 4, true));
  if (tensor.type === 'int64' || tensor.type === 'int32')
    constants.set(
      name,
      Array.from({ length: count }, (_, i) => at(i)),
    );
}

const latin1 = new TextDecoder('latin1');

/** The operator of a graph, its inner graphs or its functions that repeats a body as often as it likes, if there is one. */
export function loopOf({ graph, functions }: Pick<Model, 'graph' | 'functions'>): string | undefined {
  const inGraph = (nodes: readonly Node[]): string | undefined => {
    for (const { op, attributes } of nodes) {
      if (loops.includes(op)) return op;
      for (const attribute of attributes.values()) {
        const inner = attribute.kind === 'graph' ? inGraph(attribute.value.nodes) : undefined;
        if (inner) return inner;
      }
    }
    return undefined;
  };
  // Functions are carried unread: NodeProto.op_type is field 4, so a tag of 0x22 and its length stand before it.
  const texts = functions.map((bytes) => latin1.decode(bytes));
  const isNamed = (op: string) => texts.some((text) => text.includes(`"${String.fromCharCode(op.length)}${op}`));
  return inGraph(graph.nodes) ?? loops.find(isNamed);
}

const loops = ['Loop', 'Scan'];
