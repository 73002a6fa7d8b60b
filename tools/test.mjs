// The README's test command: everything that needs npm only. Writes test-results/unit.json for .ci/run.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

mkdirSync('test-results', { recursive: true });
const report = ['--reporter=default', '--reporter=json', '--outputFile.json=test-results/unit.json'];
const run = spawnSync('npx', ['vitest', 'run', ...report, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(run.status ?? 1);
