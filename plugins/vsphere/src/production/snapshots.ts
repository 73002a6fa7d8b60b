import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { all, booleanAt, isSameRef, refAt, textAt, type MoRef, type XmlElement } from '../soap/element.ts';
import { nameOf } from '../inventory/names.ts';
import { extraConfigOf, isPoweredOn, optionsToChange } from '../inventory/vm.ts';
import { read, readIfThere, type ManagedObject } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { awaitRunning, runTask } from '../session/tasks.ts';
import { isFault } from '../session/vim-fault.ts';
import * as kinds from './task-kinds.ts';

export interface Snapshot {
  readonly ref: MoRef;
  readonly name: string;
  readonly description: string;
  readonly createdAt: Date;
  readonly parent: MoRef | undefined;
}

const paths = ['name', 'snapshot', 'config.extraConfig', 'runtime.powerState'];

/** Every snapshot of a machine, parents before children. */
export function snapshotsOf(info: XmlElement | undefined): Snapshot[] {
  const walk = (nodes: readonly XmlElement[], parent: MoRef | undefined): Snapshot[] =>
    nodes.flatMap((node) => {
      const self = refAt(node, 'snapshot');
      if (!self) return [];
      const snapshot = {
        ref: self,
        name: textAt(node, 'name') ?? '',
        description: textAt(node, 'description') ?? '',
        createdAt: new Date(textAt(node, 'createTime') ?? 0),
        parent,
      };
      return [snapshot, ...walk(all(node, 'childSnapshotList'), self)];
    });
  return walk(all(info, 'rootSnapshotList'), undefined);
}

export function currentSnapshot(info: XmlElement | undefined): MoRef | undefined {
  return refAt(info, 'currentSnapshot');
}

/**
 * Takes the snapshot that undo goes back to, once; then reverts to the restore point asked for, once: the machine's
 * current snapshot tells whether that was done.
 */
export async function ensureProtectiveSnapshot(
  session: VimSession,
  self: MoRef,
  spec: { name: string; restorePoint?: string },
  call: PluginCall,
): Promise<MoRef> {
  const protective = await ensureTaken(session, self, spec.name, call);
  if (spec.restorePoint !== undefined) await ensureReverted(session, self, protective, spec.restorePoint, call);
  return protective.ref;
}

async function ensureTaken(session: VimSession, self: MoRef, name: string, call: PluginCall): Promise<Snapshot> {
  await awaitRunning(session, self, kinds.createSnapshot, call);
  const vm = await read(session, self, paths, call);
  const existing = snapshotsOf(vm.get('snapshot')).find((one) => one.name === name);
  if (existing) return existing;
  const args = { name, description: rememberMarks(vm), memory: false, quiesce: false };
  // Taken late, after its caller has given up, it would cover another state than the one meant.
  await runTask(session, 'CreateSnapshot_Task', self, args, call, 'cancel');
  const now = await read(session, self, paths, call);
  const taken = snapshotsOf(now.get('snapshot')).find((one) => one.name === name);
  if (taken) return taken;
  throw new PluginError(
    'unknown-outcome',
    'The machine’s snapshot could not be seen after it was taken; it is checked and tried again.',
    `${nameOf(vm)} has no snapshot ${name} after CreateSnapshot_Task`,
  );
}

async function ensureReverted(
  session: VimSession,
  self: MoRef,
  protective: Snapshot,
  restorePoint: string,
  call: PluginCall,
): Promise<void> {
  await awaitRunning(session, self, kinds.revert, call);
  const vm = await read(session, self, paths, call);
  const snapshots = snapshotsOf(vm.get('snapshot'));
  const point = snapshots.filter((one) => one.name === restorePoint && one.name !== protective.name).at(-1);
  if (!point)
    throw new PluginError(
      'not-found',
      'The restore point asked for is not there any more.',
      `${nameOf(vm)} has no snapshot named ${restorePoint}`,
    );
  const current = currentSnapshot(vm.get('snapshot'));
  // Anything but the protective snapshot means that the machine has left it, which nothing but our revert does.
  if (isSameRef(current, protective.ref)) {
    refuseWhileOn(vm);
    await runTask(session, 'RevertToSnapshot_Task', point.ref, { suppressPowerOn: true }, call);
  } else if (!descendsFrom(snapshots, current, point.ref)) {
    throw new PluginError(
      'conflict',
      'The machine stands on another snapshot than it should; the provider has to look into it.',
      `${nameOf(vm)} is on ${current?.value ?? 'no snapshot'}, neither on ${protective.name} nor on ${restorePoint}`,
    );
  }
  await restoreMarks(session, self, protective, call);
}

function descendsFrom(snapshots: readonly Snapshot[], start: MoRef | undefined, ancestor: MoRef): boolean {
  for (let here = start; here;) {
    if (isSameRef(here, ancestor)) return true;
    const { value } = here;
    here = snapshots.find((one) => one.ref.value === value)?.parent;
  }
  return false;
}

const remembered = /^(bulkhead\.[a-z]+|uuid\.action)=(.*)$/;

// A revert brings back the settings of the snapshot's time, which knew nothing of us: so the marks are kept beside it.
function rememberMarks(vm: ManagedObject): string {
  const lines = [...extraConfigOf(vm)].map(([key, value]) => `${key}=${value}`).filter((line) => remembered.test(line));
  return ['Taken by Bulkhead; undo goes back to it.', ...lines].join('\n');
}

async function restoreMarks(session: VimSession, self: MoRef, protective: Snapshot, call: PluginCall): Promise<void> {
  const wanted: Record<string, string> = {};
  for (const line of protective.description.split('\n')) {
    const [, key, value] = remembered.exec(line) ?? [];
    if (key !== undefined && value !== undefined) wanted[key] = value;
  }
  const vm = await read(session, self, paths, call);
  const extraConfig = optionsToChange(vm, wanted);
  if (extraConfig.length > 0) await runTask(session, 'ReconfigVM_Task', self, { spec: { extraConfig } }, call);
}

/** Goes back to the state before the failover. The machine must be off: what it wrote since is lost. */
export async function revertToProtectiveSnapshot(
  session: VimSession,
  self: MoRef,
  name: string,
  call: PluginCall,
): Promise<void> {
  // Not even a revert that runs is ours for certain: it may be the one to a restore point.
  await awaitRunning(session, self, kinds.snapshots, call);
  const vm = await read(session, self, paths, call);
  const protective = snapshotsOf(vm.get('snapshot')).find((one) => one.name === name);
  if (!protective)
    throw new PluginError(
      'not-found',
      'The snapshot that undo needs is not there any more; the provider has to look into it.',
      `${nameOf(vm)} has no snapshot named ${name}`,
    );
  refuseWhileOn(vm);
  await runTask(session, 'RevertToSnapshot_Task', protective.ref, { suppressPowerOn: true }, call);
}

/** Removes that snapshot alone; the restore points stay. Absent is success. */
export async function removeProtectiveSnapshot(
  session: VimSession,
  self: MoRef,
  name: string,
  call: PluginCall,
): Promise<void> {
  if (!(await readIfThere(session, self, ['name'], call))) return;
  await awaitRunning(session, self, kinds.snapshots, call);
  const vm = await read(session, self, [...paths, 'runtime.consolidationNeeded'], call);
  for (const snapshot of snapshotsOf(vm.get('snapshot')).filter((one) => one.name === name)) {
    const args = { removeChildren: false, consolidate: true };
    try {
      await runTask(session, 'RemoveSnapshot_Task', snapshot.ref, args, call);
    } catch (error) {
      if (!isFault(error, 'ManagedObjectNotFound', 'NotFound')) throw error;
    }
  }
  const after = await read(session, self, ['runtime.consolidationNeeded'], call);
  if (booleanAt(after.get('runtime.consolidationNeeded')))
    await runTask(session, 'ConsolidateVMDisks_Task', self, {}, call);
}

function refuseWhileOn(vm: ManagedObject): void {
  if (!isPoweredOn(vm)) return;
  throw new PluginError(
    'conflict',
    'The machine is still running; switch it off first.',
    `${nameOf(vm)} is powered on`,
  );
}
