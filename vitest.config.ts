import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    globalSetup: ['test/freshBuild.ts'],
    // What the command is built to runs as it is.
    server: { deps: { external: [/\/dist\//] } },
  },
});
