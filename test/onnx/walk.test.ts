import { expect, test } from 'vitest';
import { plainNode } from '../../src/onnx/builder.ts';
import type { Attribute, Node } from '../../src/onnx/model.ts';
import { flowChain, neededNodes, reads, sources } from '../../src/onnx/walk.ts';

/** `b a=Op` style: outputs, operator, inputs. */
function nodes(...lines: string[]): Node[] {
  return lines.map((line) => {
    const [outputs = '', op = '', ...inputs] = line.split(' ');
    return plainNode(op, inputs, outputs.split(','), {});
  });
}

const chains: [string, string[], string[]][] = [
  ['a straight line', ['a Conv x w', 'b Relu a', 'y Gemm b v'], ['x', 'a', 'b', 'y']],
  ['a shortcut', ['a Conv x', 'b Relu a', 'c Conv b', 'd Add c a', 'y Relu d'], ['x', 'a', 'd', 'y']],
  ['x times sigmoid x', ['a Sigmoid x', 'b Mul x a', 'y Relu b'], ['x', 'b', 'y']],
  ['branches that join', ['a Conv x', 'b Conv x', 'c Concat a b', 'y Relu c'], ['x', 'c', 'y']],
  ['a reshape by its own size', ['s Shape x', 'g Gather s i', 'a Reshape x g', 'y Relu a'], ['x', 'a', 'y']],
  ['weights that are computed', ['v Transpose w', 'a MatMul x v', 'y Relu a'], ['x', 'a', 'y']],
  ['two outputs', ['a,b Split x', 'c Relu a', 'y Add c b'], ['x', 'y']],
  ['nodes out of order', ['y Relu b', 'b Relu a', 'a Conv x'], ['x', 'a', 'b', 'y']],
  ['a branch that leads nowhere', ['a Conv x', 'z Relu a', 'y Relu a'], ['x', 'a', 'y']],
];

test.each(chains)('what everything flows through: %s', (_, lines, expected) => {
  const ordered = neededNodes({ nodes: nodes(...lines) }, ['y']);
  expect(flowChain(ordered, 'x', 'y')?.map(({ tensor }) => tensor)).toEqual(expected);
});

test('a target that does not depend on the input has no chain', () => {
  expect(flowChain(neededNodes({ nodes: nodes('y Relu w') }, ['y']), 'x', 'y')).toBeUndefined();
});

test('only what a target needs is kept, and its sources are known', () => {
  const graph = { nodes: nodes('a Conv x w', 'b Relu a', 'c Gemm b v', 'd Relu a') };
  const needed = neededNodes(graph, ['b']);
  expect(needed.map(({ op }) => op)).toEqual(['Conv', 'Relu']);
  expect([...sources(needed, ['b'])]).toEqual(['x', 'w']);
});

test('a cycle, and a tensor with two sources, are errors', () => {
  expect(() => neededNodes({ nodes: nodes('a Add x b', 'b Relu a') }, ['b'])).toThrow("a cycle through 'b'");
  expect(() => neededNodes({ nodes: nodes('a Relu x', 'a Relu y') }, ['a'])).toThrow("two nodes give the tensor 'a'");
});

test('a graph as deep as it has nodes costs no stack', () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `t${i + 1} Relu t${i}`);
  expect(neededNodes({ nodes: nodes(...lines) }, ['t100000'])).toHaveLength(100_000);
});

test('a node reads what its inner graphs take from outside', () => {
  const value = { name: '', nodes: nodes('i Relu o', 'j Add i w'), initializers: [], inputs: [], outputs: [] };
  const attributes = new Map<string, Attribute>([['body', { kind: 'graph', value }]]);
  expect([...reads({ ...plainNode('If', ['c', ''], ['y'], {}), attributes })]).toEqual(['c', 'o', 'w']);
});
