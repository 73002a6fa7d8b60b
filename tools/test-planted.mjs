// `pnpm test:planted`: plants bugs in a copy of the sources and expects the ordinary suite to catch each of them. Writes
// test-results/planted.json for .ci/run.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

mkdirSync('test-results', { recursive: true });
const report = ['--reporter=default', '--reporter=json', '--outputFile.json=test-results/planted.json'];
const options = ['--config', 'tools/vitest.planted.config.ts', ...report, ...process.argv.slice(2)];
const run = spawnSync('npx', ['vitest', 'run', ...options], { stdio: 'inherit' });
process.exit(run.status ?? 1);
