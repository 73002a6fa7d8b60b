import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unwrap } from '@bulkhead/sdk';
import type { Lab } from '@bulkhead/lab';
import { parse, stringify } from 'yaml';
import type { Workshop } from '../workshop.ts';
import { waitFor } from './wait-for.ts';
import type { Tenant } from './tenant.ts';

/** A signal that a worker gets at a step: which one, and when it was. */
export interface Strike {
  workflow: string;
  unit: string;
  step: string;
  point: 'enter' | 'intent' | 'acted' | 'recorded';
  signal: 'SIGKILL' | 'SIGSTOP';
}

export interface Met extends Strike {
  pid: number;
  at: string;
}

export interface Armoury {
  /** For the workers' environment. */
  environment: Readonly<Record<string, string>>;
  /** Arms one strike; the answer waits until a worker has met it. */
  arm(strike: Strike): Promise<{ met(): Promise<Met> }>;
}

/** The folder from which workers read at which steps they get which signals (gateway: workflows/failpoint.ts). */
export async function openArmoury(workshop: Workshop): Promise<Armoury> {
  const folder = join(dirname(workshop.files.configuration), 'strikes');
  for (const name of ['armed', 'taken', 'met']) await mkdir(join(folder, name), { recursive: true });
  let count = 0;
  return {
    environment: { BULKHEAD_FAILPOINT_RULES: folder },
    async arm(strike) {
      count += 1;
      const name = `strike-${count}`;
      await writeFile(join(folder, name), JSON.stringify(strike));
      await rename(join(folder, name), join(folder, 'armed', name));
      return {
        met: () =>
          waitFor(`${strike.signal} at ${strike.step}`, async () => {
            if (!(await readdir(join(folder, 'met'))).includes(name)) return undefined;
            // Written by a worker's failpoint, under another name first: it is there as a whole.
            return JSON.parse(await readFile(join(folder, 'met', name), 'utf8')) as Met;
          }),
      };
    },
  };
}

/** A configuration for workers that say what they do, maybe with another heartbeat than as shipped: a file of its own. */
export async function workersConfiguration(
  { files }: Workshop,
  heartbeat?: { everySeconds: number; limitSeconds: number },
): Promise<string> {
  const configuration = parse(await readFile(files.configuration, 'utf8')) as { workflows?: object };
  const file = join(dirname(files.configuration), 'bulkhead-workers.yaml');
  const workflows = { ...configuration.workflows, ...(heartbeat === undefined ? {} : { heartbeat }) };
  await writeFile(file, stringify({ ...configuration, workflows, log: { level: 'info' } }), { mode: 0o600 });
  return file;
}

/** Holds the answer to each of these calls back, long enough that it comes while its caller does not look. */
export function holdAnswers(lab: Lab, calls: readonly { call: string; about: string }[], delayMs: number) {
  const given = new Map<string, number>();
  for (const { call, about } of calls) {
    lab.faults.add({ backend: 'vcenter', call, about, when: 'after', what: 'delay', delayMs });
  }
  const match = lab.faults.match.bind(lab.faults);
  lab.faults.match = (...asked) => {
    const rule = match(...asked);
    if (rule?.what === 'delay') given.set(rule.call, Date.now());
    return rule;
  };
  return {
    /** Resolves when the backend has done what was asked, and keeps the answer to itself. */
    isHeld: (call: string) => waitFor(`${call} held back`, async () => (given.has(call) ? true : undefined), 90_000),
    /** Resolves when all of these answers lie where their caller will find them. */
    areGiven: () =>
      waitFor('all answers', async () =>
        [...given.values()].every((at) => Date.now() > at + delayMs + 200) ? true : undefined,
      ),
  };
}

/** Starts a run of these machines. */
export async function failOver(
  { ada, networkId }: Tenant,
  vmIds: readonly string[],
  options: { target: string; relocation?: 'IMMEDIATE' | 'ON_COMMIT' },
): Promise<string> {
  const { relocation } = options;
  const answer = await ada.startFailover({
    selection: { vms: vmIds.map((vmId) => ({ vmId })), networkId },
    confirm: options.target,
    ...(relocation === undefined ? {} : { relocation }),
  });
  return unwrap(answer, 'failover').id;
}

/** After how many ms a run got on, by its log: a step was begun again, or recorded. */
export function movesOn(workshop: Workshop, operationId: string, since: Date, limitMs: number): Promise<number> {
  return waitFor(
    `a move of ${operationId}`,
    async () => {
      const [row] = await workshop.gateway.database.asMaintenance((tx) =>
        tx.execute<{ at: number | null }>(
          `select (extract(epoch from min(at)) * 1000)::float8 as at from operation_event
           where operation_id = '${operationId}' and at > '${since.toISOString()}'`,
        ),
      );
      return row?.at ? Math.round(row.at - since.getTime()) : undefined;
    },
    limitMs,
  );
}
