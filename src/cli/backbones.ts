/** `carafe backbones`. */

import { CarafeError } from '../errors.ts';
import type { BackbonesResult, CheckResult, GetResult } from '../results/backbonesResult.ts';
import { backbones, checkBackbone, getBackbone } from '../runs/library.node.ts';
import type { Run } from './command.ts';
import { readPreprocessing } from './preprocessing.ts';
import { display } from './progress.ts';
import { count, percent, plural, short, bytes as size, table } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'backbones'> = async (
  [action, network, photos],
  { json, ...values },
  { out, stderr, signal },
) => {
  if (action === undefined) {
    const result = await backbones();
    out(json ? `${JSON.stringify(result)}\n` : listText(result));
    return 0;
  }
  if (action === 'get' && network !== undefined && photos === undefined) {
    const shown = display(stderr);
    const { onDownload, onWarning } = shown.listeners;
    const result = await getBackbone(network, { onDownload, onWarning, signal }).finally(shown.done);
    out(json ? `${JSON.stringify(result)}\n` : gotText(result));
    return 0;
  }
  if (action !== 'check' || network === undefined || photos === undefined)
    throw new CarafeError(
      'USAGE',
      `backbones does not know the action '${[action, network, photos].filter(Boolean).join(' ')}'.`,
      'Run `carafe backbones` for the list, `carafe backbones get <network>` or `carafe backbones check <network> <photos>`.',
    );
  const preprocessing = await readPreprocessing(values.preprocessing);
  const shown = display(stderr);
  try {
    const result = await checkBackbone(network, photos, { ...values, preprocessing, signal, ...shown.listeners });
    shown.done();
    out(json ? `${JSON.stringify(result)}\n` : checkText(result));
  } finally {
    shown.done();
  }
  return 0;
};

function listText(result: BackbonesResult): string {
  const rows = result.backbones.map(({ name, width, inputSize, parameters, macs, megabytes, licence, downloaded }) => [
    name,
    count(width),
    String(inputSize),
    short(parameters),
    short(macs),
    downloaded ? 'here' : `${megabytes} MB`,
    licence ?? 'not stated',
  ]);
  // Revisions as Git shortens them; --json has them whole.
  const sources = result.backbones.flatMap(({ name, source }) =>
    !source ? [] : [[name, source.replace(/@([0-9a-f]{8})[0-9a-f]{32}$/, '@$1')]],
  );
  return `${table([['name', 'width', 'input', 'parameters', 'MACs', 'download', 'licence'], ...rows], 7)}\nFrom Hugging Face:\n${table(sources, 2)}\nUse one with --backbone NAME; any other network with --backbone hf:owner/repo or an .onnx file.\n`;
}

function gotText({ name, source, licence, file, bytes, hash, width, inputSize }: GetResult): string {
  const rows = [
    ['file', safe(file)],
    ['size', size(bytes)],
    ['SHA-256', hash],
    ...(source ? [['from', `${safe(source)} on Hugging Face`]] : []),
    ['licence', safe(licence ?? 'not stated')],
    ['gives', `${count(width)} features of a photo, seen at ${inputSize.width} x ${inputSize.height} pixels`],
  ];
  return `${table(rows, 2)}\nIt is here now: carafe train photos/ --backbone ${safe(name)} needs no download.\n`;
}

function checkText({ photos, classes, variants, better }: CheckResult): string {
  const rows = variants.map(({ name, accuracy, p, beatsConfigured }) => [
    `${safe(name)}${beatsConfigured ? ' *' : ''}`,
    percent(accuracy),
    p === null ? '' : p < 0.001 ? '< 0.001' : p.toFixed(3),
  ]);
  const verdict = better
    ? paint(
        'yellow',
        `'${safe(better)}' clearly beats the configured settings: check the preprocessing of this network.`,
      )
    : 'Nothing clearly beats the configured settings.';
  return `How well features separate ${classes} classes of ${plural(photos, 'photo')} (each photo compared with all others):\n${table([['', 'correct', 'p'], ...rows])}\n${verdict}\n`;
}
