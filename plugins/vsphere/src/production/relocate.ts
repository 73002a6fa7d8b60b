import type { PluginCall, TaskObservation, TaskRef } from '@bulkhead/plugin-sdk';
import { at, members, ref, refsOf, textAt, type MoRef } from '../soap/element.ts';
import { findByName, nameOf } from '../inventory/names.ts';
import { extraConfigOf, marks } from '../inventory/vm.ts';
import { read } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { readTask, runningTasks, runTask, startTask } from '../session/tasks.ts';
import { isFault } from '../session/vim-fault.ts';
import type { Production } from './production.ts';
import * as kinds from './task-kinds.ts';

/** Moves a machine's files to a datastore, running or not. Null when they are all there. */
export async function beginRelocate(
  production: Production,
  self: MoRef,
  datastoreName: string,
  call: PluginCall,
): Promise<TaskRef | null> {
  const { session } = production;
  const [running] = await runningTasks(session, self, kinds.relocate, call);
  if (running) return { ref: running.ref.value };
  const datastore = await findByName(production, 'Datastore', datastoreName, ['info'], call);
  if (await isThere(session, self, { ref: datastore.ref, name: datastoreName }, call)) return null;
  if (at(datastore.get('info'), 'nas')) await takeBackOldName(session, self, call);
  const args = { spec: { datastore: datastore.ref }, priority: 'defaultPriority' };
  const task = await startTask(session, 'RelocateVM_Task', self, args, call);
  return { ref: task.value };
}

// Files take the machine's name where they are moved to. Back on the tenant's share they are to lie where replication
// left them, so the machine takes its old name first.
async function takeBackOldName(session: VimSession, self: MoRef, call: PluginCall): Promise<void> {
  const vm = await read(session, self, ['name', 'config.extraConfig'], call);
  const origin = extraConfigOf(vm).get(marks.origin);
  if (!origin || nameOf(vm) === origin) return;
  try {
    await runTask(session, 'Rename_Task', self, { newName: origin }, call);
  } catch (error) {
    if (!isFault(error, 'DuplicateName', 'InvalidArgument', 'InvalidName')) throw error;
    call.log.warn({ vm: nameOf(vm), origin }, 'the old name is taken: the files go back under the new one');
  }
}

/** There only when description, disks and everything else are: one file left behind keeps the share in use. */
async function isThere(
  session: VimSession,
  self: MoRef,
  datastore: { ref: MoRef; name: string },
  call: PluginCall,
): Promise<boolean> {
  const vm = await read(session, self, ['datastore', 'config.files.vmPathName', 'config.hardware.device'], call);
  const prefix = `[${datastore.name}] `;
  const disks = members(vm.get('config.hardware.device'))
    .filter((device) => device.xsiType === 'VirtualDisk')
    .flatMap((disk) => textAt(disk, 'backing.fileName') ?? []);
  const files = [textAt(vm.get('config.files.vmPathName')) ?? '', ...disks];
  const all = refsOf(members(vm.get('datastore')));
  return all.every((one) => one.value === datastore.ref.value) && files.every((file) => file.startsWith(prefix));
}

/** @throws VimFault with the task's own failure. */
export async function observeTask(session: VimSession, task: TaskRef, call: PluginCall): Promise<TaskObservation> {
  try {
    const seen = await readTask(session, ref('Task', task.ref), call);
    if (seen.state === 'success') return { state: 'succeeded' };
    if (seen.state === 'error') throw seen.fault ?? new Error(`task ${task.ref} failed without a fault`);
    return { state: 'running', ...(seen.percent === undefined ? {} : { percent: seen.percent }) };
  } catch (error) {
    if (isFault(error, 'ManagedObjectNotFound') && error.of === 'RetrievePropertiesEx') return { state: 'unknown' };
    throw error;
  }
}
