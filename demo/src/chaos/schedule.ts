import type { FaultRule, LabBackend } from '@bulkhead/lab';
import { callsBeforePowerOn, callsOfProvisioning, faultableCalls } from './faultable-calls.ts';
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

export type Removal = 'none' | 'at-once' | 'retained';
/** How runs end: all of them made final, all taken back, or one machine taken back and the others made final. */
export type Ending = 'commit' | 'undo' | 'undo-one';
/** What a person does while machines are being started. */
export interface Interruption {
  what: 'cancel' | 'pause';
  afterMs: number;
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
  /** Whether the target is given up at the end: not, at once, or with its data kept for a moment first. */
  removal: Removal;
  ending: Ending;
  /** In the first wave; what was cancelled is started anew. */
  interruption?: Interruption;
  /** A machine that pauses before it was ever on is left out, instead of retried. */
  isLeftOut: boolean;
  stepStrikes: StepStrike[];
  timedStrikes: TimedStrike[];
  restarts: DatabaseRestart[];
  faults: BackendFault[];
}

/** What a schedule goes through beyond provisioning and failover. */
interface Ways {
  ending: Ending;
  relocation: Schedule['relocation'];
  machines: number;
  removal: Removal;
  isLeftOut: boolean;
  isUndone: boolean;
}

/** Steps of some workflow that a schedule which goes these ways comes to. */
function stepsMet(runbooks: readonly Runbook[], ways: Ways): [string, string][] {
  const { removal, isLeftOut, isUndone, ending, relocation, machines } = ways;
  // Of one machine that is taken back, nothing is left to be made final.
  const isCommitted = ending === 'commit' || (ending === 'undo-one' && machines > 1);
  const isPlayed = (workflow: string) => {
    if (workflow.startsWith('deprovision-')) return removal !== 'none';
    if (workflow.startsWith('destroy-')) return removal === 'retained';
    if (workflow.startsWith('undo-')) return ending !== 'commit';
    if (workflow.startsWith('commit-')) return isCommitted;
    if (workflow.startsWith('relocate-')) return isCommitted || relocation === 'IMMEDIATE';
    return !workflow.startsWith('skip-') || isLeftOut;
  };
  return runbooks
    .filter(({ name }) => isPlayed(name))
    .flatMap(({ name, steps = [], undoSteps = [] }) =>
      (isUndone ? [...steps, ...undoSteps] : steps).map((step): [string, string] => [name, step.name]),
    );
}

export function drawSchedule(seed: number, runbooks: readonly Runbook[]): Schedule {
  const random = randomOf(seed);
  const machines = random.pick([1, 1, 2, 2, 3, 4]);
  const firstWave = machines > 1 && random.chance(0.4) ? random.between(1, machines - 1) : machines;
  const choices = {
    seed,
    workers: random.pick([2, 2, 3]),
    tenant: random.pick(['acme', 'globex', 'initech'] as const),
    machines,
    firstWave,
    isSecondLater: random.chance(0.5),
    relocation: random.pick(['IMMEDIATE', 'ON_COMMIT'] as const),
    removal: random.pick(['none', 'none', 'none', 'none', 'at-once', 'at-once', 'at-once', 'retained'] as const),
    isLeftOut: random.chance(0.1),
    ending: random.pick(['commit', 'commit', 'commit', 'undo', 'undo', 'undo-one'] as const),
    ...drawInterruption(random),
  };
  const acts: Act[] = ['provision', 'failover'];
  if (firstWave < machines) acts.push('second-failover');
  acts.push('commit');
  // The removal of retained data is tried again after an hour when it fails: too long to be waited for.
  if (choices.removal === 'at-once') acts.push('deprovision');
  const faults = drawFaults(random, acts);
  // Left out can only be who pauses, and undone only what failed for good.
  if (choices.isLeftOut) faults.push({ act: 'failover', rule: stubborn('vcenter', random.pick(callsBeforePowerOn)) });
  const isUndone = random.chance(0.1);
  const [backend, call] = random.pick(callsOfProvisioning);
  if (isUndone) faults.push({ act: 'provision', rule: stubborn(backend, call) });
  const steps = stepsMet(runbooks, { ...choices, isUndone });
  return { ...choices, ...drawStrikes(random, acts, steps, choices.workers), faults };
}

function drawInterruption(random: Random): Pick<Schedule, 'interruption'> {
  if (!random.chance(0.2)) return {};
  return { interruption: { what: random.pick(['cancel', 'pause'] as const), afterMs: random.between(0, 1200) } };
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

function stubborn(backend: LabBackend, call: string): FaultRule {
  return { backend, call, when: 'before', what: 'error', times: stubbornTimes };
}

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
  const { workers, machines, firstWave, isSecondLater, relocation, removal, isLeftOut, tenant, ending } = schedule;
  const { interruption } = schedule;
  const waves =
    firstWave === machines ? '' : ` in waves ${firstWave}+${machines - firstWave}${isSecondLater ? '' : ' at once'}`;
  const told = [
    `${workers} workers, ${tenant}, ${machines} VM${waves} ${relocation}${removal === 'none' ? '' : `, removed ${removal}`}${isLeftOut ? ', left out when paused' : ''}, ${ending}${interruption ? `, ${interruption.what} +${interruption.afterMs}ms` : ''}`,
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
