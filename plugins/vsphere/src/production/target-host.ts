import { PluginError, type PluginCall, type TargetHost, type TargetHostSpec } from '@bulkhead/plugin-sdk';
import { refAt, refsOf, type MoRef } from '../soap/element.ts';
import type { DataObject } from '../soap/value.ts';
import { destroy } from '../inventory/destroy.ts';
import { cardEdit, type WantedCard } from '../inventory/cards.ts';
import { findByName, findByPath, findVmFolder } from '../inventory/names.ts';
import { ensureManagementPortGroup, removeManagementPortGroup, requirePortGroup } from '../inventory/port-groups.ts';
import { targetUuid } from '../inventory/uuid.ts';
import { ethernetCards, extraConfigOf, findByUuid, isPoweredOn, marks, optionsToChange } from '../inventory/vm.ts';
import { read, readIfThere, type ManagedObject } from '../session/property-collector.ts';
import { pause } from '../session/session.ts';
import { awaitRunning, runTask } from '../session/tasks.ts';
import { isFault } from '../session/vim-fault.ts';
import { hostsOf, type HostRoom } from './host-room.ts';
import { powerOff } from './power.ts';
import type { Production } from './production.ts';
import { clone as cloneTasks } from './task-kinds.ts';

const vmPaths = ['config.extraConfig', 'config.hardware.device', 'runtime.powerState'];

/** Clones the template for one target, or finds the clone by the UUID that follows from the target's id. */
export async function ensureTargetHost(
  production: Production,
  spec: TargetHostSpec,
  call: PluginCall,
): Promise<TargetHost> {
  const { session } = production;
  const groups = await ensureManagementPortGroup(production, spec.management.attachment, spec.targetId, call);
  const cards: WantedCard[] = [spec.management, spec.customer].map(({ mac, attachment }) => ({
    group: requirePortGroup(groups, attachment),
    mac,
    isConnected: true,
  }));
  const uuid = targetUuid(spec.targetId);
  const found = (await findByUuid(session, uuid, call)) ?? (await cloneTemplate(production, spec, cards, call));
  await awaitRunning(session, found, /./, call);
  return settle(production, found, spec, cards, call);
}

/** Powers off and deletes the nested host, then its management port group. */
export async function removeTargetHost(
  production: Production,
  target: { targetId: string; name: string; managementPortGroup: string },
  call: PluginCall,
): Promise<void> {
  const { session } = production;
  const found = await findByUuid(session, targetUuid(target.targetId), call);
  const vm = found && (await readIfThere(session, found, vmPaths, call));
  if (vm) {
    refuseForeign(vm, target.targetId, target.name);
    await destroy(session, vm.ref, call, () => powerOff(production, vm.ref, call));
  }
  await removeManagementPortGroup(production, target.managementPortGroup, target.targetId, call);
}

async function cloneTemplate(
  production: Production,
  spec: TargetHostSpec,
  cards: readonly WantedCard[],
  call: PluginCall,
): Promise<MoRef> {
  const { session } = production;
  const template = await findTemplate(production, spec.template, call);
  const folder = await findVmFolder(production, spec.placement.folder, call);
  // A clone that an earlier attempt started has no UUID to be found by until it is done.
  if (call.attempt > 1 || (await isNameTaken(production, folder, spec.name, call))) {
    const isDone = await awaitCloneOf(production, template.ref, spec.targetId, call);
    if (isDone) return isDone;
  }
  const deviceChange = await cloneCards(production, template, cards, call);
  const location = await cloneLocation(production, spec, cards, call);
  const clone = {
    location,
    template: false,
    config: {
      instanceUuid: targetUuid(spec.targetId),
      annotation: `Bulkhead replication target ${spec.targetId}`,
      numCPUs: spec.cpuCount,
      memoryMB: Math.ceil(spec.memoryBytes / 2 ** 20),
      deviceChange,
      extraConfig: optionsToChange(noVm, markOf(spec)),
    },
    powerOn: false,
  };
  try {
    const made = refAt(
      await runTask(session, 'CloneVM_Task', template.ref, { folder, name: spec.name, spec: clone }, call),
    );
    if (made) return made;
  } catch (error) {
    if (!isFault(error, 'DuplicateName', 'AlreadyExists')) throw error;
    const isOurs = await awaitCloneOf(production, template.ref, spec.targetId, call);
    if (isOurs) return isOurs;
    throw nameTaken(spec.name, error);
  }
  const cloned = await findByUuid(session, targetUuid(spec.targetId), call);
  return cloned ?? lostClone(spec.name);
}

async function findTemplate(production: Production, name: string, call: PluginCall): Promise<ManagedObject> {
  const paths = ['config.hardware.device', 'config.template'];
  const byPath = name.includes('/') ? await findByPath(production.session, name, call) : undefined;
  return byPath
    ? read(production.session, byPath, paths, call)
    : findByName(production, 'VirtualMachine', name, paths, call);
}

async function isNameTaken(production: Production, folder: MoRef, name: string, call: PluginCall): Promise<boolean> {
  const found = await production.session.callService('searchIndex', 'FindChild', { entity: folder, name }, call);
  return refsOf(found).length > 0;
}

async function awaitCloneOf(
  production: Production,
  template: MoRef,
  targetId: string,
  call: PluginCall,
): Promise<MoRef | undefined> {
  // The template's tasks may be other targets' clones: waiting for them costs time and harms nothing.
  if (await awaitRunning(production.session, template, cloneTasks, call)) await pause(50, call);
  return findByUuid(production.session, targetUuid(targetId), call);
}

/** Edits of the template's first two cards: MACs are set before the host first powers on, because vmk0 takes its own from there. */
async function cloneCards(
  production: Production,
  template: ManagedObject,
  wanted: readonly WantedCard[],
  call: PluginCall,
): Promise<DataObject[]> {
  const cards = ethernetCards(template);
  const edits: DataObject[] = [];
  for (const [index, want] of wanted.entries()) {
    const card = cards[index];
    if (!card)
      throw new PluginError(
        'invalid',
        'The provider’s template for targets is not fit for use; the provider has to look into it.',
        `the template has ${cards.length} network cards, two are needed`,
      );
    const edit = await cardEdit(production, card, want, false, call);
    if (edit) edits.push(edit);
  }
  return edits;
}

/** Pool, datastore and the host with the most free memory among those that reach both networks and the datastore. */
async function cloneLocation(
  production: Production,
  spec: TargetHostSpec,
  cards: readonly WantedCard[],
  call: PluginCall,
): Promise<DataObject> {
  const cluster = await findByName(production, 'ComputeResource', spec.placement.cluster, ['resourcePool'], call);
  const pool = refAt(cluster.get('resourcePool'));
  const hosts = await hostsOf(production, [spec.placement.cluster], call);
  const fit = hosts.filter(
    (host) =>
      host.isUsable &&
      host.datastores.has(spec.placement.datastore) &&
      cards.every((card) => host.networks.has(card.group.name)),
  );
  const [best] = fit.toSorted((one, other) => freeMemory(other) - freeMemory(one));
  const datastore = best?.datastores.get(spec.placement.datastore);
  if (!best || !datastore || !pool)
    throw new PluginError(
      'exhausted',
      'The provider has no room for another target at the moment; the provider has to make room.',
      `no usable host of ${spec.placement.cluster} reaches datastore ${spec.placement.datastore} and port groups ` +
        cards.map((card) => card.group.name).join(', '),
    );
  return { datastore, pool, host: best.ref };
}

function freeMemory(host: HostRoom): number {
  return host.memoryBytes - host.usedMemoryBytes;
}

/** Corrects cards and marks of a machine that is there. */
async function settle(
  production: Production,
  self: MoRef,
  spec: TargetHostSpec,
  wanted: readonly WantedCard[],
  call: PluginCall,
): Promise<TargetHost> {
  const vm = await read(production.session, self, vmPaths, call);
  refuseForeign(vm, spec.targetId, spec.name);
  const cards = ethernetCards(vm);
  const deviceChange: DataObject[] = [];
  for (const [index, want] of wanted.entries()) {
    const card = cards[index];
    const edit = card && (await cardEdit(production, card, want, isPoweredOn(vm), call));
    if (edit) deviceChange.push(edit);
  }
  const extraConfig = optionsToChange(vm, markOf(spec));
  if (deviceChange.length > 0 || extraConfig.length > 0)
    await runTask(production.session, 'ReconfigVM_Task', self, { spec: { deviceChange, extraConfig } }, call);
  return { ref: self.value, isPoweredOn: isPoweredOn(vm) };
}

function markOf(spec: TargetHostSpec): Record<string, string> {
  return { [marks.target]: spec.targetId, [marks.tenant]: spec.tenantId };
}

const noVm: ManagedObject = { ref: { type: 'VirtualMachine', value: '' }, get: () => undefined };

function refuseForeign(vm: ManagedObject, targetId: string, name: string): void {
  const owner = extraConfigOf(vm).get(marks.target);
  if (owner !== undefined && owner !== targetId) throw nameTaken(name, undefined);
}

function nameTaken(name: string, cause: unknown): PluginError {
  return new PluginError(
    'conflict',
    'Something else at the provider bears this target’s name; the provider has to look into it.',
    `a virtual machine named ${name} exists and is not this target's`,
    { cause },
  );
}

function lostClone(name: string): never {
  throw new PluginError(
    'unknown-outcome',
    'The target’s host could not be seen after it was made; it is checked and tried again.',
    `the clone ${name} ended without an object`,
  );
}
