import { expect, test } from 'vitest';
import { inspectNetwork } from '../../src/backbone/inspect.ts';
import { inspectReport } from '../../src/report/inspectReport.ts';
import type { InspectResult } from '../../src/results/inspectResult.ts';
import { inspectResult } from '../../src/results/inspectResult.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { structure } from '../backbone/structures.ts';

async function resultOf(name: string): Promise<InspectResult> {
  const inspected = await inspectNetwork(structure(name), { openSession, source: name });
  const file = `models/${name}.onnx`;
  return inspectResult.parse({ version: '1.2.3', command: 'inspect', file, bytes: 102_000_000, ...inspected });
}

test('the page draws every layer that mixes channels, and its bottlenecks as necks', async () => {
  const result = await resultOf('resnet50');
  const page = inspectReport(result);
  const mixing = result.layers.filter(({ macs }) => macs > 0);
  expect(page.match(/<rect /g)).toHaveLength(mixing.length);
  expect(page.match(/<rect class="neck"/g)).toHaveLength(result.bottlenecks.length);
  // The classifier lies after the cut.
  expect(page.match(/<rect class="dropped"/g)).toHaveLength(1);
  expect(page).toContain('<p class="big">25.5 million <small>parameters in 56 layers');
  expect(page).toContain('<dd>2,048<small>numbers per photo, at the cut</small></dd>');
  for (const { name } of result.bottlenecks) expect(page).toContain(name);
});

test('names come from outside and are text', async () => {
  const result = await resultOf('resnet18');
  const evil = '"><script>alert(1)</script>';
  const layers = result.layers.map((layer) => ({ ...layer, name: evil, type: evil }));
  const page = inspectReport({ ...result, file: evil, producer: evil, layers, cut: null, noCutReason: evil });
  expect(page).not.toContain('<script');
  expect(page).toContain('&lt;script&gt;');
  expect(page).toContain('This network has none');
});
