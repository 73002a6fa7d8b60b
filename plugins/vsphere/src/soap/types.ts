/**
 * The data types that we send: properties in schema order, those of base types first. Properties that are never sent
 * are left out. `name>Type` is an object of that declared type, `name@` a reference, `name*` anything; a plain name is
 * a scalar. A server refuses an element out of order, so this table and not the caller decides where one stands.
 */
const rows = {
  PropertyFilterSpec: 'propSet>PropertySpec objectSet>ObjectSpec reportMissingObjectsInResults',
  PropertySpec: 'type all pathSet',
  ObjectSpec: 'obj@ skip selectSet>SelectionSpec',
  SelectionSpec: 'name',
  TraversalSpec: 'name type path skip selectSet>SelectionSpec',
  RetrieveOptions: 'maxObjects',
  OptionValue: 'key value*',

  VirtualMachineCloneSpec: 'location>VirtualMachineRelocateSpec template config>VirtualMachineConfigSpec powerOn',
  VirtualMachineRelocateSpec: 'folder@ datastore@ diskMoveType pool@ host@',
  VirtualMachineConfigSpec:
    'changeVersion name version uuid instanceUuid guestId annotation numCPUs numCoresPerSocket memoryMB ' +
    'deviceChange>VirtualDeviceConfigSpec extraConfig>OptionValue nestedHVEnabled',
  VirtualDeviceConfigSpec: 'operation fileOperation device>VirtualDevice',

  VirtualDevice:
    'key deviceInfo>Description backing>VirtualDeviceBackingInfo connectable>VirtualDeviceConnectInfo ' +
    'slotInfo>VirtualDeviceBusSlotInfo controllerKey unitNumber numaNode deviceGroupInfo>VirtualDeviceDeviceGroupInfo',
  VirtualEthernetCard:
    'key deviceInfo>Description backing>VirtualDeviceBackingInfo connectable>VirtualDeviceConnectInfo ' +
    'slotInfo>VirtualDeviceBusSlotInfo controllerKey unitNumber numaNode deviceGroupInfo>VirtualDeviceDeviceGroupInfo ' +
    'addressType macAddress wakeOnLanEnabled resourceAllocation>VirtualEthernetCardResourceAllocation externalId ' +
    'uptCompatibilityEnabled subnetId',
  Description: 'label summary',
  VirtualDeviceBackingInfo: '',
  VirtualEthernetCardNetworkBackingInfo: 'deviceName useAutoDetect network@ inPassthroughMode',
  VirtualEthernetCardDistributedVirtualPortBackingInfo: 'port>DistributedVirtualSwitchPortConnection',
  VirtualEthernetCardOpaqueNetworkBackingInfo: 'opaqueNetworkId opaqueNetworkType',
  DistributedVirtualSwitchPortConnection: 'switchUuid portgroupKey portKey connectionCookie',
  VirtualDeviceConnectInfo: 'migrateConnect startConnected allowGuestControl connected status',
  VirtualDeviceBusSlotInfo: '',
  VirtualDevicePciBusSlotInfo: 'pciSlotNumber',
  VirtualDeviceDeviceGroupInfo: 'groupInstanceKey sequenceId',
  VirtualEthernetCardResourceAllocation: 'reservation share>SharesInfo limit',
  SharesInfo: 'shares level',

  DVPortgroupConfigSpec:
    'configVersion name numPorts portNameFormat defaultPortConfig>DVPortSetting description type autoExpand',
  DVPortSetting: '',
  VMwareDVSPortSetting: 'vlan>VmwareDistributedVirtualSwitchVlanSpec securityPolicy>DVSSecurityPolicy',
  VmwareDistributedVirtualSwitchVlanSpec: 'inherited',
  VmwareDistributedVirtualSwitchVlanIdSpec: 'inherited vlanId',
  DVSSecurityPolicy: 'inherited allowPromiscuous>BoolPolicy macChanges>BoolPolicy forgedTransmits>BoolPolicy',
  BoolPolicy: 'inherited value',

  HostNasVolumeSpec: 'remoteHost remotePath localPath accessMode type userName password remoteHostNames securityType',
  HostVirtualSwitchSpec: 'numPorts bridge>HostVirtualSwitchBridge policy>HostNetworkPolicy mtu',
  HostVirtualSwitchBridge: '',
  HostVirtualSwitchBondBridge: 'nicDevice',
  HostPortGroupSpec: 'name vlanId vswitchName policy>HostNetworkPolicy',
  HostNetworkPolicy: 'security>HostNetworkSecurityPolicy',
  HostNetworkSecurityPolicy: 'allowPromiscuous macChanges forgedTransmits',
  HostVirtualNicSpec: 'ip>HostIpConfig mac portgroup mtu tsoEnabled netStackInstanceKey',
  HostIpConfig: 'dhcp ipAddress subnetMask',
  HostIpRouteConfig: 'defaultGateway gatewayDevice',
  HostIpRouteTableConfig: 'ipRoute>HostIpRouteOp',
  HostIpRouteOp: 'changeOperation route>HostIpRouteEntry',
  HostIpRouteEntry: 'network prefixLength gateway deviceName',
  HostDnsConfig: 'dhcp virtualNicDevice hostName domainName address searchDomain',
  HostDateTimeConfig: 'timeZone ntpConfig>HostNtpConfig',
  HostNtpConfig: 'server configFile',
  HostAccountSpec: 'id password description',
  Permission: 'entity@ principal group roleId propagate',
} as const;

/** Types that are written like another one: kinds of network cards differ in nothing that we may change. */
const likeAnother: Readonly<Record<string, keyof typeof rows>> = {
  VirtualE1000: 'VirtualEthernetCard',
  VirtualE1000e: 'VirtualEthernetCard',
  VirtualPCNet32: 'VirtualEthernetCard',
  VirtualVmxnet: 'VirtualEthernetCard',
  VirtualVmxnet2: 'VirtualEthernetCard',
  VirtualVmxnet3: 'VirtualEthernetCard',
  VirtualVmxnet3Vrdma: 'VirtualEthernetCard',
  VirtualSriovEthernetCard: 'VirtualEthernetCard',
};

export type PropertyKind = 'scalar' | 'object' | 'ref' | 'any';

export interface PropertyShape {
  readonly name: string;
  readonly kind: PropertyKind;
  /** The declared type of an `object`. */
  readonly type?: string;
}

const parsed = new Map<string, readonly PropertyShape[]>();
for (const [type, row] of Object.entries(rows)) parsed.set(type, parseShapes(row));

/** Every type that can be sent. */
export const typeNames: readonly string[] = [...Object.keys(rows), ...Object.keys(likeAnother)];

/** The properties of a type in schema order; undefined for a type that we do not send. */
export function propertiesOf(type: string): readonly PropertyShape[] | undefined {
  return parsed.get(likeAnother[type] ?? type);
}

export function parseShapes(row: string): PropertyShape[] {
  return row
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      if (word.endsWith('@')) return { name: word.slice(0, -1), kind: 'ref' };
      if (word.endsWith('*')) return { name: word.slice(0, -1), kind: 'any' };
      const [name = word, type] = word.split('>');
      return type === undefined ? { name, kind: 'scalar' } : { name, kind: 'object', type };
    });
}
