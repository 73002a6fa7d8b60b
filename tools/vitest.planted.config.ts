import { defineConfig } from 'vitest/config';

// Plants bugs in a copy of the sources and sees the ordinary suite fail. One at a time: they share the copy.
export default defineConfig({
  test: {
    include: ['tools/planted/**/*.planted.test.ts'],
    globalSetup: ['gateway/src/test-support/global-setup.ts', 'tools/planted/private-copy.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
