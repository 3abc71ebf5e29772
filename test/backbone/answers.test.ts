import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { cutNetwork } from '../../src/backbone/cut.ts';
import { readModel } from '../../src/onnx/read.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { float32 } from '../../src/runtime/platform.ts';
import { runCut } from './runCut.ts';
import { plainPreprocessing } from './structures.ts';

// Debian's Python has torchvision; another one on the path may not.
const python = '/usr/bin/python3';
const make = fileURLToPath(new URL('../fixtures/backbones/make.py', import.meta.url));

function hasTorch(): boolean {
  try {
    execFileSync(python, ['-c', 'import onnx, torchvision'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'carafe-answers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function floats(file: string): Float32Array {
  const bytes = readFileSync(join(folder, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

// One of each kind of head, and small enough to be exported in seconds.
const names = ['resnet18', 'googlenet', 'squeezenet1_1', 'mobilenet_v3_large', 'densenet121', 'efficientnet_b0'];

test.skipIf(!hasTorch())(
  "cut features equal PyTorch's penultimate activations to 1e-4 (skipped where python3-torchvision is missing)",
  async () => {
    execFileSync(python, [make, '--weights', folder, ...names], { stdio: 'ignore' });
    for (const name of names) {
      const model = readModel(readFileSync(join(folder, `${name}.onnx`)), name);
      const preprocessing = plainPreprocessing(model);
      const { network } = await cutNetwork(model, { openSession, source: name, preprocessing });
      const { height, width } = preprocessing.crop;
      const given = await runCut(network, float32(floats(`${name}.input.f32`), 2, 3, height, width));
      const expected = floats(`${name}.features.f32`);
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const deviation = given.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN))), 0);
      expect(given.length, name).toBe(expected.length);
      expect(deviation / largest, name).toBeLessThan(1e-4);
    }
  },
);
