import { defineConfig, mergeConfig } from 'vitest/config';
import ordinary from '../vitest.config.ts';

// The same runner over the tests that are too long for each push.
const long = mergeConfig(ordinary, defineConfig({ test: { testTimeout: 1_800_000 } }));

export default {
  ...long,
  test: {
    ...long.test,
    // Lists are joined by mergeConfig; these two must replace.
    include: ['{sdk,gateway,plugins,lab,demo}/**/*.long.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
  },
};
