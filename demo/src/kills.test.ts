import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchOperation, type OperationEvent } from '@bulkhead/sdk/subscriptions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { effectsDoneTwice } from './chaos/world/effects-done-twice.ts';
import { checkFinalState } from './final-state/final-state.ts';
import {
  commitAndWatch,
  expectations,
  machinesOf,
  orderTarget,
  pressButton,
  pushReplicas,
  protectedVms,
} from './story.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let workshop: Workshop;
let markers: string;
let workers: Workers;

beforeAll(async () => {
  workshop = await openWorkshop({ worker: false });
  markers = join(dirname(workshop.files.configuration), 'killed');
  await mkdir(markers);
  workers = keepWorkers(workshop.files.configuration, markers);
});
afterAll(async () => {
  await workers?.stop();
  await workshop?.close();
});

/** Always two workers: when one is killed, the other takes over and a new one is started. */
interface Workers {
  /** How many were killed so far. */
  killed(): number;
  /** Whatever a worker wrote before it ended in another way than by being killed or told to stop. */
  accidents: string[];
  stop(): Promise<void>;
}

function keepWorkers(configuration: string, markerFolder: string): Workers {
  const running = new Set<ChildProcess>();
  const accidents: string[] = [];
  let killed = 0;
  let isStopping = false;
  const start = () => {
    const child = spawn(
      process.execPath,
      ['--import', './tools/source.mjs', 'gateway/src/cli.ts', 'work', '--config', configuration],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        // Each step kills the worker that has just had its effect, once.
        env: { ...process.env, BULKHEAD_FAILPOINT: '*/*/*@acted', BULKHEAD_FAILPOINT_MARKERS: markerFolder },
      },
    );
    running.add(child);
    let output = '';
    const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('exit', (code, signal) => {
      running.delete(child);
      if (isStopping) return;
      if (signal === 'SIGKILL') killed += 1;
      else accidents.push(`ended with ${code ?? signal}: ${output}`);
      start();
    });
  };
  start();
  start();
  return {
    killed: () => killed,
    accidents,
    async stop() {
      isStopping = true;
      const gone = [...running].map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of running) child.kill('SIGTERM');
      await Promise.race([Promise.all(gone), sleep(15_000)]);
      for (const child of running) child.kill('SIGKILL');
    },
  };
}

/** `workflow/step` for each step that killed its worker. */
async function stepsHit(): Promise<string[]> {
  return (await readdir(markers)).map((name) => name.replace('__', '/')).sort();
}

function expectNoGap(events: readonly OperationEvent[]): void {
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
}

test(
  'a worker killed once at each step, right after its effect and before its record, costs nothing',
  { timeout: 600_000 },
  async () => {
    const [nora, ada] = [workshop.as('nora'), workshop.as('ada')];
    const watched: OperationEvent[] = [];
    const { targetId, networkId, operationId } = await orderTarget(nora);
    for await (const event of watchOperation(nora, operationId)) watched.push(event);
    expectNoGap(watched);
    expect(watched.at(-1)).toMatchObject({ type: 'FINISHED', status: 'SUCCEEDED' });

    await pushReplicas(workshop, ada, targetId, () => undefined);
    const vms = await protectedVms(ada, targetId, 3);
    const failover = await pressButton(
      ada,
      vms.map(({ id }) => id),
      networkId,
    );
    const run: OperationEvent[] = [];
    for await (const event of watchOperation(ada, failover.id)) {
      run.push(event);
      expect(event.phase).not.toBe('PAUSED');
      if (event.phase === 'LIVE') break;
    }
    // Everybody is live: with relocation under way or done, the commit finishes it.
    await commitAndWatch(ada, failover.id, run.at(-1)?.cursor, (event) => run.push(event));
    expectNoGap(run);
    expect(run.at(-1)).toMatchObject({ type: 'FINISHED', status: 'SUCCEEDED' });
    expect((await ada.getFailover(failover.id))?.phase).toBe('COMMITTED');

    const { datacentre, expected } = expectations(workshop, targetId, await machinesOf(ada, failover.id));
    const findings = await checkFinalState(datacentre, expected);
    expect(findings.filter(({ isMet }) => !isMet)).toEqual([]);

    const hit = await stepsHit();
    process.stdout.write(
      `Killed after the effect of ${hit.length} steps:\n${hit.map((step) => `  ${step}\n`).join('')}`,
    );
    expect(workers.accidents).toEqual([]);
    expect(workers.killed()).toBe(hit.length);
    // Every step that ran was hit: the watchers' events name them all.
    const ran = new Set([...watched, ...run].flatMap(({ step }) => (step ? [step.name] : [])));
    expect([...ran].filter((name) => !hit.some((each) => each.endsWith(`/${name}`)))).toEqual([]);
    expect(effectsDoneTwice(workshop.lab.journal.entries)).toEqual([]);
  },
);
