import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import type { MoRef } from '../soap/element.ts';
import { nameOf } from '../inventory/names.ts';
import { read } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { awaitRunning, runTask } from '../session/tasks.ts';
import { isFault } from '../session/vim-fault.ts';
import * as kinds from './task-kinds.ts';

/** Names a machine in the inventory. @throws PluginError `conflict` when another of its folder bears the name. */
export async function ensureName(session: VimSession, self: MoRef, name: string, call: PluginCall): Promise<void> {
  const isNamed = async () => nameOf(await read(session, self, ['name'], call)) === name;
  if (await isNamed()) return;
  // An earlier attempt may have begun what it could not see the end of.
  if (call.attempt > 1 && (await awaitRunning(session, self, kinds.rename, call)) && (await isNamed())) return;
  try {
    await runTask(session, 'Rename_Task', self, { newName: name }, call);
  } catch (error) {
    if (!isFault(error, 'DuplicateName', 'InvalidArgument', 'InvalidName')) throw error;
    throw new PluginError(
      'conflict',
      'Another machine at the provider bears this machine’s name; the provider has to look into it.',
      `cannot rename ${self.value} to ${name}`,
      { cause: error },
    );
  }
}
