import { element, escapeXml } from './xml.ts';

/** A source machine as the job sees it. */
export interface ReplicaSpec {
  name: string;
  cpuCount: number;
  memoryBytes: number;
  disks: readonly { sizeBytes: number }[];
  nics: readonly { mac: string }[];
  /** vSphere's guest id, e.g. `ubuntu64Guest`. */
  guestOs: string;
}

/** Path of a disk's descriptor behind the datastore's name: `web01/web01.vmdk`, `web01/web01_1.vmdk`. */
export function diskPath(name: string, index: number): string {
  return `${name}/${name}${index === 0 ? '' : `_${index}`}.vmdk`;
}

/** The `config` of CreateVM_Task in schema order: base properties first, no empty element. */
export function createSpec(replica: ReplicaSpec, datastore: string, networkName: string): string {
  const devices = [
    addition('ParaVirtualSCSIController', '<key>-101</key><busNumber>0</busNumber><sharedBus>noSharing</sharedBus>'),
    ...replica.disks.map((disk, index) =>
      addition('VirtualDisk', diskSpec(replica.name, datastore, disk, index), 'create'),
    ),
    ...replica.nics.map((nic, index) => addition('VirtualVmxnet3', nicSpec(nic, index, networkName))),
  ];
  return [
    '<config>',
    element('name', replica.name),
    element('guestId', replica.guestOs),
    element('annotation', `Replica of ${replica.name}`),
    `<files>${element('vmPathName', `[${datastore}] ${replica.name}/${replica.name}.vmx`)}</files>`,
    element('numCPUs', replica.cpuCount),
    element('memoryMB', Math.round(replica.memoryBytes / 1024 / 1024)),
    ...devices,
    '</config>',
  ].join('');
}

function addition(type: string, device: string, fileOperation?: 'create'): string {
  const files = fileOperation === undefined ? '' : element('fileOperation', fileOperation);
  return `<deviceChange><operation>add</operation>${files}<device xsi:type="${type}">${device}</device></deviceChange>`;
}

function diskSpec(name: string, datastore: string, disk: { sizeBytes: number }, index: number): string {
  // Unit 7 of a SCSI bus is the controller's own.
  const unit = index < 7 ? index : index + 1;
  return [
    element('key', -201 - index),
    '<backing xsi:type="VirtualDiskFlatVer2BackingInfo">',
    element('fileName', `[${datastore}] ${diskPath(name, index)}`),
    '<diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned></backing>',
    '<controllerKey>-101</controllerKey>',
    element('unitNumber', unit),
    element('capacityInKB', Math.ceil(disk.sizeBytes / 1024)),
    element('capacityInBytes', disk.sizeBytes),
  ].join('');
}

function nicSpec(nic: { mac: string }, index: number, networkName: string): string {
  return [
    element('key', -301 - index),
    `<backing xsi:type="VirtualEthernetCardNetworkBackingInfo"><deviceName>${escapeXml(networkName)}</deviceName></backing>`,
    '<connectable><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl><connected>false</connected></connectable>',
    '<addressType>manual</addressType>',
    element('macAddress', nic.mac),
  ].join('');
}
