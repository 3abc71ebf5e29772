/** Programs for ONNX Runtime, in Python, JavaScript and C#. */

import type { Card } from '../../classifier/card.ts';
import { answerLines } from './answers.ts';

export function pythonProgram(card: Card): string {
  return `# Needs: pip install onnxruntime pillow
# Run: python predict.py photo.jpg
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

here = Path(__file__).resolve().parent
labels = json.loads((here / 'labels.json').read_text('utf-8'))
session = onnxruntime.InferenceSession(str(here / 'classifier.onnx'))
names = [output.name for output in session.get_outputs()]

for path in sys.argv[1:]:
    # Upright, red, green and blue, of any size: the network resizes it.
    photo = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert('RGB'))
    result = dict(zip(names, session.run(names, {'image': photo[None]})))
${answerLines(card, 'python')}
`;
}

export function javascriptProgram(card: Card): string {
  return `// Needs: npm install onnxruntime-node sharp
// Run: node predict.mjs photo.jpg
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const here = (name) => join(import.meta.dirname, name);
const labels = JSON.parse(readFileSync(here('labels.json'), 'utf8'));
const session = await InferenceSession.create(here('classifier.onnx'));

for (const path of process.argv.slice(2)) {
  // Upright, red, green and blue, of any size: the network resizes it.
  const photo = sharp(path).rotate().flatten({ background: '#fff' }).toColourspace('srgb').removeAlpha().raw();
  const { data, info } = await photo.toBuffer({ resolveWithObject: true });
  const image = new Tensor('uint8', new Uint8Array(data), [1, info.height, info.width, 3]);
  const result = await session.run({ image });
${answerLines(card, 'javascript')}
}
`;
}

export function csharpProgram(card: Card): string {
  return `// Needs: dotnet add package Microsoft.ML.OnnxRuntime, dotnet add package SixLabors.ImageSharp
// Run: dotnet run -- photo.jpg (with labels.json and classifier.onnx in the current folder)
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

var labels = JsonSerializer.Deserialize<string[]>(File.ReadAllText("labels.json"))!;
using var session = new InferenceSession("classifier.onnx");

foreach (var path in args)
{
    // Upright, red, green and blue, of any size: the network resizes it.
    using var photo = Image.Load<Rgb24>(path);
    photo.Mutate(one => one.AutoOrient());
    var pixels = new Rgb24[photo.Width * photo.Height];
    photo.CopyPixelDataTo(pixels);
    var bytes = MemoryMarshal.AsBytes(pixels.AsSpan()).ToArray();
    var image = new DenseTensor<byte>(bytes, new[] { 1, photo.Height, photo.Width, 3 });
    using var results = session.Run(new[] { NamedOnnxValue.CreateFromTensor("image", image) });
    var result = results.ToDictionary(one => one.Name);
${answerLines(card, 'csharp')}
}
`;
}
