import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FileOutcome, TestOutcome } from './part-reporter.ts';

/** Which database a part is given: none, the one of this run, or one that the copy migrates itself. */
export type PartDatabase = { kind: 'none' } | { kind: 'shared'; url: string } | { kind: 'own' };

/** A few tests of the ordinary suite. */
export interface SuitePart {
  files: readonly string[];
  /** Their full names; all of them have to be there. */
  tests: readonly string[];
  database: PartDatabase;
}

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/**
 * Runs a part of the copy's suite in a process of its own.
 * @throws Error when a file of it could not be loaded or prepared, or lacks a test: a run that broke has caught nothing.
 */
export async function runPart(copy: string, { files, tests, database }: SuitePart): Promise<TestOutcome[]> {
  const report = join(copy, 'planted-part.json');
  await rm(report, { force: true });
  const pattern = `(^| )(${tests.map(literally).join('|')})$`;
  const options = ['--config', 'tools/vitest.planted-part.config.ts', '--testNamePattern', pattern];
  const child = spawn(process.execPath, [vitest, 'run', ...options, ...files], {
    cwd: copy,
    env: environment(report, database),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-8000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // `close` gives the code first, or null after a signal.
  const [code] = (await once(child, 'close')) as [number | null];
  const text = await readFile(report, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Error(`${files.join(', ')} gave no report and ended with ${code}:\n${output}`);
  // What the reporter wrote.
  const outcomes = (JSON.parse(text) as FileOutcome[]).flatMap((file) => testsOf(file, output));
  const lacking = tests.filter((test) => !outcomes.some(({ name }) => name === test));
  if (lacking.length > 0) throw new Error(`${files.join(', ')} has no test by the name of: ${lacking.join('; ')}`);
  return outcomes;
}

function testsOf({ file, broken, tests }: FileOutcome, output: string): TestOutcome[] {
  if (broken.length === 0 && tests.length > 0) return tests;
  throw new Error(`${file} broke instead of failing: ${broken.join('\n') || 'none of its tests ran'}\n${output}`);
}

function environment(report: string, database: PartDatabase): NodeJS.ProcessEnv {
  // What the runner of this run tells its own workers is not for another one.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$|TEST$)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    PLANTED_REPORT: report,
    PLANTED_DATABASE: database.kind,
    ...(database.kind === 'shared' ? { PLANTED_DATABASE_URL: database.url } : {}),
  };
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
