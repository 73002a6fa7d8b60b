import type { OperationEvent } from '@bulkhead/sdk/subscriptions';

/** Shows what a run is doing: bars that move on a terminal, one line per change anywhere else. */
export interface Progress {
  show(event: OperationEvent): void;
  end(): void;
}

interface Bar {
  label: string;
  step: string;
  percent: number;
  state: string;
}

const width = 24;

/**
 * One bar per machine and one for the run as a whole. `vmSteps` says how many steps a machine goes through, so that a bar
 * grows evenly.
 */
export function makeProgress(
  out: NodeJS.WriteStream,
  names: ReadonlyMap<string, string>,
  totals: { run: number; vm: number },
): Progress {
  const bars = new Map<string, Bar>();
  const done = new Map<string, Set<string>>();
  let drawn = 0;

  const barOf = (unit: string): Bar => {
    const known = bars.get(unit);
    if (known) return known;
    const made = { label: unit === 'run' ? 'run' : (names.get(unit) ?? unit), step: '', percent: 0, state: '' };
    bars.set(unit, made);
    return made;
  };

  return {
    show(event) {
      const unit = event.vm?.failoverVmId ?? event.stepOfFailoverVmId ?? 'run';
      const bar = barOf(unit);
      const finished = done.get(unit) ?? new Set<string>();
      done.set(unit, finished);
      if (event.step) {
        bar.step = event.step.title;
        bar.state = event.step.state;
        if (event.step.state === 'SUCCEEDED') finished.add(event.step.name);
        const total = unit === 'run' ? totals.run : totals.vm;
        const within = event.step.state === 'SUCCEEDED' ? 0 : (event.step.percent ?? 0) / 100;
        bar.percent = Math.max(bar.percent, Math.min(100, ((finished.size + within) / total) * 100));
      }
      if (event.vm) bar.state = event.vm.state;
      if (event.type === 'FINISHED') for (const each of bars.values()) each.percent = 100;
      if (out.isTTY) draw();
      else out.write(`  ${String(event.sequence).padStart(4)}  ${lineOf(event, bar)}\n`);
    },
    end() {
      drawn = 0;
    },
  };

  function draw(): void {
    if (drawn > 0) out.write(`\u001B[${drawn}A`);
    for (const { label, step, percent, state } of bars.values()) {
      const full = Math.round((percent / 100) * width);
      const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
      out.write(
        `\u001B[2K  ${label.padEnd(16)} ${bar} ${String(Math.round(percent)).padStart(3)} %  ${state.toLowerCase().padEnd(10)} ${step}\n`,
      );
    }
    drawn = bars.size;
  }
}

function lineOf(event: OperationEvent, bar: Bar): string {
  const who = event.vm ? `${event.vm.name}: ` : bar.label === 'run' ? '' : `${bar.label}: `;
  const problem = event.problem ? ` (${event.problem.remedy})` : '';
  return `${who}${event.message}${problem}`;
}
