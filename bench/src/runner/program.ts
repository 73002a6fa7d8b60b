import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Question } from './answers.ts';

/** What a process has used since it began. */
export interface Meter {
  /** User and system time of all its threads, in microseconds. */
  cpuMicroseconds: number;
  rssBytes: number;
}

/** A Node process of a workload's own: a server, a writer, a load generator. */
export interface Program {
  pid: number;
  /** Asks the program; it answers with `answers`. */
  ask<T>(question: string, argument?: unknown): Promise<T>;
  meter(): Promise<Meter>;
  /** What it printed so far, both streams. */
  output(): string;
  stop(): Promise<void>;
}

export interface ProgramOptions {
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Flags of Node itself, such as `--cpu-prof`. */
  nodeFlags?: readonly string[];
  /** What its output has to hold before it counts as started. Default: it says so itself, by `answers`. */
  isReady?: RegExp;
}

const startLimitMs = 60_000;
const stopLimitMs = 15_000;
const isSource = import.meta.url.endsWith('.ts');
const sourceLoader = new URL('../../../tools/source.mjs', import.meta.url).href;

/**
 * A file of this package, to be run in a process of its own: `programFile('./peer', import.meta.url)`, without an ending,
 * since the build's is another than the source's.
 */
export function programFile(path: string, from: string): string {
  return fileURLToPath(new URL(`${path}.${isSource ? 'ts' : 'js'}`, from));
}

/** Starts a program and waits until it is ready. It ends with this process. */
export async function startProgram(file: string, options: ProgramOptions = {}): Promise<Program> {
  const flags = [
    ...(isSource ? ['--import', sourceLoader] : ['--conditions=bulkhead-dist']),
    '--import',
    new URL(isSource ? './meter.ts' : './meter.js', import.meta.url).href,
    ...(options.nodeFlags ?? []),
    ...profileFlags(),
  ];
  const child = spawn(process.execPath, [...flags, file, ...(options.args ?? [])], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  let hasEnded = false;
  const ended = once(child, 'exit').then(([code, signal]) => {
    hasEnded = true;
    const error = `${file} has ended (${String(code ?? signal)}): ${output.slice(-2000)}`;
    for (const settle of waiting.values()) settle({ id: 0, error });
    return error;
  });
  const ready = new Promise<void>((resolve) => {
    const take = (chunk: Buffer) => {
      output += chunk.toString('utf8');
      if (options.isReady?.test(output)) resolve();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    // The program speaks `answers`' language.
    child.on('message', (message) => {
      if (message === 'ready') return resolve();
      const answer = message as Answer;
      waiting.get(answer.id)?.(answer);
    });
  });
  const ask = async <T>(question: string, argument?: unknown): Promise<T> => {
    if (hasEnded) throw new Error(await ended);
    const id = (asked += 1);
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, question, argument } satisfies Question);
    });
    waiting.delete(id);
    if (answer.error !== undefined) throw new Error(`${file}, ${question}: ${answer.error}`);
    // What a program answers is between it and who asks.
    return answer.value as T;
  };
  const stop = async () => {
    if (hasEnded) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    await ended;
    clearTimeout(force);
  };
  const limit = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
  const outcome = await Promise.race([ready.then(() => undefined), ended]);
  clearTimeout(limit);
  if (outcome !== undefined) throw new Error(outcome);
  if (child.pid === undefined) throw new Error(`${file} has no process id.`);
  return { pid: child.pid, ask, meter: () => ask<Meter>('meter'), output: () => output, stop };
}

/** `BENCH_CPU_PROF=FOLDER` has every program leave its processor profile there when it ends. */
function profileFlags(): string[] {
  const folder = process.env['BENCH_CPU_PROF'];
  return folder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', folder];
}
