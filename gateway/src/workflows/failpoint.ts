import { openSync } from 'node:fs';
import { join } from 'node:path';

/** Where a process may die: before the intent, after it, after the effect, after its record. */
export type FailpointAt = 'enter' | 'intent' | 'acted' | 'recorded';

interface Armed {
  workflow: string;
  unit: string;
  step: string;
  point: string;
  /** A folder. Whoever dies leaves a file there, named for the step, so that no other process dies of the same step. */
  markers: string;
}

/**
 * For tests: `BULKHEAD_FAILPOINT=<workflow>/<unit>/<step>@<point>`, where `*` is any, and `BULKHEAD_FAILPOINT_MARKERS=<folder>`.
 * A process dies once of each step that matches.
 */
function armed(): Armed | undefined {
  const { BULKHEAD_FAILPOINT: text, BULKHEAD_FAILPOINT_MARKERS: markers } = process.env;
  if (!text || !markers) return undefined;
  const found = /^([^/]+)\/([^/]+)\/(.+)@(enter|intent|acted|recorded)$/.exec(text);
  if (!found) throw new Error(`BULKHEAD_FAILPOINT is not <workflow>/<unit>/<step>@<point>: ${text}`);
  const [, workflow = '', unit = '', step = '', point = ''] = found;
  return { workflow, unit, step, point, markers };
}

const target = armed();

/** Kills this process where a test asked for it; does nothing otherwise. */
export function failpoint(workflow: string, unit: string, step: string, point: FailpointAt): void {
  if (!target || target.point !== point) return;
  const matches = (wanted: string, actual: string) => wanted === '*' || wanted === actual;
  if (!matches(target.workflow, workflow) || !matches(target.unit, unit) || !matches(target.step, step)) return;
  try {
    openSync(join(target.markers, `${workflow}__${step.replaceAll('/', '_')}`), 'wx');
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}
