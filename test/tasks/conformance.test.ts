import { describe, expect, test } from 'vitest';
import { figureOf, outcomesOf } from '../../src/metrics/metric.ts';
import { Random } from '../../src/numerics/random.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor, type Matrix } from '../../src/runtime/platform.ts';
import type { Targets } from '../../src/sets/targets.ts';
import { labelsOf } from '../../src/sets/targets.ts';
import { tasks } from '../../src/tasks/registry.ts';
import type { AnyTask } from '../../src/tasks/task.ts';

const photos = 120;
const classes = ['ants', 'bees', 'moths'];
const columns = classes.length;
const rows = Int32Array.from({ length: photos }, (_, row) => row);
const folds = rows.map((row) => row % 4);
const weights = new Float32Array(photos).fill(1);
const facts = { paths: Array.from(rows, String), groups: rows, heldOut: true, seed: 0 };

/** Photos of one class each, or of any number, as the task has them; logits that know something of it, at a scale of 3. */
function drawn(task: AnyTask): { targets: Targets; logits: Matrix } {
  const random = new Random(`conformance ${task.name}`);
  const items = Array.from(rows, () => ({
    labels:
      task.kind === 'classes'
        ? [classes[random.int(columns)]]
        : classes.filter((_, label) => random.uniform() < 0.3 + 0.1 * label),
  }));
  const targets = task.targets(classes, items);
  const data = new Float32Array(photos * columns);
  for (const row of rows)
    for (let label = 0; label < columns; label++)
      data[row * columns + label] = 3 * (Number(labelsOf(targets, row).includes(label)) - 0.4 + random.normal());
  return { targets, logits: { rows: photos, columns, data } };
}

async function calibrated(task: AnyTask) {
  const { targets, logits } = drawn(task);
  const calibration = await task.calibration.fit({ logits, targets, rows, folds, weights });
  const probabilities = task.calibration.probabilities(logits, calibration);
  const calibrations = Array.from(rows, () => calibration);
  return { targets, logits, calibration, calibrations, probabilities };
}

describe.each(tasks.map((task) => [task.name, task] as const))('%s', (_, task) => {
  test('the exported graph gives the probabilities that were measured', async () => {
    const { logits, calibration, probabilities } = await calibrated(task);
    const builder = new GraphBuilder('test/');
    const input = builder.input('logits', 'float32', ['N', columns]);
    builder.output(task.calibration.toGraph(builder, input, calibration), 'float32', ['N', columns], 'probabilities');
    const bytes = builder.bytes({
      irVersion: 8,
      opsets: new Map([['', 17]]),
      functions: [],
      metadata: new Map(),
    });
    const session = await openSession(bytes);
    const outputs = await session.run({ logits: { type: 'float32', dims: [photos, columns], data: logits.data } });
    const { data } = expectTensor(outputs.probabilities, 'float32');
    for (const [at, value] of data.entries()) expect(value).toBeCloseTo(probabilities.data[at], 6);
    await session.release();
  });

  test('logits that are taken back out of probabilities give these again', async () => {
    const { logits, calibration, probabilities } = await calibrated(task);
    const back = task.calibration.logits(calibration, probabilities);
    const again = task.calibration.probabilities(back, calibration);
    for (const [at, value] of again.data.entries()) expect(value).toBeCloseTo(probabilities.data[at], 5);
    expect(again).toMatchObject({ rows: logits.rows, columns });
  });

  test('one calibration for all rows is that calibration for each row', async () => {
    const { logits, calibrations, probabilities } = await calibrated(task);
    expect(task.calibration.probabilities(logits, calibrations)).toEqual(probabilities);
  });

  test('calibration sees no row but those it is told of', async () => {
    const { targets, logits } = drawn(task);
    const some = rows.filter((row) => row % 3 > 0);
    const poisoned = { ...logits, data: logits.data.map((value, at) => (Math.floor(at / columns) % 3 ? value : 99)) };
    const data = { targets, rows: some, folds, weights };
    expect(await task.calibration.fit({ ...data, logits: poisoned })).toEqual(
      await task.calibration.fit({ ...data, logits }),
    );
  });

  test("the metric is the figures' headline, and perfect answers reach 1", async () => {
    const { targets, probabilities, ...answers } = await calibrated(task);
    const measured = task.evaluate({ ...answers, rows, rowsPerRepeat: photos }, targets, facts);
    const headline =
      measured.task === 'single-label' ? measured.evaluation.accuracy : measured.evaluation.meanAveragePrecision;
    const { metric } = task;
    const figure = figureOf(metric, outcomesOf(metric, probabilities, targets, rows), targets, rows);
    expect(figure).toBeCloseTo(headline.value, 6);
    expect(measured.task).toBe(task.name);
    expect(headline.low).toBeLessThan(headline.value);
    const perfect = { ...probabilities, data: Float32Array.from(probabilities.data, () => 0) };
    for (const row of rows) for (const label of labelsOf(targets, row)) perfect.data[row * columns + label] = 1;
    expect(figureOf(metric, outcomesOf(metric, perfect, targets, rows), targets, rows)).toBe(1);
  });

  test('a photo is given more of what it shows more surely', async () => {
    const { probabilities, calibration } = await calibrated(task);
    for (const row of rows) {
      const own = probabilities.data.subarray(row * columns, (row + 1) * columns);
      const given = task.given(own, calibration);
      expect(given).toEqual(given.toSorted((a, b) => a - b));
      for (const label of given) {
        const surer = own.map((value, other) => (other === label ? 1 : value / 2));
        expect(task.given(surer, calibration)).toContain(label);
      }
    }
  });

  test('the question for some classes is about these alone', async () => {
    const { targets, ...answered } = await calibrated(task);
    const { targets: own, photos: asked } = task.restrict(targets, [0, 2]);
    expect(own.classes).toEqual(['ants', 'moths']);
    for (const photo of asked)
      expect(labelsOf(own, photo)).toEqual(
        labelsOf(targets, photo)
          .filter((label) => label !== 1)
          .map((label) => label / 2),
      );
    const comparable = task.comparable({ ...answered, targets }, [0, 2]);
    // Answers and what they are held against go together.
    expect(comparable.probabilities.columns).toBe(comparable.targets.classes.length);
    for (const photo of asked) {
      const names = (of: Targets) => labelsOf(of, photo).map((label) => of.classes[label]);
      expect(names(comparable.targets)).toEqual(names(own));
    }
  });

  test('its heads are found by name, the usual one among them, and a wrong name is told', () => {
    for (const head of task.heads) expect(task.headNamed(head.name)).toBe(head);
    expect(task.heads).toContain(task.usual);
    expect(task.usual.manyAtOnce).toBe(true);
    expect(() => task.headNamed('forest')).toThrow(/`head: 'forest'`/);
  });
});
