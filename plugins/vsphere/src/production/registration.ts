import { PluginError, type PluginCall, type RegistrationSpec } from '@bulkhead/plugin-sdk';
import { refAt, refsOf, textAt, type MoRef } from '../soap/element.ts';
import { findDatacenter, findVmFolder, nameOf } from '../inventory/names.ts';
import { extraConfigOf, findByVmxPath, isPoweredOn, marks, optionsToChange } from '../inventory/vm.ts';
import { read, readIfThere, type ManagedObject } from '../session/property-collector.ts';
import { pause } from '../session/session.ts';
import { awaitRunning, runTask } from '../session/tasks.ts';
import { isFault, VimFault } from '../session/vim-fault.ts';
import { hostRef } from './datastores.ts';
import { clusterOf, rootPoolOf } from './host-room.ts';
import { ensureName } from './naming.ts';
import type { Production } from './production.ts';
import * as kinds from './task-kinds.ts';

const paths = ['name', 'config.extraConfig', 'config.changeVersion', 'runtime.powerState', 'runtime.connectionState'];

/**
 * Registers a machine under its old name, marks it as this failover's, then renames it: the mark is what finds it
 * again, wherever its files and its name have gone by then.
 */
export async function ensureRegistered(
  production: Production,
  spec: RegistrationSpec,
  call: PluginCall,
): Promise<MoRef> {
  const { session } = production;
  const path = `[${spec.datastore}] ${spec.relativeVmxPath}`;
  const folder = await findVmFolder(production, spec.folder, call);
  const datacenter = await findDatacenter(production, call);
  const find = async () =>
    (await findByVmxPath(session, datacenter, path, call)) ?? (await findMoved(production, folder, spec, call));
  let found = await find();
  // An earlier attempt may have started what it could not see the end of.
  if (!found && call.attempt > 1 && (await awaitRunning(session, folder, kinds.register, call))) found = await find();
  const vm = found ?? (await register(production, spec, { path, folder, find }, call));
  await markAsOurs(production, vm, spec, call);
  await ensureName(production.session, vm, spec.name, call);
  return vm;
}

/** After relocation its files lie elsewhere: the name and the mark tell. */
async function findMoved(
  production: Production,
  folder: MoRef,
  spec: RegistrationSpec,
  call: PluginCall,
): Promise<MoRef | undefined> {
  const children = await production.session.callService(
    'searchIndex',
    'FindChild',
    { entity: folder, name: spec.name },
    call,
  );
  const [child] = refsOf(children);
  if (child?.type !== 'VirtualMachine') return undefined;
  const vm = await readIfThere(production.session, child, ['config.extraConfig'], call);
  if (!vm) return undefined;
  const written = extraConfigOf(vm);
  return written.get(marks.failover) === spec.failoverId && written.get(marks.vm) === spec.vmId ? child : undefined;
}

async function register(
  production: Production,
  spec: RegistrationSpec,
  place: { path: string; folder: MoRef; find: () => Promise<MoRef | undefined> },
  call: PluginCall,
): Promise<MoRef> {
  const cluster = await clusterOf(production.session, hostRef(spec.hostRef), call);
  const pool = cluster && (await rootPoolOf(production.session, cluster, call));
  const args = { path: place.path, asTemplate: false, ...(pool ? { pool } : {}), host: hostRef(spec.hostRef) };
  try {
    return await registerAs(production, place.folder, args, call);
  } catch (error) {
    if (!isFault(error, 'AlreadyExists', 'DuplicateName')) throw error;
    // Either it is registered already, by a call that overlapped with this one …
    for (let tries = 0; tries < (isFault(error, 'AlreadyExists') ? 20 : 2); tries += 1) {
      const found = await place.find();
      if (found) return found;
      await pause(100, call);
    }
    // … or another customer's machine has the same old name in this folder: then it comes in under its new one.
    if (!isFault(error, 'DuplicateName')) throw nameConflict(spec, error);
    return registerAs(production, place.folder, { ...args, name: spec.name }, call).catch((again: unknown) => {
      throw isFault(again, 'AlreadyExists', 'DuplicateName') ? nameConflict(spec, again) : again;
    });
  }
}

async function registerAs(
  production: Production,
  folder: MoRef,
  args: { path: string; name?: string; asTemplate: boolean; pool?: MoRef; host: MoRef },
  call: PluginCall,
): Promise<MoRef> {
  const made = refAt(await runTask(production.session, 'RegisterVM_Task', folder, args, call));
  if (made) return made;
  throw new PluginError(
    'unknown-outcome',
    'The machine could not be seen after it was registered; it is checked and tried again.',
    `RegisterVM_Task of ${args.path} ended without a machine`,
  );
}

/**
 * Writes our marks, and `uuid.action`: answered before it is asked, so that power-on does not stop at "moved or copied".
 * @throws PluginError `conflict` when the machine is another failover's.
 */
async function markAsOurs(
  production: Production,
  self: MoRef,
  spec: RegistrationSpec,
  call: PluginCall,
): Promise<void> {
  const { session } = production;
  const wanted = {
    // A test's copy runs beside the machine that it is of, and must not be taken for it.
    'uuid.action': spec.isTest ? 'create' : 'keep',
    [marks.failover]: spec.failoverId,
    [marks.vm]: spec.vmId,
    [marks.tenant]: spec.tenantId,
    ...(spec.isTest ? { [marks.test]: spec.failoverId } : {}),
  };
  for (let tries = 0; ; tries += 1) {
    await awaitRunning(session, self, kinds.reconfigure, call);
    const vm = await read(session, self, paths, call);
    refuseUnreadable(vm, spec);
    refuseForeign(vm, spec);
    const extraConfig = optionsToChange(vm, wanted);
    if (extraConfig.length === 0) return;
    const changeVersion = textAt(vm.get('config.changeVersion'));
    try {
      const change = { ...(changeVersion === undefined ? {} : { changeVersion }), extraConfig };
      await runTask(session, 'ReconfigVM_Task', self, { spec: change }, call);
      return;
    } catch (error) {
      if (!isFault(error, 'ConcurrentAccess') || tries >= 3) throw error;
    }
  }
}

function refuseForeign(vm: ManagedObject, spec: RegistrationSpec): void {
  const written = extraConfigOf(vm);
  const failover = written.get(marks.failover);
  const tenant = written.get(marks.tenant);
  const isOther =
    (failover !== undefined && failover !== '' && failover !== spec.failoverId) ||
    (tenant !== undefined && tenant !== '' && tenant !== spec.tenantId);
  // An undone failover leaves its mark in the files; only a machine that lives at another path is another's.
  if (!isOther || !isPoweredOn(vm)) return;
  throw new PluginError(
    'conflict',
    'The machine is part of another failover that is still open.',
    `${spec.relativeVmxPath} on ${spec.datastore} is marked for failover ${failover ?? ''} of tenant ${tenant ?? ''} and runs`,
  );
}

function refuseUnreadable(vm: ManagedObject, spec: RegistrationSpec): void {
  const state = textAt(vm.get('runtime.connectionState'));
  if (state === undefined || state === 'connected') return;
  throw new PluginError(
    'conflict',
    'The machine’s files cannot be read at the provider; the provider has to look into it.',
    `${spec.relativeVmxPath} on ${spec.datastore} is ${state} after registration`,
  );
}

function nameConflict(spec: RegistrationSpec, cause: unknown): PluginError {
  return new PluginError(
    'conflict',
    'The machine, or another of its name, is registered at the provider already; the provider has to look into it.',
    `[${spec.datastore}] ${spec.relativeVmxPath} as ${spec.name}`,
    { cause },
  );
}

/** Takes our marks out of the files, then unregisters; the files stay. Absent is success. @throws PluginError `conflict` while it is powered on. */
export async function removeRegistration(production: Production, self: MoRef, call: PluginCall): Promise<void> {
  const { session } = production;
  if (!(await readIfThere(session, self, ['name'], call))) return;
  await awaitRunning(session, self, kinds.reconfigure, call);
  const vm = await readIfThere(session, self, paths, call);
  if (!vm) return;
  if (isPoweredOn(vm))
    throw new PluginError(
      'conflict',
      'The machine is still running; switch it off first.',
      `${nameOf(vm)} is powered on`,
    );
  await removeMarks(production, vm, call);
  try {
    await session.call('UnregisterVM', self, {}, call);
  } catch (error) {
    if (!isFault(error, 'ManagedObjectNotFound')) throw error;
  }
}

// What is left in the files would go back to the customer with them. A machine that cannot be changed any more, because
// its share is gone for instance, is unregistered all the same.
async function removeMarks(production: Production, vm: ManagedObject, call: PluginCall): Promise<void> {
  const has = extraConfigOf(vm);
  const ours = ['uuid.action', marks.failover, marks.test, marks.vm, marks.tenant];
  const keys = ours.filter((key) => has.get(key));
  if (!has.get(marks.failover) || keys.length === 0) return;
  const extraConfig = optionsToChange(vm, Object.fromEntries(keys.map((key) => [key, ''])));
  try {
    await runTask(production.session, 'ReconfigVM_Task', vm.ref, { spec: { extraConfig } }, call);
  } catch (error) {
    if (!(error instanceof VimFault) || error.is('NotAuthenticated', 'NoPermission', 'TaskInProgress')) throw error;
    call.log.warn({ vm: nameOf(vm), fault: error.fault }, 'the machine leaves with our marks in its files');
  }
}
