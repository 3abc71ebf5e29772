/** What a classifier can be exported as: a row for each format, which the command, the library, the studio and the docs read. */

import type { CompactType, ExportFormat } from '../results/exportResult.ts';
import type { Form } from './forms.ts';

/** A kind of export. */
export interface Format {
  /** What it makes, in a line. */
  readonly text: string;
  /** What its name ends with; nothing for a folder. */
  readonly ending: '.onnx' | '.html' | '';
  /** What stands between the classifier's name and the ending. */
  readonly suffix: string;
  /** What its network is given. The self-test of the classifier proves it so. */
  readonly form: Form;
  /** Whether its weights may be stored in fewer bytes. */
  readonly compact: boolean;
}

export const formats = {
  file: {
    text: 'the classifier as one ONNX file, for ONNX Runtime; with smaller weights if you ask for them',
    ending: '.onnx',
    suffix: '',
    form: 'photo',
    compact: true,
  },
  fixed: {
    text: 'the network for photos that have its size already, uint8 [1, height, width, 3]; it resizes nothing',
    ending: '.onnx',
    suffix: '-fixed',
    form: 'bytes',
    compact: true,
  },
  opencv: {
    text: 'the network for OpenCV and others without uint8: float32 [1, 3, height, width], plain operators',
    ending: '.onnx',
    suffix: '-opencv',
    form: 'floats',
    compact: false,
  },
  folder: {
    text: 'a folder with the file, labels, a description of its input, and programs in Python, JavaScript, C# and C++',
    ending: '',
    suffix: '-export',
    form: 'photo',
    compact: true,
  },
  page: {
    text: 'one HTML page that classifies photos in any browser, offline, without a server',
    ending: '.html',
    suffix: '',
    form: 'photo',
    compact: true,
  },
} as const satisfies Record<ExportFormat, Format>;

/** The classifier in a folder. */
export const folderFile = 'classifier.onnx';

/** What an export is called unless told. @param stem the classifier's name without its ending */
export function usualName(stem: string, { suffix, ending }: Format, weights: CompactType | undefined): string {
  return `${stem}${suffix}${weights ? `-${weights}` : ''}${ending}`;
}
