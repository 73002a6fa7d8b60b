import { defineConfig, mergeConfig } from 'vitest/config';
import ordinary from '../vitest.config.ts';

// The same runner over the tests that need a foreign witness: vcsim, OVN, a PostgreSQL server.
const real = mergeConfig(ordinary, defineConfig({ test: { testTimeout: 180_000, hookTimeout: 300_000 } }));

export default {
  ...real,
  test: {
    ...real.test,
    // Lists are joined by mergeConfig; these two must replace.
    include: ['{sdk,gateway,plugins,lab,demo}/**/*.real.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // One at a time: witnesses are heavy, and two cores are shared.
    fileParallelism: false,
  },
};
