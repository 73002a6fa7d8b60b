import type { Lab, LabState } from '@bulkhead/lab';

export function raise(error: Error): never {
  throw error;
}

type State = LabState;

/** What there is to spoil after a run that left one machine where it was. */
export interface Parts {
  state: State;
  /** A machine that was failed over, and the one that stayed. */
  web01: Vm;
  left: Vm;
  nested: State['vcenter'];
  targetVm: Vm;
  share: Share;
  files: Files;
}
type Vm = State['vcenter']['vms'] extends Map<string, infer V> ? V : never;
type Share = State['nexentastor']['world']['shares'] extends Map<string, infer S> ? S : never;
type Filesystem = State['nexentastor']['world']['filesystems'] extends Map<string, infer F> ? F : never;
type Files = Filesystem['files'];

export function partsOf(lab: Lab): Parts {
  const state = lab.state();
  const byName = (house: State['vcenter'], name: string): Vm => {
    const vm = [...house.vms.values()].find((each) => each.name.includes(name));
    return vm ?? raise(new Error(`There is no ${name}.`));
  };
  const [nested] = state.nestedHosts.values();
  const [share] = state.nexentastor.world.shares.values();
  if (!nested || !share) throw new Error('There is no target.');
  const files =
    state.nexentastor.world.filesystems.get(share.filesystem)?.files ?? raise(new Error('There is no share.'));
  const web01 = byName(state.vcenter, 'web01');
  return { state, web01, left: byName(nested, 'left'), nested, targetVm: byName(state.vcenter, 'bh-rt'), share, files };
}

/** Spoils something, and answers with how it is put back. */
export type Spoil = (at: Parts) => () => void;

/** Changes one value; the way back restores it. */
export function set<T extends object, K extends keyof T>(of: T, key: K, value: T[K]): () => void {
  const before = Object.getOwnPropertyDescriptor(of, key);
  of[key] = value;
  return () => {
    if (before) Object.defineProperty(of, key, before);
    else delete of[key];
  };
}

function putInto<K, V>(map: Map<K, V>, key: K, value: V): () => void {
  const before = new Map(map);
  map.set(key, value);
  return () => restore(map, before);
}

export function takeFrom<K, V>(map: Map<K, V>, key: K): () => void {
  const before = new Map(map);
  map.delete(key);
  return () => restore(map, before);
}

function restore<K, V>(map: Map<K, V>, before: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of before) map.set(key, value);
}

function first<K, V>(map: ReadonlyMap<K, V>, is: (value: V) => boolean = () => true): [K, V] {
  return [...map].find(([, value]) => is(value)) ?? raise(new Error('There is none.'));
}

const lunFiles = ({ state, web01 }: Parts) =>
  (state.vcenter.datastores.get(web01.datastore.id)?.lun?.files as Files | undefined) ??
  raise(new Error('It is on no LUN.'));
const tableOf = (state: State, name: string) => state.northbound.tables.get(name) ?? raise(new Error(`No ${name}.`));
const lockRow = (state: State) =>
  first(tableOf(state, 'Logical_Switch_Port'), (row) => String(row.columns['name']?.[0]?.[0]).startsWith('bh-'));
const file = (text: string) => ({ content: Buffer.from(text), sizeBytes: text.length, modifiedAt: new Date() });

/** What is spoilt, and a part of the path where it has to show. */
export const spoilt: Record<string, [where: RegExp, spoil: Spoil]> = {
  'a machine that is off': [/vms.*web01.*power/, ({ web01 }) => set(web01, 'power', 'poweredOff')],
  'a machine on another network': [
    /vms.*web01.*backing/,
    ({ state, web01 }) => {
      const [, network] = first(state.vcenter.networks, ({ vlanId }) => vlanId === 126);
      const { distributed } = network;
      if (!distributed || !web01.config.nics[0]) throw new Error('There is no such network or NIC.');
      const { switchUuid, portgroupKey } = distributed;
      return set(web01.config.nics[0], 'backing', { kind: 'distributed', switchUuid, portgroupKey });
    },
  ],
  'a machine with another MAC': [
    /vms.*web01.*mac/,
    ({ web01 }) => set(web01.config.nics[0] ?? raise(new Error('no NIC')), 'mac', '00:50:56:01:02:03'),
  ],
  'a machine that lost a restore point': [/vms.*web01.*snapshots/, ({ web01 }) => set(web01.snapshots, 'roots', [])],
  'a machine in another folder': [
    /vms.*web01.*folder/,
    ({ state, web01 }) => set(web01, 'folder', first(state.vcenter.folders, ({ name }) => name === 'templates')[1].ref),
  ],
  'a machine that its owner has no access to': [
    /permissions.*VPSUSER1001 on VirtualMachine.*web01/,
    ({ state, web01 }) => {
      const { authorization } = state.vcenter.endpoint;
      const [permission] = authorization.at(web01.ref);
      if (!permission) throw new Error('There is no permission.');
      authorization.remove(web01.ref, permission.principal, false);
      return () => void authorization.set(permission);
    },
  ],
  'a machine that is gone': [/vcenter.*vms.*web01/, ({ state, web01 }) => takeFrom(state.vcenter.vms, web01.ref.id)],
  'a machine registered twice': [
    /nestedHosts.*vms.*web01/,
    ({ nested, web01 }) => putInto(nested.vms, web01.ref.id, web01),
  ],
  'a machine whose disk lost a write': [
    /lun.*web01.*holds/,
    (at) => {
      const files = lunFiles(at);
      const [path] = first(files, ({ content }) => content.includes('full backup of web01'));
      return putInto(files, path, file('changes only\n'));
    },
  ],
  'a file that is left on a LUN': [/lun.*stray/, (at) => putInto(lunFiles(at), 'stray/left-over.vmdk', file('x'))],
  'a file that is left on the share': [/filesystems.*stray/, ({ files }) => putInto(files, 'stray.vmx', file('x'))],
  'a file of the machine that stayed': [/left-flat/, ({ files }) => takeFrom(files, 'left/left-flat.vmdk')],
  'a share that production still mounts': [
    /vcenter\.datastores.*stray/,
    ({ state, nested }) => {
      const [, replica] = first(nested.datastores);
      const stray = { ...replica, name: 'stray', hosts: new Set([[...state.vcenter.hosts.keys()][0] ?? '']) };
      return putInto(state.vcenter.datastores, 'datastore-stray', stray);
    },
  ],
  'an export to a production host': [
    /shares.*readWriteList/,
    ({ share, state }) => {
      const [rules] = share.securityContexts.map(({ readWriteList = [] }) => readWriteList);
      const entity = [...state.vcenter.hosts.values()][0]?.storageAddress() ?? '';
      rules?.push({ allow: true, etype: 'fqdn', entity });
      return () => void rules?.pop();
    },
  ],
  'an export to everybody': [/shares.*securityContexts/, ({ share }) => set(share, 'securityContexts', [])],
  'a snapshot of the share that is left': [
    /snapshots.*stray/,
    ({ state, share }) => {
      const path = `${share.filesystem}@stray`;
      const stray = { path, guid: '1', creationTxg: 1, creationTime: new Date(), files: new Map() };
      return putInto(state.nexentastor.world.snapshots, path, { ...stray, referencedBytes: 0, isDeferred: false });
    },
  ],
  'a share with another quota': [
    /settings\.referencedQuotaSize/,
    ({ state, share }) =>
      set(
        state.nexentastor.world.filesystems.get(share.filesystem)?.settings ?? raise(new Error('no share')),
        'referencedQuotaSize',
        1e12,
      ),
  ],
  'a filesystem that is left': [
    /filesystems.*stray/,
    ({ state, share }) => {
      const model = state.nexentastor.world.filesystems.get(share.filesystem) ?? raise(new Error('no share'));
      return putInto(state.nexentastor.world.filesystems, 'tank/stray', { ...model, path: 'tank/stray' });
    },
  ],
  'a job that still runs': [
    /jobs/,
    ({ state }) => {
      const outcomes = Reflect.get(state.nexentastor.jobs[0] ?? {}, 'outcomes') as Map<string, object>; // it is private
      return putInto(outcomes, 'stray', { state: 'running' });
    },
  ],
  'a task that still runs': [
    /tasks\.tasks/,
    ({ state }) => {
      const tasks = Reflect.get(state.vcenter.endpoint.tasks, 'tasks') as Map<string, object>; // it is private
      return putInto(tasks, 'stray', { state: 'running', options: { name: 'PowerOnVM_Task', entityName: 'web01' } });
    },
  ],
  'a tenant that may not write': [
    /permissions.*bhrep-.*role/,
    ({ nested }) => {
      const { authorization } = nested.endpoint;
      const permission = authorization.all().find(({ principal }) => principal.startsWith('bhrep-'));
      const [readOnly] = first(authorization.roles, ({ name }) => name === 'ReadOnly');
      return set(permission ?? raise(new Error('no permission')), 'roleId', readOnly);
    },
  ],
  'an account that nobody made': [
    /sessions\.accounts/,
    ({ nested }) =>
      putInto(nested.endpoint.sessions.accounts, 'eve', { name: 'eve', password: 'x', fullName: '', groups: [] }),
  ],
  'a host whose shell is on': [
    /services.*isRunning/,
    ({ nested }) => {
      const [, host] = first(nested.hosts);
      return set(host.settings.services.get('TSM-SSH') ?? raise(new Error('no SSH')), 'isRunning', true);
    },
  ],
  'a VMkernel NIC with another MAC': [
    /vnics.*mac/,
    ({ nested }) => {
      const [, host] = first(nested.hosts);
      return set(host.network.vnics[1] ?? raise(new Error('no vmk1')), 'mac', '00:50:56:01:02:03');
    },
  ],
  'a role that is left': [
    /authorization\.roles/,
    ({ state }) => {
      const { roles } = state.vcenter.endpoint.authorization;
      return putInto(roles, 999, { id: 999, name: 'stray', isSystem: false, privileges: new Set<string>() });
    },
  ],
  'a port group that is left': [
    /vcenter\.networks/,
    ({ state }) => putInto(state.vcenter.networks, 'stray', { ref: state.vcenter.vmFolder, name: 'stray', vlanId: 1 }),
  ],
  'a folder that is left': [
    /vcenter.*(folders|objects)/,
    ({ state }) => {
      const ref = { moType: 'Folder', id: 'group-stray' };
      return putInto(state.vcenter.folders, ref.id, { ref, name: 'stray', parent: undefined, childType: [] });
    },
  ],
  'a resource pool that is left': [
    /objects.*ResourcePool/,
    ({ state }) => {
      const ref = { moType: 'ResourcePool', id: 'resgroup-stray' };
      const { objects } = state.vcenter.endpoint;
      objects.add({ ref, label: () => 'stray', entity: () => ref, parent: () => undefined, properties: {} });
      return () => objects.remove(ref);
    },
  ],
  'a lock that lets a second address out': [
    /Logical_Switch_Port.*port_security/,
    ({ state }) => {
      const [uuid, row] = lockRow(state);
      const columns = { ...row.columns, port_security: [...(row.columns['port_security'] ?? []), ['00:00 10.0.0.1']] };
      return putInto(tableOf(state, 'Logical_Switch_Port'), uuid, { ...row, columns: columns as typeof row.columns });
    },
  ],
  'a lock that is gone': [
    /Logical_Switch_Port/,
    ({ state }) => takeFrom(tableOf(state, 'Logical_Switch_Port'), lockRow(state)[0]),
  ],
  'a row that nobody named': [
    /DHCP_Options/,
    ({ state }) =>
      putInto(tableOf(state, 'DHCP_Options'), 'stray', {
        uuid: 'stray',
        version: '',
        columns: { cidr: [['10.0.0.0/8']] },
      }),
  ],
  'a collection that the lab gets later': [
    /nexentastor\.world\.schedules/,
    ({ state }) => {
      const world: object = state.nexentastor.world;
      Reflect.set(world, 'schedules', new Map([['nightly', { isOn: true }]]));
      return () => void Reflect.deleteProperty(world, 'schedules');
    },
  ],
  'a field that a machine gets later': [
    /vms.*web01.*faultTolerance/,
    ({ web01 }) => {
      Reflect.set(web01, 'faultTolerance', 'on');
      return () => void Reflect.deleteProperty(web01, 'faultTolerance');
    },
  ],
};

/** What breaks a rule of every moment. */
export const breaches: Record<string, Spoil> = {
  'a machine is registered in one place at most': ({ nested, web01 }) => putInto(nested.vms, web01.ref.id, web01),
  'a machine runs in one place at most, and never on its target': ({ left }) => set(left, 'power', 'poweredOn'),
  'no file of a machine is ever lost': ({ files }) => takeFrom(files, 'left/left-flat.vmdk'),
  'whoever mounts a share may mount it': ({ share }) =>
    set(share, 'securityContexts', [{ securityModes: ['sys'], readWriteList: [], root: [] }]),
  'a share is exported to its own target, and to production only with a snapshot of it standing': (at) =>
    (spoilt['an export to a production host'] ?? raise(new Error('not there')))[1](at),
  'while a machine is away from its target and on its share, the tenant cannot write to it': ({ nested, left }) =>
    takeFrom(nested.vms, left.ref.id),
  'a target that is on is locked to its address and has a share of its own': ({ state }) =>
    takeFrom(tableOf(state, 'Logical_Switch_Port'), lockRow(state)[0]),
};
