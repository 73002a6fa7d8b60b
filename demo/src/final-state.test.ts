import { unwrap } from '@bulkhead/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readShares } from './final-state/appliance.ts';
import { checkFinalState, type Datacentre, type Expected, type Finding } from './final-state/final-state.ts';
import { expectations, machinesOf, pressButton } from './story.ts';
import { rawBackends, type RawBackends } from './test-support/raw-backends.ts';
import { inPhase, openTenant, protectedByName, replicate, type Tenant } from './test-support/tenant.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

// The check that the story ends with is only worth something if it sees what is wrong. Here everything that it promises
// is broken once behind the gateway's back, by requests written out by hand.

let workshop: Workshop;
let tenant: Tenant;
let raw: RawBackends;
let datacentre: Datacentre;
let expected: Expected;
let healthy: Finding[];
/** Names in production. */
let web01: string;

beforeAll(async () => {
  workshop = await openWorkshop({ lab: { sizes: { luns: 3 } } });
  tenant = await openTenant(workshop);
  const { ada, targetId, networkId, veeam } = tenant;
  await replicate(veeam, [{ name: 'web01' }, { name: 'db01' }]);
  const vms = await protectedByName(ada, targetId, ['web01', 'db01']);
  const failover = await pressButton(ada, [...vms.values()], networkId);
  await inPhase(ada, failover.id, 'LIVE');
  unwrap(await ada.commitFailover({ failoverId: failover.id }), 'failover');
  await inPhase(ada, failover.id, 'COMMITTED');
  ({ datacentre, expected } = expectations(workshop, targetId, await machinesOf(ada, failover.id)));
  web01 = expected.vms.find(({ name }) => name.includes('web01'))?.name ?? '';
  raw = await rawBackends(datacentre);
  healthy = await checkFinalState(datacentre, expected);
});
afterAll(async () => {
  await tenant?.veeam.disconnect();
  await workshop?.close();
});

interface Spoilt {
  /** Checks that must no longer be met, by a part of their name; no other may fail. */
  fails: readonly (string | RegExp)[];
  /** Does the damage and answers with how it is repaired. */
  plant(): Promise<() => Promise<unknown>>;
}

const spoilt: Record<string, Spoilt> = {
  'a machine that is off': {
    fails: ['web01.* is powered on'],
    async plant() {
      await raw.vim('PowerOffVM_Task', vmOf(web01));
      return () => raw.vim('PowerOnVM_Task', vmOf(web01));
    },
  },
  'a machine on the network of another tenant': {
    fails: ['web01.* is connected to'],
    async plant() {
      const { ref, portGroup } = await nicOf(web01);
      await connect(ref, workshop.lab.block.customer(6).vlanId);
      return () => connect(ref, Number(portGroup.replace('vlan-', '')));
    },
  },
  'a machine with a second NIC on another network': {
    fails: ['web01.* is connected to'],
    async plant() {
      const device = `<device xsi:type="VirtualVmxnet3"><key>-1</key>${await backing(workshop.lab.block.customer(6).vlanId)}</device>`;
      await raw.vim('ReconfigVM_Task', vmOf(web01), change('add', device));
      const added = world(web01).nics.at(-1);
      const remove = `<device xsi:type="VirtualVmxnet3"><key>${added?.key}</key></device>`;
      return () => raw.vim('ReconfigVM_Task', vmOf(web01), change('remove', remove));
    },
  },
  'a machine that its owner has no access to': {
    fails: ['web01.* is given to'],
    async plant() {
      await removeGrant('LAB\\VPSUSER1001');
      return () => grant('LAB\\VPSUSER1001', 'VPS user');
    },
  },
  'a machine that its owner has another role on': {
    fails: ['web01.* is given to'],
    async plant() {
      await grant('LAB\\VPSUSER1001', 'Bulkhead service');
      return () => grant('LAB\\VPSUSER1001', 'VPS user');
    },
  },
  'a machine that another tenant has access to as well': {
    fails: ['web01.* is given to'],
    async plant() {
      await grant('LAB\\VPSUSER1002', 'VPS user');
      return () => removeGrant('LAB\\VPSUSER1002');
    },
  },
  'a machine on a datastore of another class': {
    fails: ['web01.* is on production storage'],
    async plant() {
      const home = world(web01).datastore;
      const used = expected.vms.map(({ name }) => world(name).datastore);
      const [other] = expected.productionDatastores.filter((name) => !used.includes(name));
      if (other === undefined) throw new Error('No LUN is free of these machines.');
      const all = expected.productionDatastores;
      await relocate(other);
      expected = { ...expected, productionDatastores: all.filter((name) => name !== other) };
      return async () => {
        expected = { ...expected, productionDatastores: all };
        await relocate(home);
      };
    },
  },
  'a machine back on the share': {
    fails: ['web01.* is on production storage', 'no production host mounts', 'exported to the nested host alone'],
    async plant() {
      const home = world(web01).datastore;
      const host = hostNumber(world(web01).host);
      const unmount = await mount(host);
      await relocate('left-over');
      return async () => {
        await relocate(home);
        await unmount();
      };
    },
  },
  'a machine that is gone': {
    fails: [
      /web01.* is powered on/,
      /web01.* is connected to/,
      /web01.* is given to/,
      /web01.* is on production storage/,
    ],
    async plant() {
      const { vmxPath, host } = world(web01);
      await raw.vim('PowerOffVM_Task', vmOf(web01));
      await raw.vim('UnregisterVM', vmOf(web01));
      return async () => {
        const place = `<path>${vmxPath}</path><name>${web01}</name><asTemplate>false</asTemplate><pool type="ResourcePool">resgroup-9</pool><host type="HostSystem">host-${30 + hostNumber(host)}</host>`;
        await raw.vim('RegisterVM_Task', ['Folder', 'group-v3'], place);
        await grant('LAB\\VPSUSER1001', 'VPS user');
        await raw.vim('PowerOnVM_Task', vmOf(web01));
      };
    },
  },
  'a share that a production host still mounts': {
    fails: ['no production host mounts'],
    async plant() {
      const unmount = await mount(2);
      const { share, only } = await exportList();
      await allow(share, only);
      return unmount;
    },
  },
  'an export that still names a production host': {
    fails: ['exported to the nested host alone'],
    async plant() {
      const { share, only } = await exportList();
      await allow(share, [...only, workshop.lab.block.productionHost(1)]);
      return () => allow(share, only);
    },
  },
  'an export to a production host in place of the nested one': {
    fails: ['exported to the nested host alone'],
    async plant() {
      const { share, only } = await exportList();
      await allow(share, [workshop.lab.block.productionHost(1)]);
      return () => allow(share, only);
    },
  },
  'an address lock that was taken away': {
    fails: ['the address lock is in place'],
    plant: () => alterPort({ port_security: ['set', []] }),
  },
  'an address lock on another address': {
    fails: ['the address lock is in place'],
    plant: () => alterPort({ port_security: `00:50:56:20:00:00 127.${workshop.lab.block.octet}.66.249` }),
  },
  'an address lock that lets a second address pass': {
    fails: ['the address lock is in place'],
    plant: async () => {
      const [lock] = port().portSecurity;
      return alterPort({ port_security: ['set', [lock, `00:50:56:20:00:99 127.${workshop.lab.block.octet}.66.99`]] });
    },
  },
  'an address without its reservation': {
    fails: ['the address lock is in place'],
    plant: () => alterPort({ dhcpv4_options: ['set', []] }),
  },
};

test('finds everything as promised after a commit', () => {
  expect(healthy.filter(({ isMet }) => !isMet)).toEqual([]);
  // Four promises for each machine, three for the share and the lock.
  expect(healthy).toHaveLength(2 * 4 + 3);
});

test.each(Object.keys(spoilt))('reports %s, and nothing else', async (name) => {
  const { fails, plant } = spoilt[name] ?? { fails: [], plant: () => Promise.reject(new Error(`no ${name}`)) };
  const repair = await plant();
  try {
    const wrong = (await checkFinalState(datacentre, expected)).filter(({ isMet }) => !isMet);
    expect(wrong.map(({ check }) => check)).toEqual(fails.map((pattern) => expect.stringMatching(pattern)));
    // Whoever reads it learns what is there instead.
    expect(wrong.every(({ seen }) => seen !== '')).toBe(true);
  } finally {
    await repair();
  }
  expect(await checkFinalState(datacentre, expected)).toEqual(healthy);
});

test('leaves no promise untried', () => {
  const tried = Object.values(spoilt).flatMap(({ fails }) => fails);
  const about = healthy.filter(({ check }) => !check.includes('db01'));
  expect(about.filter(({ check }) => !tried.some((pattern) => new RegExp(pattern).test(check)))).toEqual([]);
});

function world(name: string) {
  const vm = workshop.lab.vcenter.snapshotOfWorld().vms.find((each) => each.name === name);
  if (!vm) throw new Error(`Production has no ${name}.`);
  return vm;
}

const vmOf = (name: string) => ['VirtualMachine', world(name).ref] as const;
const hostNumber = (name: string) => Number(name.slice(-2));
const change = (operation: string, device: string) =>
  `<spec><deviceChange><operation>${operation}</operation>${device}</deviceChange></spec>`;

async function property(self: readonly [string, string], path: string): Promise<string> {
  const spec = `<specSet><propSet><type>${self[0]}</type><pathSet>${path}</pathSet></propSet><objectSet><obj type="${self[0]}">${self[1]}</obj></objectSet></specSet><options/>`;
  return raw.vim('RetrievePropertiesEx', ['PropertyCollector', 'propertyCollector'], spec);
}

/** Where a NIC is plugged in, as its device says it. */
async function backing(vlanId: number): Promise<string> {
  const group = workshop.lab.vcenter.snapshotOfWorld().portGroups.find(({ name }) => name === `vlan-${vlanId}`);
  const uuid = />([0-9a-f -]+)<\/val>/.exec(await property(['VmwareDistributedVirtualSwitch', 'dvs-21'], 'uuid'))?.[1];
  return `<backing xsi:type="VirtualEthernetCardDistributedVirtualPortBackingInfo"><port><switchUuid>${uuid}</switchUuid><portgroupKey>${group?.ref}</portgroupKey></port></backing>`;
}

async function nicOf(name: string): Promise<{ ref: string; portGroup: string }> {
  const { ref, nics } = world(name);
  return { ref, portGroup: nics[0]?.network ?? '' };
}

/** Plugs a machine's first NIC in elsewhere. */
async function connect(ref: string, vlanId: number): Promise<void> {
  const devices = await property(['VirtualMachine', ref], 'config.hardware.device');
  const [, type, key, controller, unit] =
    /xsi:type="(Virtual(?:Vmxnet3|E1000e?))"><key>(\d+)<\/key>.*?<controllerKey>(\d+)<\/controllerKey><unitNumber>(\d+)</.exec(
      devices,
    ) ?? [];
  const device = `<device xsi:type="${type}"><key>${key}</key>${await backing(vlanId)}<controllerKey>${controller}</controllerKey><unitNumber>${unit}</unitNumber></device>`;
  await raw.vim('ReconfigVM_Task', ['VirtualMachine', ref], change('edit', device));
}

async function grant(principal: string, role: string): Promise<void> {
  const roles = await property(['AuthorizationManager', 'AuthorizationManager'], 'roleList');
  const id = new RegExp(`<roleId>(-?\\d+)</roleId><system>\\w+</system><name>${role}</name>`).exec(roles)?.[1];
  const permission = `<permission><principal>${principal}</principal><group>false</group><roleId>${id}</roleId><propagate>true</propagate></permission>`;
  const entity = `<entity type="VirtualMachine">${world(web01).ref}</entity>`;
  await raw.vim('SetEntityPermissions', ['AuthorizationManager', 'AuthorizationManager'], entity + permission);
}

async function removeGrant(principal: string): Promise<void> {
  const entity = `<entity type="VirtualMachine">${world(web01).ref}</entity>`;
  const who = `<user>${principal}</user><isGroup>false</isGroup>`;
  await raw.vim('RemoveEntityPermission', ['AuthorizationManager', 'AuthorizationManager'], entity + who);
}

/** The moRef of a production datastore, by its name. */
async function datastoreRef(name: string): Promise<string> {
  const seen = await property(['Datacenter', 'datacenter-2'], 'datastore');
  for (const [, id] of seen.matchAll(/type="Datastore">([^<]+)</g)) {
    if ((await property(['Datastore', id ?? ''], 'summary.name')).includes(`>${name}</val>`)) return id ?? '';
  }
  throw new Error(`Production has no datastore ${name}.`);
}

async function relocate(datastore: string): Promise<void> {
  const spec = `<spec><datastore type="Datastore">${await datastoreRef(datastore)}</datastore></spec><priority>defaultPriority</priority>`;
  await raw.vim('RelocateVM_Task', vmOf(web01), spec);
}

/** Lets a production host mount the tenant's share, and mounts it. Answers with the way back. */
async function mount(host: number): Promise<() => Promise<void>> {
  const { lab } = workshop;
  const { share, only } = await exportList();
  await allow(share, [...only, lab.block.productionHost(host)]);
  const spec = `<spec><remoteHost>${lab.nexentastor.dataAddress}</remoteHost><remotePath>/volumes/${share}</remotePath><localPath>left-over</localPath><accessMode>readWrite</accessMode><type>NFS</type></spec>`;
  const system = ['HostDatastoreSystem', `datastoreSystem-host-${30 + host}`] as const;
  await raw.vim('CreateNasDatastore', system, spec);
  return async () => {
    await raw.vim(
      'RemoveDatastore',
      system,
      `<datastore type="Datastore">${await datastoreRef('left-over')}</datastore>`,
    );
    await allow(share, only);
  };
}

async function exportList(): Promise<{ share: string; only: string[] }> {
  const shares = await readShares(datacentre.appliance);
  const share = shares.find(({ filesystem }) => filesystem.split('/').includes(expected.storageKey));
  if (!share) throw new Error('The tenant has no share.');
  return { share: share.filesystem, only: [expected.targetAddress] };
}

async function allow(share: string, hosts: readonly string[]): Promise<void> {
  const rules = hosts.map((entity) => ({ allow: true, etype: 'fqdn', entity }));
  const securityContexts = [{ securityModes: ['sys'], readWriteList: rules, root: rules }];
  await raw.nef('PUT', `/nas/nfs/${encodeURIComponent(share)}`, { securityContexts });
}

function port() {
  const found = workshop.lab.ovn.world().ports.find(({ name }) => name === expected.lockPort);
  if (!found) throw new Error(`There is no port ${expected.lockPort}.`);
  return found;
}

/** Overwrites columns of the tenant's port; the way back writes what was there. */
async function alterPort(columns: Record<string, unknown>): Promise<() => Promise<unknown>> {
  const where = [['name', '==', expected.lockPort]];
  const table = 'Logical_Switch_Port';
  const [before] = await raw.northbound({ op: 'select', table, where, columns: Object.keys(columns) });
  // One row, as a `select` answers.
  const [row] = (before as { rows: object[] }).rows;
  await raw.northbound({ op: 'update', table, where, row: columns });
  return () => raw.northbound({ op: 'update', table, where, row });
}
