/** `carafe export` and its options. */

import { formats } from '../export/formats.ts';
import { compactType, exportFormat } from '../results/exportResult.ts';
import { option } from './option.ts';

export const exportOptions = {
  format: option(
    '--format <name>',
    `what to make: ${Object.keys(formats).join(', ')} (file)`,
    exportFormat.default('file'),
  ),
  weights: option(
    '--weights <type>',
    "how the network's weights are stored: float16 or int8 (as they are)",
    compactType.optional(),
  ),
};

export const exportCommand = {
  name: 'export',
  usage: '<classifier>',
  text: 'Export a classifier: with smaller weights, for OpenCV, with programs that use it, or as one offline HTML page.',
  options: ['format', 'weights', 'out', 'photos', 'threads', 'json', 'debug'],
  out: 'file or folder for the export (beside the classifier)',
  example: 'carafe export my-classifier/ --format page',
} as const;
