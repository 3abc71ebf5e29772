import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CarafeError } from '../../src/errors.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor, float32 } from '../../src/runtime/platform.ts';
import { sessionsInThreads } from '../../src/runtime/sessionPool.node.ts';

/** x [n, 3] -> twice, [n, 3], and sum, [n] */
function network(): Uint8Array {
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', 3]);
  g.output(g.node('Add', ['x', 'x']), 'float32', ['n', 3], 'twice');
  g.output(g.node('ReduceSum', ['x', g.ints([1])], { keepdims: 0 }), 'float32', ['n'], 'sum');
  return g.bytes();
}
const feeds = (...values: number[]) => ({ x: float32(Float32Array.from(values), values.length / 3, 3) });

test('threads answer as this thread does, each run its own, and what is fed stays with the caller', async () => {
  const [pool, here] = [await sessionsInThreads(3)(network()), await openSession(network())];
  expect(pool).toMatchObject({ inputs: here.inputs, outputs: here.outputs, parallel: 3 });
  const fed = Array.from({ length: 20 }, (_, i) => feeds(i, i + 1, i + 2, 1, 2, i));
  const answers = await Promise.all(fed.map((one) => pool.run(one)));
  for (const [i, one] of fed.entries()) expect(answers[i]).toEqual(await here.run(one));
  expect(Object.keys(await pool.run(fed[0], ['sum']))).toEqual(['sum']);
  await Promise.all([pool.release(), here.release()]);
});

test('a file that is no network is told as in this thread', async () => {
  const told = (open: typeof openSession) => open(new Uint8Array([1, 2, 3])).catch((error: CarafeError) => error);
  const [there, here] = [await told(sessionsInThreads(1)), await told(openSession)];
  expect(there).toBeInstanceOf(CarafeError);
  expect(there).toMatchObject({ code: 'BAD_MODEL', message: (here as CarafeError).message });
});

test('a run that fails fails alone, in the words of the runtime', async () => {
  const pool = await sessionsInThreads(2)(network());
  const wrong = { x: float32(new Float32Array(4), 2, 2) };
  const [bad, good] = await Promise.allSettled([pool.run(wrong), pool.run(feeds(1, 2, 3))]);
  expect(bad).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/dimension/i) } });
  expect(good.status).toBe('fulfilled');
  expect(expectTensor((await pool.run(feeds(1, 2, 3))).sum, 'float32').data[0]).toBe(6);
  await pool.release();
});

test('release waits for runs that are under way', async () => {
  const pool = await sessionsInThreads(2)(network());
  const runs = [1, 2, 3, 4, 5].map((value) => pool.run(feeds(value, value, value)));
  await pool.release();
  const sums = (await Promise.all(runs)).map(({ sum }) => expectTensor(sum, 'float32').data[0]);
  expect(sums).toEqual([3, 6, 9, 12, 15]);
});

test('a process that does not release ends all the same, after what is under way', () => {
  const place = (path: string) => JSON.stringify(join(import.meta.dirname, '../../dist/runtime', path));
  const program = `
    import { sessionsInThreads } from ${place('sessionPool.node.js')};
    const session = await sessionsInThreads(2)(new Uint8Array(${JSON.stringify([...network()])}));
    session.run({ x: { type: 'float32', dims: [1, 3], data: new Float32Array([1, 2, 3]) } })
      .then(({ sum }) => console.log(sum.data[0]));`;
  // Flags of V8 and of the program's text are no worker's; those by which modules are found are.
  const flags = ['--max-old-space-size=512', '--max-semi-space-size=16', '--conditions', 'own', '--no-warnings'];
  const args = [...flags, '--input-type=module', '-e', program];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })).toBe('6\n');
});
