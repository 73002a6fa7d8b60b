import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { MoRef } from '../soap/element.ts';
import { readIfThere } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { awaitRunning, runTask } from '../session/tasks.ts';

/**
 * Destroys an object; `before` makes it ready, where it still is. However that ends, gone is done: with the object its
 * task may become unreadable too.
 */
export async function destroy(
  session: VimSession,
  self: MoRef,
  call: PluginCall,
  before?: () => Promise<void>,
): Promise<void> {
  try {
    // An earlier attempt's removal may be under way, and end here.
    await awaitRunning(session, self, /./, call);
    await before?.();
    await runTask(session, 'Destroy_Task', self, {}, call);
  } catch (error) {
    if (await readIfThere(session, self, ['name'], call)) throw error;
  }
}
