import { PluginError, type PluginCall, type TaskRef } from '@bulkhead/plugin-sdk';
import type { VmWork } from './failover-work.ts';

/** How often a move that the backend gave up is begun again before a person is asked. */
const mostMoves = 5;

/**
 * One look at a move of a machine's disks that goes on, made again and again. Whoever looks first begins it, or finds the one
 * that runs: a process that takes over needs to know nothing. Whether the disks are there is for the caller to look at.
 */
export function moveLook(): (
  work: VmWork,
  move: { ref: string; datastore: string; hostRef?: string },
  call: PluginCall,
) => Promise<'goes-on' | 'none-runs'> {
  let task: TaskRef | undefined;
  let latest: string | undefined;
  let begun = 0;
  return async ({ vm, target }, move, call) => {
    const { compute } = target.site;
    if (!task) {
      if (begun >= mostMoves) {
        const message = `The disks of ${vm.name} could not be moved; it stays where it is.`;
        throw new PluginError('conflict', message, `given up after ${begun} moves of ${move.ref} to ${move.datastore}`);
      }
      const started = await compute.beginRelocate(move, call);
      if (!started) return 'none-runs';
      task = started;
      if (started.ref !== latest) begun += 1;
      latest = started.ref;
    }
    const current = task;
    // Whatever comes of looking at it, the next look begins with the machine, not with this task.
    task = undefined;
    const seen = await compute.observeTask(current, call);
    if (seen.state === 'running') {
      task = current;
      if (seen.percent !== undefined) call.progress({ percent: seen.percent });
    }
    return task ? 'goes-on' : 'none-runs';
  };
}
