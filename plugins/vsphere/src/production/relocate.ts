import type { PluginCall, TaskObservation, TaskRef } from '@bulkhead/plugin-sdk';
import { isSameRef, members, ref, refAt, refsOf, textAt, type MoRef } from '../soap/element.ts';
import type { DataObject } from '../soap/value.ts';
import { findByName } from '../inventory/names.ts';
import { read } from '../session/property-collector.ts';
import { pause, type VimSession } from '../session/session.ts';
import { askToEnd, readTask, runningTasks, startTask } from '../session/tasks.ts';
import { isFault } from '../session/vim-fault.ts';
import { hostRef } from './datastores.ts';
import { clusterOf, rootPoolOf } from './host-room.ts';
import type { Production } from './production.ts';
import * as kinds from './task-kinds.ts';

const askedToEndMs = 5000;

/** Moves a machine's files to a datastore, running or not. Null when they are all there, and it on the host asked for. */
export async function beginRelocate(
  production: Production,
  self: MoRef,
  to: { datastore: string; hostRef?: string },
  call: PluginCall,
): Promise<TaskRef | null> {
  const { session } = production;
  const [running] = await runningTasks(session, self, kinds.relocate, call);
  if (running) return { ref: running.ref.value };
  const datastore = await findByName(production, 'Datastore', to.datastore, [], call);
  const host = to.hostRef === undefined ? undefined : hostRef(to.hostRef);
  if (await isThere(session, self, { ref: datastore.ref, name: to.datastore, host }, call)) return null;
  const place = host ? await placeOn(session, self, host, call) : {};
  const args = { spec: { datastore: datastore.ref, ...place }, priority: 'defaultPriority' };
  const task = await startTask(session, 'RelocateVM_Task', self, args, call);
  return { ref: task.value };
}

/** The host, and the root pool of its cluster when the machine comes from another one: no pool spans two. */
async function placeOn(session: VimSession, self: MoRef, host: MoRef, call: PluginCall): Promise<DataObject> {
  const now = refAt((await read(session, self, ['runtime.host'], call)).get('runtime.host'));
  if (now?.value === host.value) return { host };
  const [from, to] = [now && (await clusterOf(session, now, call)), await clusterOf(session, host, call)];
  if (!to || isSameRef(from, to)) return { host };
  const pool = await rootPoolOf(session, to, call);
  return pool ? { pool, host } : { host };
}

/** Asks a move to end, and looks for a while whether it has. Null when none goes on any more. */
export async function cancelRelocate(session: VimSession, self: MoRef, call: PluginCall): Promise<TaskRef | null> {
  const until = Math.min(Date.now() + askedToEndMs, call.deadline.getTime() - 1000);
  const asked = new Set<string>();
  for (let delayMs = 50; ; delayMs = Math.min(delayMs * 1.5, 500)) {
    const [running] = await runningTasks(session, self, kinds.relocate, call);
    if (!running) return null;
    if (!asked.has(running.ref.value)) await askToEnd(session, running, call);
    asked.add(running.ref.value);
    if (Date.now() + delayMs > until) return { ref: running.ref.value };
    await pause(delayMs, call);
  }
}

/** There only when description, disks and everything else are: one file left behind keeps the share in use. */
async function isThere(
  session: VimSession,
  self: MoRef,
  datastore: { ref: MoRef; name: string; host: MoRef | undefined },
  call: PluginCall,
): Promise<boolean> {
  const paths = ['datastore', 'config.files.vmPathName', 'config.hardware.device', 'runtime.host'];
  const vm = await read(session, self, paths, call);
  if (datastore.host && refAt(vm.get('runtime.host'))?.value !== datastore.host.value) return false;
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
