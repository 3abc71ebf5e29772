import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A Python with numpy and Pillow. Where it lacks ONNX Runtime, `test/fixtures/python/` stands in, which asks that of Node. */
export interface Python {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

const has = (command: string, modules: string) => spawnSync(command, ['-c', `import ${modules}`]).status === 0;
const { PYTHON, PYTHONPATH } = process.env;

/** The first Python that has these modules: the one that `PYTHON` names, or else the usual one and Debian's. */
export function pythonWith(modules: string): string | undefined {
  return (PYTHON ? [PYTHON] : ['python3', '/usr/bin/python3']).find((each) => has(each, modules));
}

const command = pythonWith('numpy, PIL');
const path = [join(import.meta.dirname, 'fixtures/python'), PYTHONPATH].filter(Boolean).join(':');

/** Undefined where there is none. */
export const python: Python | undefined =
  command === undefined
    ? undefined
    : {
        command,
        env: has(command, 'onnxruntime') ? process.env : { ...process.env, PYTHONPATH: path, NODE: process.execPath },
      };

/** Why what needs Python is skipped. */
export const noPython = python
  ? undefined
  : 'no Python with numpy and Pillow (apt-get install python3-numpy python3-pil)';
