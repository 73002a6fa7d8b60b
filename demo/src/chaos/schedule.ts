import type { FaultRule, LabBackend } from '@bulkhead/lab';
import { faultableCalls } from './faultable-calls.ts';
import { randomOf, type Random } from './random.ts';

/** A workflow of the running gateway, with the steps that it declares. */
export interface Runbook {
  name: string;
  steps?: readonly { name: string }[] | undefined;
  undoSteps?: readonly { name: string }[] | undefined;
}

export const signals = ['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const;
export type Signal = (typeof signals)[number];
export const points = ['enter', 'intent', 'acted', 'recorded'] as const;
export type Point = (typeof points)[number];

/** What the tenant does, one after the other; what goes wrong belongs to one of them. */
export const acts = ['provision', 'failover', 'second-failover', 'commit', 'deprovision'] as const;
export type Act = (typeof acts)[number];

/** Whoever comes to this point of this step gets the signal. */
export interface StepStrike {
  workflow: string;
  step: string;
  point: Point;
  signal: Signal;
}

/** So long after the act began, whatever the worker is at. */
export interface TimedStrike {
  act: Act;
  afterMs: number;
  /** Which of the workers. */
  worker: number;
  signal: Signal;
}

export interface DatabaseRestart {
  act: Act;
  afterMs: number;
  mode: 'fast' | 'immediate';
}

export interface BackendFault {
  act: Act;
  rule: FaultRule;
}

/** All that one run does and meets. The seed alone decides it. */
export interface Schedule {
  seed: number;
  workers: number;
  tenant: 'acme' | 'globex' | 'initech';
  machines: number;
  /** How many of them fail over with the first wave; the others with the second, if there are any. */
  firstWave: number;
  /** Whether the second wave waits until the first is live. */
  isSecondLater: boolean;
  relocation: 'IMMEDIATE' | 'ON_COMMIT';
  isDeprovisioned: boolean;
  stepStrikes: StepStrike[];
  timedStrikes: TimedStrike[];
  restarts: DatabaseRestart[];
  faults: BackendFault[];
}

/** Steps of some workflow that a schedule with these choices comes to. */
function stepsMet(runbooks: readonly Runbook[], isDeprovisioned: boolean, isUndone: boolean): [string, string][] {
  return runbooks.flatMap(({ name, steps = [], undoSteps = [] }) => {
    if (name.startsWith('deprovision') && !isDeprovisioned) return [];
    const met = isUndone ? [...steps, ...undoSteps] : steps;
    return met.map((step): [string, string] => [name, step.name]);
  });
}

export function drawSchedule(seed: number, runbooks: readonly Runbook[]): Schedule {
  const random = randomOf(seed);
  const machines = random.pick([1, 1, 2, 2, 3, 4]);
  const firstWave = machines > 1 && random.chance(0.4) ? random.between(1, machines - 1) : machines;
  const isDeprovisioned = random.chance(0.5);
  const choices = {
    seed,
    workers: random.pick([2, 2, 3]),
    tenant: random.pick(['acme', 'globex', 'initech'] as const),
    machines,
    firstWave,
    isSecondLater: random.chance(0.5),
    relocation: random.pick(['IMMEDIATE', 'ON_COMMIT'] as const),
    isDeprovisioned,
  };
  const acts: Act[] = ['provision', 'failover'];
  if (firstWave < machines) acts.push('second-failover');
  acts.push('commit');
  if (isDeprovisioned) acts.push('deprovision');
  // One fault in ten of provisioning stays until it is taken away: then what was built is taken down again.
  const faults = drawFaults(random, acts);
  const isUndone = faults.some(({ act, rule }) => act === 'provision' && (rule.times ?? 1) > 5);
  return {
    ...choices,
    ...drawStrikes(random, acts, stepsMet(runbooks, isDeprovisioned, isUndone), choices.workers),
    faults,
  };
}

function drawStrikes(random: Random, acts: readonly Act[], steps: readonly [string, string][], workers: number) {
  const stepStrikes = Array.from({ length: random.between(1, 4) }, (): StepStrike => {
    const [workflow, step] = random.pick(steps);
    const signal = random.pick(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGSTOP'] as const);
    return { workflow, step, point: random.pick(points), signal };
  });
  const timedStrikes = Array.from({ length: random.between(0, 1) }, (): TimedStrike => {
    const signal = random.pick(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGSTOP'] as const);
    return { act: random.pick(acts), afterMs: random.between(0, 1500), worker: random.between(0, workers - 1), signal };
  });
  const restarts = random.chance(0.15)
    ? [{ act: random.pick(acts), afterMs: random.between(0, 1000), mode: random.pick(['fast', 'immediate'] as const) }]
    : [];
  return { stepStrikes, timedStrikes, restarts };
}

const stubbornTimes = 1000;

function drawFaults(random: Random, acts: readonly Act[]): BackendFault[] {
  return Array.from({ length: random.between(0, 3) }, () => {
    const act = random.pick(acts);
    const backend = random.pick(Object.keys(faultableCalls) as Exclude<LabBackend, 'identity'>[]);
    const what = random.pick(['error', 'error', 'cut', 'cut', 'hang', 'delay'] as const);
    const rule: FaultRule = {
      backend,
      call: random.pick(faultableCalls[backend]),
      nth: random.pick([1, 1, 1, 2, 3]),
      when: random.pick(['before', 'after'] as const),
      what,
      // Most pass by; some stay until somebody removes the cause.
      times: what !== 'delay' && what !== 'hang' && random.chance(0.15) ? stubbornTimes : random.pick([1, 1, 2]),
      ...(what === 'delay' ? { delayMs: random.between(50, 800) } : {}),
    };
    return { act, rule };
  });
}

/** In one line, for whoever reads a log. */
export function tellSchedule(schedule: Schedule): string {
  const { workers, machines, firstWave, isSecondLater, relocation, isDeprovisioned, tenant } = schedule;
  const waves =
    firstWave === machines ? '' : ` in waves ${firstWave}+${machines - firstWave}${isSecondLater ? '' : ' at once'}`;
  const told = [
    `${workers} workers, ${tenant}, ${machines} VM${waves} ${relocation}${isDeprovisioned ? ', deprovisioned' : ''}`,
    ...schedule.stepStrikes.map(({ workflow, step, point, signal }) => `${signal} ${workflow}/${step}@${point}`),
    ...schedule.timedStrikes.map(
      ({ act, afterMs, worker, signal }) => `${signal} worker ${worker} ${act}+${afterMs}ms`,
    ),
    ...schedule.restarts.map(({ act, afterMs, mode }) => `database ${mode} ${act}+${afterMs}ms`),
    ...schedule.faults.map(({ act, rule }) => `${act}: ${tellFault(rule)}`),
  ];
  return told.join('; ');
}

function tellFault({ backend, call, nth = 1, when, what, times = 1, delayMs }: FaultRule): string {
  const often = times === 1 ? '' : times === stubbornTimes ? ' always' : ` ×${times}`;
  return `${what}${delayMs === undefined ? '' : ` ${delayMs}ms`} ${when} ${backend} ${call} #${nth}${often}`;
}
