import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The shell waits for the end of its input, which comes when we die, and takes the daemon with it. */
const guard = '"$@" & daemon=$!; cat >/dev/null; kill -TERM $daemon; wait $daemon';
const stopLimitMs = 5000;
const answerLimitMs = 10_000;

/** Programs of one OVN, each with its log in the private directory. They end with this process, however that ends. */
export class Daemons {
  private readonly running = new Map<string, ChildProcess>();
  private complaints = '';

  constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  start(name: string, program: string, args: readonly string[]): void {
    const logging = ['-vconsole:err', `--log-file=${join(this.folder, `${name}.log`)}`];
    const child = spawn('/bin/sh', ['-c', guard, 'sh', program, ...args, ...logging], {
      env: this.env,
      stdio: ['pipe', 'ignore', 'pipe'],
      // A group of its own, so that a daemon that hangs can be killed through its shell.
      detached: true,
    });
    child.stderr?.on('data', (chunk: Buffer) => (this.complaints = (this.complaints + chunk.toString()).slice(-4000)));
    this.running.set(name, child);
  }

  async stop(name: string): Promise<void> {
    const child = this.running.get(name);
    this.running.delete(name);
    if (!child || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const { pid } = child;
    const timer = setTimeout(() => process.kill(-pid, 'SIGKILL'), stopLimitMs);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    await ended;
    clearTimeout(timer);
  }

  /** Last started, first ended. */
  async stopAll(): Promise<void> {
    for (const name of [...this.running.keys()].reverse()) await this.stop(name);
  }

  /**
   * Asks until the daemon that was just started answers.
   * @throws Error with what the daemons complained of, when it does not come up
   */
  async untilAnswers<T>(what: string, ask: () => Promise<T>): Promise<T> {
    for (const limit = Date.now() + answerLimitMs; ; await sleep(20)) {
      try {
        return await ask();
      } catch (error) {
        if (Date.now() < limit) continue;
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${what} did not come up: ${reason}\n${this.complaints}`, { cause: error });
      }
    }
  }
}
