/** What people take for a network by mistake. */

/** What people take for an ONNX network by mistake: how it begins, what it is, and what to do. */
const kinds: readonly (readonly [begins: RegExp, what: string, hint: string])[] = [
  [/^$/, 'it is empty', 'Copy or download it again.'],
  [/^version https:\/\/git-lfs/, 'it is a Git LFS pointer, not the file itself', 'Fetch the file with `git lfs pull`.'],
  [/^\s*</, 'it is a web page', 'Download the file itself, not the page that shows it.'],
  [/^\s*\{/, 'it is JSON', 'Give the .onnx file.'],
  [
    /^PK/,
    'it is an archive, such as PyTorch and Keras write',
    'Export the network first: torch.onnx.export or tf2onnx.',
  ],
  [/^\x89HDF/, 'it is an HDF5 file, such as Keras writes', 'Convert it first: tf2onnx.'],
  [/^....TFL3/s, 'it is a TensorFlow Lite network', 'Convert it first: tf2onnx --tflite.'],
  [/^(\xff\xd8\xff|\x89PNG|GIF8|RIFF)/, 'it is an image', 'Give the .onnx file.'],
];

/** Says what a file is that is no network, where its first bytes betray it. */
export function mistaken(bytes: Uint8Array): { readonly what: string; readonly hint: string } | undefined {
  const start = Array.from(bytes.subarray(0, 64), (byte) => String.fromCharCode(byte)).join('');
  const [, what, hint] = kinds.find(([begins]) => begins.test(start)) ?? [];
  return what !== undefined && hint !== undefined ? { what, hint } : undefined;
}
