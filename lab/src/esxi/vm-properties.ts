import type { MoRef, VimObject } from '../vim25/value.ts';
import type { Properties } from '../vim25/objects.ts';
import { fileNameOf, folderOf, formatDatastorePath, stemOf } from './datastore-path.ts';
import { presentFiles } from './disks.ts';
import { datastoreOf, hostOf, isAccessible, networkOfNic, openStore } from './house.ts';
import type { House, Vm } from './house.ts';
import { allSnapshots } from './snapshots.ts';
import type { Snapshot } from './snapshots.ts';
import type { Store } from './store.ts';
import { describeDevices } from './vm-devices.ts';

export function vmProperties(house: House, vm: Vm): Properties {
  return {
    capability: () => ({ $type: 'VirtualMachineCapability', ...CAPABILITY }),
    config: () => describeConfig(house, vm),
    layoutEx: () => describeLayout(house, vm),
    storage: () => ({ $type: 'VirtualMachineStorageInfo', timestamp: new Date() }),
    environmentBrowser: () => ({ moType: 'EnvironmentBrowser', id: `envbrowser-${house.rootPool.id}` }),
    resourcePool: () => vm.pool,
    runtime: () => describeRuntime(house, vm),
    guest: () => describeGuest(house, vm),
    summary: () => describeSummary(house, vm),
    datastore: () => datastoresOf(vm),
    network: () => networksOf(house, vm),
    snapshot: () => describeSnapshots(vm),
    rootSnapshot: () => vm.snapshots.roots.map((snapshot) => snapshotRef(snapshot)),
    guestHeartbeatStatus: () => (vm.areToolsRunning ? 'green' : 'gray'),
    name: () => vm.name,
  };
}

/** Whether its files can be read from its host. */
export function connectionOf(house: House, vm: Vm): 'connected' | 'inaccessible' | 'disconnected' {
  const host = hostOf(house, vm.host);
  if (host.connection !== 'connected') return 'disconnected';
  const datastore = house.datastores.get(vm.datastore.id);
  return datastore && isAccessible(house, datastore, host) ? 'connected' : 'inaccessible';
}

export const snapshotRef = (snapshot: Snapshot): MoRef => ({ moType: 'VirtualMachineSnapshot', id: snapshot.ref });

export function datastoresOf(vm: Vm): MoRef[] {
  const configs = [vm.config, ...allSnapshots(vm.snapshots).map((snapshot) => snapshot.config)];
  const all = [vm.datastore, ...configs.flatMap((config) => config.disks.map((disk) => disk.datastore))];
  return [...new Map(all.map((ref) => [ref.id, ref])).values()];
}

function networksOf(house: House, vm: Vm): MoRef[] {
  const found = vm.config.nics.flatMap((nic) => networkOfNic(house, nic)?.ref ?? []);
  return [...new Map(found.map((ref) => [ref.id, ref])).values()];
}

function vmPathName(house: House, vm: Vm): string {
  return formatDatastorePath(house.datastores.get(vm.datastore.id)?.name ?? '', vm.vmxPath);
}

function describeConfig(house: House, vm: Vm): VimObject {
  const { config } = vm;
  const path = vmPathName(house, vm);
  const folder = path.slice(0, path.lastIndexOf('/') + 1) || path;
  return {
    $type: 'VirtualMachineConfigInfo',
    changeVersion: changeVersionOf(vm),
    modified: vm.modifiedAt,
    name: vm.name,
    guestFullName: config.guestId,
    version: config.hardwareVersion,
    uuid: config.biosUuid,
    instanceUuid: config.instanceUuid,
    template: vm.isTemplate,
    guestId: config.guestId,
    alternateGuestName: '',
    annotation: config.annotation,
    files: { vmPathName: path, snapshotDirectory: folder, suspendDirectory: folder, logDirectory: folder },
    flags: { enableLogging: true, runWithDebugInfo: false },
    defaultPowerOps: { powerOffType: 'soft', defaultPowerOffType: 'soft' },
    hardware: {
      numCPU: config.cpuCount,
      numCoresPerSocket: config.coresPerSocket,
      memoryMB: config.memoryMb,
      device: describeDevices(house, vm),
    },
    extraConfig: Object.entries(config.extra).map(([key, value]) => ({ key, value: { xsi: 'xsd:string', value } })),
    datastoreUrl: datastoresOf(vm).flatMap((ref) => {
      const datastore = house.datastores.get(ref.id);
      return datastore ? [{ name: datastore.name, url: urlOf(datastore.name) }] : [];
    }),
    firmware: config.firmware,
    nestedHVEnabled: config.hasNestedVirtualisation,
    changeTrackingEnabled: false,
  };
}

export const changeVersionOf = (vm: Vm) => `${vm.modifiedAt.toISOString().replace('Z', '')}${vm.changeVersion}Z`;
export const urlOf = (name: string) => `ds:///vmfs/volumes/${name}/`;

function describeRuntime(house: House, vm: Vm): VimObject {
  return {
    $type: 'VirtualMachineRuntimeInfo',
    host: vm.host,
    connectionState: connectionOf(house, vm),
    powerState: vm.power,
    faultToleranceState: 'notConfigured',
    toolsInstallerMounted: false,
    bootTime: vm.bootTime,
    question: vm.question?.describe(),
    maxCpuUsage: vm.config.cpuCount * hostOf(house, vm.host).cpuMhz,
    maxMemoryUsage: vm.config.memoryMb,
    numMksConnections: 0,
    recordReplayState: 'inactive',
    onlineStandby: false,
    consolidationNeeded: vm.needsConsolidation,
  };
}

function describeGuest(house: House, vm: Vm): VimObject {
  const isRunning = vm.areToolsRunning;
  return {
    $type: 'GuestInfo',
    toolsStatus: isRunning ? 'toolsOk' : 'toolsNotRunning',
    toolsVersionStatus2: 'guestToolsCurrent',
    toolsRunningStatus: isRunning ? 'guestToolsRunning' : 'guestToolsNotRunning',
    guestId: isRunning ? vm.config.guestId : undefined,
    hostName: isRunning ? vm.name : undefined,
    ipAddress: vm.ip,
    net: isRunning
      ? vm.config.nics.map((nic, index) => ({
          network: networkOfNic(house, nic)?.name,
          ipAddress: index === 0 && vm.ip !== undefined ? [vm.ip] : [],
          macAddress: nic.mac,
          connected: nic.isConnected,
          deviceConfigId: nic.key,
        }))
      : [],
    guestState: vm.power === 'poweredOn' && isRunning ? 'running' : 'notRunning',
    guestOperationsReady: isRunning,
  };
}

function describeSummary(house: House, vm: Vm): VimObject {
  const { config } = vm;
  const committed = config.disks.reduce((sum, disk) => sum + disk.capacityBytes, 0);
  const timestamp = new Date();
  return {
    $type: 'VirtualMachineSummary',
    vm: vm.ref,
    runtime: describeRuntime(house, vm),
    guest: {
      toolsStatus: vm.areToolsRunning ? 'toolsOk' : 'toolsNotRunning',
      toolsRunningStatus: vm.areToolsRunning ? 'guestToolsRunning' : 'guestToolsNotRunning',
      ipAddress: vm.ip,
    },
    config: {
      name: vm.name,
      template: vm.isTemplate,
      vmPathName: vmPathName(house, vm),
      memorySizeMB: config.memoryMb,
      numCpu: config.cpuCount,
      numEthernetCards: config.nics.length,
      numVirtualDisks: config.disks.length,
      uuid: config.biosUuid,
      instanceUuid: config.instanceUuid,
      guestId: config.guestId,
      guestFullName: config.guestId,
      annotation: config.annotation,
      hwVersion: config.hardwareVersion,
    },
    storage: { committed, uncommitted: 0, unshared: committed, timestamp },
    quickStats: {
      overallCpuUsage: vm.power === 'poweredOn' ? 100 : 0,
      hostMemoryUsage: vm.power === 'poweredOn' ? config.memoryMb : 0,
      guestHeartbeatStatus: vm.areToolsRunning ? 'green' : 'gray',
    },
    overallStatus: 'green',
  };
}

function describeSnapshots(vm: Vm): VimObject | undefined {
  if (vm.snapshots.roots.length === 0) return undefined;
  const describe = (snapshot: Snapshot): VimObject => ({
    snapshot: snapshotRef(snapshot),
    vm: vm.ref,
    name: snapshot.name,
    description: snapshot.description,
    id: snapshot.id,
    createTime: snapshot.createdAt,
    state: 'poweredOff',
    quiesced: snapshot.isQuiesced,
    childSnapshotList: snapshot.children.map(describe),
    replaySupported: false,
  });
  return {
    $type: 'VirtualMachineSnapshotInfo',
    currentSnapshot: vm.snapshots.current && snapshotRef(vm.snapshots.current),
    rootSnapshotList: vm.snapshots.roots.map(describe),
  };
}

/** Every file of the machine with its size. Nothing while its datastore cannot be read. */
function describeLayout(house: House, vm: Vm): VimObject | undefined {
  if (connectionOf(house, vm) !== 'connected') return undefined;
  const files = filesOf(house, vm).map(({ datastore, path, size, type }, key) => ({
    key,
    name: formatDatastorePath(datastore, path),
    type,
    size,
    uniqueSize: size,
    accessible: true,
  }));
  return {
    $type: 'VirtualMachineFileLayoutEx',
    file: files,
    disk: [],
    snapshot: [],
    timestamp: new Date(),
  };
}

export interface VmFile {
  datastore: string;
  path: string;
  size: number;
  type: string;
}

/** The files that belong to the machine: those named after it in its folder, and its disk chains wherever they lie. */
export function filesOf(house: House, vm: Vm): VmFile[] {
  const host = hostOf(house, vm.host);
  const found = new Map<string, VmFile>();
  const add = (store: Store, datastore: string, path: string, type: string) => {
    const file = store.find(path);
    if (file) found.set(`${datastore} ${path}`, { datastore, path, size: file.sizeBytes, type });
  };
  const home = datastoreOf(house, vm.datastore);
  if (isAccessible(house, home, host)) {
    const store = openStore(house, home, host, 'look');
    const stem = stemOf(vm.vmxPath);
    for (const path of store.paths()) {
      if (folderOf(path) !== folderOf(vm.vmxPath)) continue;
      const name = fileNameOf(path);
      const type = typeOf(name, stem);
      if (type !== undefined) add(store, home.name, path, type);
    }
  }
  const configs = [vm.config, ...allSnapshots(vm.snapshots).map((snapshot) => snapshot.config)];
  for (const disk of configs.flatMap((config) => config.disks)) {
    const datastore = house.datastores.get(disk.datastore.id);
    if (!datastore || !isAccessible(house, datastore, host)) continue;
    const store = openStore(house, datastore, host, 'look');
    for (const path of presentFiles(store, disk.path)) {
      add(store, datastore.name, path, /-(flat|delta)\.vmdk$/.test(path) ? 'diskExtent' : 'diskDescriptor');
    }
  }
  return [...found.values()];
}

function typeOf(name: string, stem: string): string | undefined {
  if (name === `${stem}.vmx`) return 'config';
  if (name === `${stem}.vmsd`) return 'snapshotList';
  if (name === `${stem}.nvram`) return 'nvram';
  if (name.startsWith(`${stem}-Snapshot`) && name.endsWith('.vmsn')) return 'snapshotData';
  if (name === 'vmware.log') return 'log';
  return undefined;
}

const CAPABILITY = Object.fromEntries(
  [
    'snapshotOperationsSupported',
    'multipleSnapshotsSupported',
    'snapshotConfigSupported',
    'poweredOffSnapshotsSupported',
    'memorySnapshotsSupported',
    'revertToSnapshotSupported',
    'quiescedSnapshotsSupported',
    'disableSnapshotsSupported',
    'lockSnapshotsSupported',
    'consolePreferencesSupported',
    'cpuFeatureMaskSupported',
    's1AcpiManagementSupported',
    'settingScreenResolutionSupported',
    'toolsAutoUpdateSupported',
    'vmNpivWwnSupported',
    'npivWwnOnNonRdmVmSupported',
    'swapPlacementSupported',
    'toolsSyncTimeSupported',
    'virtualMmuUsageSupported',
    'diskSharesSupported',
    'bootOptionsSupported',
    'changeTrackingSupported',
    'nestedHVSupported',
  ].map((name) => [name, true]),
);
