import { openSync } from 'node:fs';

/** Where a process may die: before the intent, after it, after the effect, after its record. */
export type FailpointAt = 'enter' | 'intent' | 'acted' | 'recorded';

interface Armed {
  workflow: string;
  unit: string;
  step: string;
  point: string;
  /** Created by whoever dies here first, so that the next process does not die as well. */
  marker: string;
}

/** `BULKHEAD_FAILPOINT=<workflow>/<unit>/<step>@<point>` and `BULKHEAD_FAILPOINT_MARKER=<file>`; `*` is any. For tests. */
function armed(): Armed | undefined {
  const { BULKHEAD_FAILPOINT: text, BULKHEAD_FAILPOINT_MARKER: marker } = process.env;
  if (!text || !marker) return undefined;
  const found = /^([^/]+)\/([^/]+)\/(.+)@(enter|intent|acted|recorded)$/.exec(text);
  if (!found) throw new Error(`BULKHEAD_FAILPOINT is not <workflow>/<unit>/<step>@<point>: ${text}`);
  const [, workflow = '', unit = '', step = '', point = ''] = found;
  return { workflow, unit, step, point, marker };
}

const target = armed();

/** Kills this process where a test asked for it; does nothing otherwise. */
export function failpoint(workflow: string, unit: string, step: string, point: FailpointAt): void {
  if (!target || target.point !== point) return;
  const matches = (wanted: string, actual: string) => wanted === '*' || wanted === actual;
  if (!matches(target.workflow, workflow) || !matches(target.unit, unit) || !matches(target.step, step)) return;
  try {
    openSync(target.marker, 'wx');
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}
