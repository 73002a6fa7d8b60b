// `pnpm test:long [part…]`: what is too long for each push. Each part's outcome is written to docs/long-runs, to be
// committed with the change that it was run for; `--age` only prints what is recorded there.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { currentCommit, longRunLines, recordLongRun } from './long-runs.mjs';

const testReport = 'test-results/long.json';
const chaosReport = 'test-results/chaos-long.json';

const parts = {
  /** Every `*.long.test.ts`. */
  tests: {
    command: [
      'vitest',
      'run',
      '--config',
      'tools/vitest.long.config.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${testReport}`,
    ],
    report: testReport,
    summary: ({ numPassedTests, numFailedTests }) => `${numPassedTests} passed, ${numFailedTests} failed`,
  },
  /** A thousand random schedules. */
  chaos: {
    command: ['pnpm@12', 'run', 'chaos', '--seed', '1', '--runs', '1000', '--report', chaosReport],
    report: chaosReport,
    summary: ({ seed, played, violated }) =>
      `${played} schedules (seeds ${seed} to ${seed + played - 1}), ${violated} with violated invariants`,
    keep: ({ seed, runs, played, violated, kills, failures }) => ({ seed, runs, played, violated, kills, failures }),
  },
  /** Every workload; its figures are in bench/results. */
  bench: { command: ['pnpm@12', 'run', 'bench'], summary: () => 'figures in bench/results' },
};

const asked = process.argv.slice(2);
if (asked.includes('--age')) {
  console.log(longRunLines(Object.keys(parts)).join('\n'));
  process.exit(0);
}
const unknown = asked.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}

mkdirSync('test-results', { recursive: true });
let failed = false;
for (const [part, { command, report, summary, keep }] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(part)) continue;
  console.log(`== ${part}`);
  const tree = currentCommit();
  const started = Date.now();
  if (report !== undefined) rmSync(report, { force: true });
  const { status } = spawnSync('npx', ['-y', ...command], { stdio: 'inherit' });
  const isReported = report === undefined || existsSync(report);
  const figures = report !== undefined && isReported ? JSON.parse(readFileSync(report, 'utf8')) : {};
  const isOk = status === 0 && isReported;
  failed ||= !isOk;
  recordLongRun({
    part,
    isOk,
    summary: isReported ? summary(figures) : 'it wrote no report',
    minutes: (Date.now() - started) / 60_000,
    ...tree,
    date: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model,
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.version,
    },
    ...(isReported ? keep?.(figures) : {}),
  });
}
console.log(longRunLines(Object.keys(parts)).join('\n'));
process.exit(failed ? 1 : 0);
