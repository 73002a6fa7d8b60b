import { openSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a process may die: before the intent, after it, after the effect, after its record. */
export const failpointPlaces = ['enter', 'intent', 'acted', 'recorded'] as const;
export type FailpointAt = (typeof failpointPlaces)[number];

/** A place where a process is to get a signal; `*` is any. */
export interface FailpointRule {
  workflow: string;
  unit: string;
  step: string;
  point: FailpointAt;
  signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP';
}

/** What is left of a rule that was met. */
export interface FailpointMet extends FailpointRule {
  pid: number;
  at: string;
}

/** Kills this process, or stops it, where a test asked for it; does nothing otherwise. */
export function failpoint(workflow: string, unit: string, step: string, point: FailpointAt): void {
  if (onceEach) meetOnceEach(onceEach, workflow, unit, step, point);
  if (rulesFolder !== undefined) meetArmed(rulesFolder, workflow, unit, step, point);
}

const onceEach = readOnceEach();
const rulesFolder = process.env.BULKHEAD_FAILPOINT_RULES || undefined;

interface OnceEach extends FailpointRule {
  /** A folder. Whoever dies leaves a file there, named for the step, so that no other process dies of the same step. */
  markers: string;
}

/**
 * `BULKHEAD_FAILPOINT=<workflow>/<unit>/<step>@<point>`, where `*` is any, and `BULKHEAD_FAILPOINT_MARKERS=<folder>`: a
 * process is killed once of each step that matches.
 */
function readOnceEach(): OnceEach | undefined {
  const { BULKHEAD_FAILPOINT: text, BULKHEAD_FAILPOINT_MARKERS: markers } = process.env;
  if (!text || !markers) return undefined;
  const [, workflow = '', unit = '', step = '', at = ''] = /^([^/]+)\/([^/]+)\/(.+)@(\w+)$/.exec(text) ?? [];
  const point = failpointPlaces.find((place) => place === at);
  if (!point) throw new Error(`BULKHEAD_FAILPOINT is not <workflow>/<unit>/<step>@<point>: ${text}`);
  return { workflow, unit, step, point, signal: 'SIGKILL', markers };
}

function meetOnceEach(rule: OnceEach, workflow: string, unit: string, step: string, point: FailpointAt): void {
  if (!matches(rule, workflow, unit, step, point)) return;
  try {
    openSync(join(rule.markers, `${workflow}__${step.replaceAll('/', '_')}`), 'wx');
  } catch {
    return;
  }
  process.kill(process.pid, rule.signal);
}

/**
 * `BULKHEAD_FAILPOINT_RULES=<folder>`: each file of its `armed/` is one rule, so that a test can arm a point while workers
 * run. Of several processes that come to it, the one that can move the file to `met/` gets the signal.
 */
function meetArmed(folder: string, workflow: string, unit: string, step: string, point: FailpointAt): void {
  for (const name of readdirSync(join(folder, 'armed')).toSorted()) {
    const armed = join(folder, 'armed', name);
    let rule: FailpointRule;
    try {
      // Written by a test of ours, under another name first: it is there as a whole or not at all.
      rule = JSON.parse(readFileSync(armed, 'utf8')) as FailpointRule;
      if (!matches(rule, workflow, unit, step, point)) continue;
      renameSync(armed, join(folder, 'taken', name));
    } catch {
      // Another process was first, or the test took its rule back.
      continue;
    }
    const met: FailpointMet = { ...rule, workflow, unit, step, pid: process.pid, at: new Date().toISOString() };
    const whole = join(folder, 'taken', `${name}.whole`);
    writeFileSync(whole, JSON.stringify(met));
    renameSync(whole, join(folder, 'met', name));
    process.kill(process.pid, rule.signal);
    return;
  }
}

function matches(rule: FailpointRule, workflow: string, unit: string, step: string, point: FailpointAt): boolean {
  const isAny = (wanted: string, ...actual: string[]) => wanted === '*' || actual.includes(wanted);
  // A step that is taken once for each round of a run, or for each target, is declared without them.
  const declared = step.replace(/@.*$/, '').replace(/-\d+$/, '');
  return (
    rule.point === point && isAny(rule.workflow, workflow) && isAny(rule.unit, unit) && isAny(rule.step, step, declared)
  );
}
