/** `carafe inspect`. */

import type { InspectResult } from '../results/inspectResult.ts';
import { inspect, writeInspectReport } from '../runs/library.node.ts';
import { requireEnding } from '../runtime/files.node.ts';
import type { Run } from './command.ts';
import { display } from './progress.ts';
import { bytes, count, short, table } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'inspect'> = async ([network], { cut, html, json }, { out, stderr, signal }) => {
  if (html) requireEnding('html', html, '.html');
  const shown = display(stderr);
  const { onDownload, onWarning } = shown.listeners;
  const result = await inspect(network, { cut, onDownload, onWarning, signal }).finally(shown.done);
  if (html) await writeInspectReport(result, html);
  out(json ? `${JSON.stringify(result)}\n` : inspectText(result));
  if (html && !json) out(`\nThe picture is in ${paint('cyan', safe(html))}\n`);
  return 0;
};

function inspectText({
  file,
  bytes: size,
  opset,
  inputSize,
  layers,
  bottlenecks,
  totals,
  cut,
  noCutReason,
}: InspectResult): string {
  const rows = layers.map(({ name, type, in: from, out: to, places, parameters, macs, bottleneck, dropped }) => [
    `${bottleneck ? '>' : dropped ? 'x' : ' '} ${safe(name).slice(0, 48)}`,
    type,
    from === null && to === null ? '' : `${from ?? ''} → ${to ?? ''}`,
    places.join(' x '),
    short(parameters),
    short(macs),
  ]);
  const saved = bottlenecks.map(({ name, before, width, after, saves }) => [
    safe(name).slice(0, 48),
    `${before} → ${width} → ${after}`,
    `${saves.parameters < 0 ? '−' : ''}${short(Math.abs(saves.parameters))}`,
    `${saves.macs < 0 ? '−' : ''}${short(Math.abs(saves.macs))}`,
  ]);
  const where = cut
    ? `Cut at ${safe(cut.chosen.tensor)} (${safe(cut.chosen.readout)}): ${count(cut.chosen.width)} features\n${cut.candidates.map(({ cut: name, tensor, width }) => `  --cut ${safe(name)}: ${safe(tensor)}, ${count(width)} features\n`).join('')}`
    : `No cut was found: ${noCutReason}\n`;
  return [
    `${safe(file)}: ${bytes(size)}, opset ${opset}, photos of ${inputSize.width} x ${inputSize.height}\n\n`,
    table([['  layer', 'type', 'channels', 'size', 'parameters', 'MACs'], ...rows], 2),
    `\n${count(totals.layers)} layers, ${count(totals.parameters)} parameters, ${count(totals.macs)} multiply-adds a photo; > marks a bottleneck, x a layer after the cut\n`,
    saved.length > 0
      ? `\nBottlenecks, and what each saves compared with the same block without it:\n${table([['layer', 'channels', 'parameters', 'MACs'], ...saved])}`
      : '',
    `\n${where}`,
  ].join('');
}
