import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest first, by the start of their paths below test/. */
const longest = [
  'docs.test',
  'runs/train',
  'protocol/',
  'cli/',
  'browser/',
  'study/',
  'classifier/',
  'report/browser',
  'backbone/',
];

/** Files that take longest come first, so that no core waits for one of them at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((part) => moduleId.includes(`/test/${part}`));
      return found < 0 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    globalSetup: ['test/freshBuild.ts'],
    sequence: { sequencer: LongestFirst },
    // What the command is built to runs as it is.
    server: { deps: { external: [/\/dist\//] } },
  },
});
