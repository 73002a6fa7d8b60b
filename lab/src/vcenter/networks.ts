import { randomUUID } from 'node:crypto';
import type { Handlers } from '../vim25/endpoint.ts';
import { invalidArgument, VimFault } from '../vim25/fault.ts';
import type { DVPortgroupConfigSpec } from '../vim25/types.generated.ts';
import { isA, isObject } from '../vim25/value.ts';
import type { MoRef, VimObject } from '../vim25/value.ts';
import { addEntity } from '../esxi/entity.ts';
import type { House, Network } from '../esxi/house.ts';
import { addNetwork } from '../esxi/inventory.ts';

export interface DistributedSwitch {
  readonly ref: MoRef;
  readonly name: string;
  readonly uuid: string;
  readonly parent: MoRef;
}

/** `50 1d c0 …-…`, as a distributed switch writes its uuid. */
export function switchUuid(): string {
  const bytes = randomUUID().replaceAll('-', '').match(/../g) ?? [];
  return `${bytes.slice(0, 8).join(' ')}-${bytes.slice(8).join(' ')}`;
}

export function addDistributedSwitch(house: House, dvs: DistributedSwitch): void {
  const portgroups = () =>
    [...house.networks.values()].filter((network) => network.distributed).map((each) => each.ref);
  addEntity(house.endpoint, {
    ref: dvs.ref,
    name: () => dvs.name,
    parent: () => dvs.parent,
    properties: {
      uuid: () => dvs.uuid,
      portgroup: portgroups,
      config: () => ({
        $type: 'VMwareDVSConfigInfo',
        uuid: dvs.uuid,
        name: dvs.name,
        numStandalonePorts: 0,
        numPorts: 1024,
        maxPorts: 2147483647,
        uplinkPortPolicy: { $type: 'DVSNameArrayUplinkPortPolicy', uplinkPortName: ['Uplink 1', 'Uplink 2'] },
        defaultPortConfig: defaultPort(0),
        productInfo: { vendor: 'VMware, Inc.', version: '8.0.0', name: 'DVS' },
        configVersion: '1',
        contact: {},
        createTime: new Date(0),
        networkResourceManagementEnabled: false,
        maxMtu: 9000,
      }),
      summary: () => ({
        $type: 'DVSSummary',
        name: dvs.name,
        uuid: dvs.uuid,
        numPorts: 1024,
        hostMember: [...house.hosts.values()].map((host) => host.ref),
        portgroupName: [...house.networks.values()].filter((n) => n.distributed).map((network) => network.name),
      }),
    },
  });
}

/** A port setting with everything rejected, as is right where a MAC is locked to its address. */
function defaultPort(vlanId: number): VimObject {
  const no = { $type: 'BoolPolicy', inherited: false, value: false };
  return {
    $type: 'VMwareDVSPortSetting',
    vlan: { $type: 'VmwareDistributedVirtualSwitchVlanIdSpec', inherited: false, vlanId },
    securityPolicy: {
      $type: 'DVSSecurityPolicy',
      inherited: false,
      allowPromiscuous: no,
      macChanges: no,
      forgedTransmits: no,
    },
  };
}

export function addPortGroup(
  house: House,
  dvs: DistributedSwitch,
  spec: { name: string; vlanId: number } & Partial<VimObject>,
): Network {
  const ref = { moType: 'DistributedVirtualPortgroup', id: house.endpoint.objects.newId('dvportgroup-') };
  const asked: VimObject = isObject(spec['defaultPortConfig']) ? spec['defaultPortConfig'] : {};
  const config: VimObject = {
    $type: 'DVPortgroupConfigInfo',
    key: ref.id,
    name: spec.name,
    numPorts: typeof spec['numPorts'] === 'number' ? spec['numPorts'] : 8,
    distributedVirtualSwitch: dvs.ref,
    defaultPortConfig: { ...defaultPort(spec.vlanId), ...asked },
    description: spec['description'],
    type: spec['type'] ?? 'earlyBinding',
    policy: {
      $type: 'VMwareDVSPortgroupPolicy',
      blockOverrideAllowed: true,
      shapingOverrideAllowed: false,
      vendorConfigOverrideAllowed: false,
      livePortMovingAllowed: false,
      portConfigResetAtDisconnect: true,
      vlanOverrideAllowed: false,
      uplinkTeamingOverrideAllowed: false,
      securityPolicyOverrideAllowed: false,
    },
    configVersion: '1',
    autoExpand: true,
  };
  const network: Network = {
    ref,
    name: spec.name,
    vlanId: spec.vlanId,
    distributed: { switchUuid: dvs.uuid, portgroupKey: ref.id, config },
  };
  addNetwork(house, network, dvs.parent);
  house.endpoint.objects.touch(dvs.ref, dvs.parent);
  return network;
}

/** Whether a port group lets frames out whose source is not the NIC's own MAC. */
export function allowsForgedTransmits(network: Network): boolean {
  const config = network.distributed?.config['defaultPortConfig'];
  const security = isObject(config) ? config['securityPolicy'] : undefined;
  const forged = isObject(security) ? security['forgedTransmits'] : undefined;
  return isObject(forged) && forged['value'] === true;
}

export function networkHandlers(house: House, dvs: DistributedSwitch): Handlers {
  const { endpoint } = house;

  const create = (spec: DVPortgroupConfigSpec): void => {
    const name = spec.name ?? '';
    if (name === '') throw invalidArgument('spec.name');
    const taken = [...house.networks.values()].find((network) => network.name === name);
    if (taken) throw new VimFault('DuplicateName', { name, object: taken.ref }, `The name '${name}' already exists.`);
    addPortGroup(house, dvs, { ...spec, name, vlanId: vlanOf(spec) ?? 0 });
  };

  const validate = (specs: readonly DVPortgroupConfigSpec[]) => {
    for (const spec of specs) {
      const vlan = vlanOf(spec);
      if (vlan !== undefined && (vlan < 0 || vlan > 4094)) throw invalidArgument('spec.defaultPortConfig.vlan.vlanId');
    }
  };

  return {
    AddDVPortgroup_Task: (call, { spec = [] }) => {
      validate(spec);
      return endpoint.startTask(call, { entity: dvs.ref, entityName: dvs.name }, async (progress) => {
        await progress.spend(1);
        for (const each of spec) create(each);
        endpoint.record(call, true, spec.map((each) => each.name).join(' '));
        return undefined;
      });
    },
    CreateDVPortgroup_Task: (call, { spec }) => {
      validate([spec]);
      return endpoint.startTask(call, { entity: dvs.ref, entityName: dvs.name }, async (progress) => {
        await progress.spend(1);
        create(spec);
        endpoint.record(call, true, spec.name ?? '');
        return [...house.networks.values()].find((network) => network.name === spec.name)?.ref;
      });
    },
    ReconfigureDVPortgroup_Task: (call, { spec }) => {
      const network = house.networks.get(call.self.ref.id);
      const distributed = network?.distributed;
      if (!network || !distributed) throw invalidArgument('_this');
      validate([spec]);
      return endpoint.startTask(
        call,
        { entity: network.ref, entityName: network.name, exclusive: [network.ref] },
        async (progress) => {
          await progress.spend(1);
          if (spec.configVersion !== undefined && spec.configVersion !== distributed.config['configVersion']) {
            throw new VimFault('ConcurrentAccess', {}, 'The port group was changed since it was read.');
          }
          const before = distributed.config['defaultPortConfig'];
          const after = { ...(isObject(before) ? before : {}), ...spec.defaultPortConfig };
          const isChanged = JSON.stringify(before) !== JSON.stringify(after);
          const version = String(Number(distributed.config['configVersion']) + 1);
          distributed.config = { ...distributed.config, defaultPortConfig: after, configVersion: version };
          network.vlanId = vlanOf(spec) ?? network.vlanId ?? 0;
          endpoint.objects.touch(network.ref);
          endpoint.record(call, isChanged, network.name);
          return undefined;
        },
      );
    },
  };
}

function vlanOf(spec: DVPortgroupConfigSpec): number | undefined {
  const setting = spec.defaultPortConfig;
  if (!isA(setting, 'VMwareDVSPortSetting')) return undefined;
  return isA(setting.vlan, 'VmwareDistributedVirtualSwitchVlanIdSpec') ? setting.vlan.vlanId : undefined;
}
