import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait-for.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A gateway's process of its own, as an operator starts it. */
export interface GatewayProcess {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** How it ended, once it has. */
  ended(): { code: number | null; signal: NodeJS.Signals | null } | undefined;
  /** What it has logged so far. */
  log(): string;
}

const startLimitMs = 120_000;

/** Starts `bulkhead <command>` and waits until its worker runs. */
export async function startProcess(
  command: 'work' | 'start',
  configuration: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const child = spawn(
    process.execPath,
    ['--import', './tools/source.mjs', 'gateway/src/cli.ts', command, '--config', configuration],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
  );
  let output = '';
  const keep = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const started = asProcess(child, () => output);
  await waitFor(
    'the line that the worker runs',
    async () => {
      if (started.ended()) throw new Error(`It ended before that: ${output.slice(-4000)}`);
      return output.includes('The worker runs.') ? true : undefined;
    },
    startLimitMs,
  );
  return started;
}

function asProcess(child: ChildProcess, log: () => string): GatewayProcess {
  const { pid } = child;
  if (pid === undefined) throw new Error('The process did not start.');
  let ended: ReturnType<GatewayProcess['ended']>;
  child.once('exit', (code, signal) => (ended = { code, signal }));
  return { pid, kill: (signal) => void child.kill(signal), ended: () => ended, log };
}

/** Ends what still runs: stopped processes as well, which would hear no other signal. */
export async function endProcesses(processes: readonly GatewayProcess[]): Promise<void> {
  for (const each of processes) if (!each.ended()) each.kill('SIGTERM');
  for (const each of processes) if (!each.ended()) each.kill('SIGCONT');
  await waitFor(
    'the end of all workers',
    async () => (processes.every((each) => each.ended()) ? true : undefined),
    20_000,
  ).catch(() => undefined);
  for (const each of processes) if (!each.ended()) each.kill('SIGKILL');
}
