import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Fresh memory is dear on virtual machines: 64 MB in pages of 4 kB took 220 to 290 ms on one, in huge pages 5 to 11. Node's processes
// inherit it; a quarter of the tests took 80 to 83 s in place of 91 to 105.
process.env.GLIBC_TUNABLES ??= 'glibc.malloc.hugetlb=1';

/**
 * The longest first, by the start of their paths below test/: each in a process of its own, since they start processes, servers or
 * browsers for most of their time.
 */
const alone = ['docs.test', 'cli/stopping', 'studio/', 'watch/', 'queue/', 'objects/', 'bundled', 'package'];
/**
 * The longest first of all others, which share processes: to load the sources and compile them to machine code takes longer than most
 * of them run. So does the command's code, whose first training in a process takes four times as long as the next.
 */
const longest = [
  'cli/train',
  'cli/terminal',
  'browser/',
  'cli/',
  'runs/train',
  'protocol/',
  'serve/',
  'study/',
  'classifier/',
  'backbone/',
];

/** Files that take longest come first, so that no core waits for one of them at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = [...alone, ...longest];
    const place = ({ moduleId }: TestSpecification) => {
      const found = order.findIndex((part) => moduleId.includes(`/test/${part}`));
      return found < 0 ? order.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

const files = alone.map((part) =>
  `test/${part}${part.endsWith('/') ? '**/*' : '*'}.test.ts`.replace('.test*.test', '.test'),
);

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: ['test/freshBuild.ts', 'test/scratch.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'alone', include: files } },
      { extends: true, test: { name: 'together', include: ['test/**/*.test.ts'], exclude: files, isolate: false } },
    ],
    setupFiles: ['test/leaveNothing.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What a page does after a key takes longer than a second on a machine with other work.
    expect: { poll: { timeout: 30_000 } },
    // What the command is built to runs as it is.
    server: { deps: { external: [/\/dist\//] } },
  },
});
