import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // vite would take graphql's `index.mjs` and Node its `index.js`: two copies, "another module or realm".
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  oxc: { decorator: { legacy: true } },
  test: {
    include: ['{sdk,gateway,plugins,lab,demo,bench}/**/*.test.ts', 'schema/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.real.test.ts', '**/*.long.test.ts', '**/*.planted.test.ts'],
    globalSetup: ['gateway/src/test-support/global-setup.ts'],
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
