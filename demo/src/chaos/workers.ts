import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Signal } from './schedule.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A worker that outlives its supervisor would wait for its database for ever. */
const endWithParent = 'data:text/javascript,process.stdin.on("end",()=>process.exit(1)).resume();process.stdin.unref()';

/** Worker processes under a supervisor, as in production: whoever ends is started again. */
export interface Workers {
  /** Sends a signal to the worker in this place; a frozen one is woken by `thaw`. */
  strike(place: number, signal: Signal): void;
  /** Wakes whoever was stopped, by a strike or by itself. */
  thaw(pid: number): void;
  pidOf(place: number): number | undefined;
  /** From here on, so many workers. */
  resize(count: number): Promise<void>;
  /** Waits until every place has a worker that runs. */
  ready(): Promise<void>;
  /** Ends that nobody asked for, and what was written before them. */
  readonly accidents: string[];
  /** Whether workers may end by themselves: their database went away, or they were frozen. */
  expectLosses(until: number): void;
  stop(): Promise<void>;
}

interface Place {
  child: ChildProcess | undefined;
  isReady: boolean;
}

export interface WorkersOptions {
  configuration: string;
  rules: string;
  /** Node's arguments that lead to the command `bulkhead`. */
  command: readonly string[];
}

export function superviseWorkers({ configuration, rules, command }: WorkersOptions): Workers {
  const places: Place[] = [];
  const accidents: string[] = [];
  const wasFrozen = new Set<number>();
  let lossesUntil = 0;
  let isStopping = false;

  const start = (place: Place) => {
    const args = ['--import', endWithParent, ...command, 'work', '--config', configuration];
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, BULKHEAD_FAILPOINT_RULES: rules },
    });
    place.child = child;
    place.isReady = false;
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-6000);
      if (output.includes('The worker runs.')) place.isReady = true;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // The next one starts at once; what this one said last is read until its pipes close.
    child.once('exit', () => {
      place.child = undefined;
      if (!isStopping && places.includes(place)) start(place);
    });
    child.once('close', (code, signal) => {
      // One that is told to leave before it listens for that is ended by the system.
      if (isStopping || signal === 'SIGKILL' || signal === 'SIGTERM' || code === 0) return;
      // A worker that was silent for too long has been taken over, and is right to end: the machine may have been busy.
      if (output.includes('This worker must not go on')) return;
      if (!wasFrozen.has(child.pid ?? 0) && Date.now() > lossesUntil) {
        accidents.push(`A worker ended with ${code ?? signal}: ${output}`);
      }
    });
  };
  const killAll = () => {
    for (const { child } of places) child?.kill('SIGKILL');
  };
  // A frozen one would not see that we are gone.
  process.once('exit', killAll);
  const end = async (children: readonly ChildProcess[]) => {
    const gone = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) child.kill('SIGTERM');
    await Promise.race([Promise.all(gone), sleep(15_000)]);
    for (const child of children) child.kill('SIGKILL');
  };

  return {
    accidents,
    strike(place, signal) {
      const child = places[place % places.length]?.child;
      if (child?.pid === undefined) return;
      if (signal === 'SIGSTOP') wasFrozen.add(child.pid);
      child.kill(signal);
    },
    thaw(pid) {
      wasFrozen.add(pid);
      try {
        process.kill(pid, 'SIGCONT');
      } catch {
        // Killed while it was frozen.
      }
    },
    pidOf: (place) => places[place % places.length]?.child?.pid,
    async resize(count) {
      while (places.length < count) {
        const place: Place = { child: undefined, isReady: false };
        places.push(place);
        start(place);
      }
      const leaving = places.splice(count).flatMap(({ child }) => child ?? []);
      await end(leaving);
    },
    async ready() {
      for (let waited = 0; places.some(({ isReady }) => !isReady); waited += 20) {
        if (waited > 60_000) throw new Error(`No worker came up within a minute. ${accidents.join('\n')}`);
        await sleep(20);
      }
    },
    expectLosses(until) {
      lossesUntil = Math.max(lossesUntil, until);
    },
    async stop() {
      isStopping = true;
      await end(places.flatMap(({ child }) => child ?? []));
      process.off('exit', killAll);
    },
  };
}
