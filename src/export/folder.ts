/** The folder of an export: network, labels, a description, and programs that use it. */

import { type Message, textOf } from '../message.ts';
import { describe } from './description.ts';
import { folderFile } from './formats.ts';
import type { Original } from './forms.ts';
import { cppProgram } from './programs/openCv.ts';
import { csharpProgram, javascriptProgram, pythonProgram } from './programs/runtime.ts';

/** A file of an export, under its name; a folder's under its name inside. */
export interface ExportedFile {
  readonly name: string;
  readonly content: Uint8Array | string;
}

/** @param openCv the network for OpenCV, where there is one */
export function folderFiles(
  { card }: Original,
  network: Uint8Array,
  openCv: Uint8Array | undefined,
  notes: readonly Message[],
): ExportedFile[] {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const files = [
    { name: folderFile, content: network, about: 'the classifier, for ONNX Runtime; photos of any size' },
    { name: 'labels.json', content: json(card.labels), about: 'its labels, in the order of its probabilities' },
    { name: 'description.json', content: json(describe(card, 'photo')), about: 'its input, outputs and thresholds' },
    { name: 'predict.py', content: pythonProgram(card), about: 'Python' },
    { name: 'predict.mjs', content: javascriptProgram(card), about: 'JavaScript, in Node' },
    { name: 'Predict.cs', content: csharpProgram(card), about: 'C#' },
    ...(openCv
      ? [
          { name: 'opencv.onnx', content: openCv, about: 'the network for OpenCV: photos of its own size, as float32' },
          { name: 'opencv.json', content: json(describe(card, 'floats')), about: 'the same of that one' },
          // A line each, so that no program needs a reader of JSON.
          { name: 'labels.txt', content: `${card.labels.map(inLine).join('\n')}\n`, about: 'its labels, a line each' },
          { name: 'predict.cpp', content: cppProgram(card), about: 'C++, with OpenCV' },
        ]
      : []),
  ];
  const list = files.map(({ name, about }) => `- \`${name}\`: ${about}`).join('\n');
  const readme = `# A classifier, and programs that use it

Each program prints what it sees in photos that are named on its command line. Its first lines say what it needs.

${list}
${notes.map((note) => `\n${inLine(textOf(note))}\n`).join('')}`;
  return [...files.map(({ name, content }) => ({ name, content })), { name: 'README.md', content: readme }];
}

function inLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
