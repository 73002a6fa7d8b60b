import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode.ts';
import { VimFault } from './fault.ts';
import { methodType } from './schema.ts';
import { parseXml } from './xml.ts';

const decode = (body: string) => {
  const wrapped = `<x xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">${body}</x>`;
  const element = parseXml(wrapped).children[0];
  const method = element && methodType(element.name);
  if (!element || !method) throw new Error('no such method');
  return decodeRequest(element, method);
};
const refusal = (body: string) => {
  try {
    decode(body);
  } catch (error) {
    if (error instanceof VimFault) return `${error.type}: ${error.message}`;
    throw error;
  }
  return 'accepted';
};

const edit =
  '<deviceChange><operation>edit</operation><device xsi:type="VirtualVmxnet3"><key>4000</key><deviceInfo><label>Network adapter 1</label><summary>Replica</summary></deviceInfo><backing xsi:type="VirtualEthernetCardNetworkBackingInfo"><deviceName>cust-120</deviceName></backing><connectable><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl><connected>false</connected></connectable><controllerKey>100</controllerKey><unitNumber>7</unitNumber><addressType>manual</addressType><macAddress>00:50:56:01:00:01</macAddress></device></deviceChange>';
const reconfigure = (inner: string) =>
  `<ReconfigVM_Task xmlns="urn:vim25"><_this type="VirtualMachine">vm-7</_this><spec>${inner}</spec></ReconfigVM_Task>`;

// Written by pyVmomi's serializer, not by anything of ours.
const foreign = {
  reconfigure: reconfigure(
    `<changeVersion>2026-01-01T00:00:00Z</changeVersion>${edit}<extraConfig><key>uuid.action</key><value xsi:type="xsd:string">keep</value></extraConfig>`,
  ),
  clone:
    '<CloneVM_Task xmlns="urn:vim25"><_this type="VirtualMachine">vm-7</_this><folder type="Folder">group-v3</folder><name>bh-t1</name><spec><location><datastore type="Datastore">datastore-9</datastore><pool type="ResourcePool">resgroup-8</pool><host type="HostSystem">host-21</host></location><template>false</template><config><instanceUuid>5001d0c0-0000-0000-0000-000000000001</instanceUuid><annotation>VRT</annotation><deviceChange><operation>edit</operation><device xsi:type="VirtualVmxnet3"><key>4000</key><backing xsi:type="VirtualEthernetCardDistributedVirtualPortBackingInfo"><port><switchUuid>50 2e</switchUuid><portgroupKey>dvportgroup-11</portgroupKey></port></backing><addressType>manual</addressType><macAddress>00:50:56:01:00:01</macAddress></device></deviceChange></config><powerOn>false</powerOn></spec></CloneVM_Task>',
  register:
    '<RegisterVM_Task xmlns="urn:vim25"><_this type="Folder">group-v3</_this><path>[bh-t1-f7] web01/web01.vmx</path><name>t1-web01</name><asTemplate>false</asTemplate><pool type="ResourcePool">resgroup-8</pool><host type="HostSystem">host-21</host></RegisterVM_Task>',
  mount:
    '<CreateNasDatastore xmlns="urn:vim25"><_this type="HostDatastoreSystem">datastoreSystem-21</_this><spec><remoteHost>192.0.2.10</remoteHost><remotePath>/volumes/p/t1</remotePath><localPath>bh-t1-f7</localPath><accessMode>readWrite</accessMode><type>NFS</type></spec></CreateNasDatastore>',
  option:
    '<UpdateOptions xmlns="urn:vim25"><_this type="OptionManager">EsxHostAdvSettings-21</_this><changedValue><key>Net.FollowHardwareMac</key><value xsi:type="xsd:long">1</value></changedValue></UpdateOptions>',
  vmk: '<AddVirtualNic xmlns="urn:vim25"><_this type="HostNetworkSystem">networkSystem-21</_this><portgroup>cust</portgroup><nic><ip><dhcp>false</dhcp><ipAddress>10.20.0.5</ipAddress><subnetMask>255.255.255.0</subnetMask></ip><mac>00:50:56:01:00:02</mac></nic></AddVirtualNic>',
  route:
    '<UpdateIpRouteTableConfig xmlns="urn:vim25"><_this type="HostNetworkSystem">networkSystem-21</_this><config><ipRoute><changeOperation>add</changeOperation><route><network>10.0.0.0</network><prefixLength>24</prefixLength><gateway>10.1.0.1</gateway></route></ipRoute></config></UpdateIpRouteTableConfig>',
  permission:
    '<SetEntityPermissions xmlns="urn:vim25"><_this type="AuthorizationManager">AuthorizationManager</_this><entity type="VirtualMachine">vm-7</entity><permission><principal>DOM\\VPSUSER1001</principal><group>false</group><roleId>12</roleId><propagate>true</propagate></permission></SetEntityPermissions>',
  relocate:
    '<RelocateVM_Task xmlns="urn:vim25"><_this type="VirtualMachine">vm-7</_this><spec><datastore type="Datastore">datastore-9</datastore></spec><priority>defaultPriority</priority></RelocateVM_Task>',
  properties:
    '<RetrievePropertiesEx xmlns="urn:vim25"><_this type="PropertyCollector">propertyCollector</_this><specSet><propSet><type>VirtualMachine</type><pathSet>name</pathSet><pathSet>config.files.vmPathName</pathSet></propSet><objectSet><obj type="ContainerView">session[1]2</obj><skip>true</skip><selectSet xsi:type="TraversalSpec"><name>v</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet></specSet><options><maxObjects>100</maxObjects></options></RetrievePropertiesEx>',
};

test.each(Object.entries(foreign))('reads what a foreign serializer writes: %s', (_name, body) => {
  expect(refusal(body)).toBe('accepted');
});

test('hands over the arguments with the types that the elements name', () => {
  const { self, args } = decode(foreign.reconfigure);
  expect(self).toEqual({ moType: 'VirtualMachine', id: 'vm-7' });
  expect(args).toMatchObject({
    spec: {
      deviceChange: [{ device: { $type: 'VirtualVmxnet3', key: 4000, connectable: { connected: false } } }],
      extraConfig: [{ key: 'uuid.action', value: { xsi: 'xsd:string', value: 'keep' } }],
    },
  });
});

describe('refuses as a host does', () => {
  test.each([
    [
      'elements out of order',
      reconfigure('<name>a</name><changeVersion>1</changeVersion>'),
      'Unexpected element tag "changeVersion"',
    ],
    ['parameters out of order', foreign.register.replace(/(<path>.*<\/path>)(<name>.*<\/name>)/, '$2$1'), '"path"'],
    [
      'properties of a subtype before those of its base',
      foreign.reconfigure.replace(/(<controllerKey>.*)(<macAddress>[^<]*<\/macAddress>)/, '$2$1'),
      'Unexpected element tag',
    ],
    [
      'an element that the schema does not know',
      reconfigure('<colour>blue</colour>'),
      'Unexpected element tag "colour"',
    ],
    [
      'a missing xsi:type of a device',
      foreign.reconfigure.replace(' xsi:type="VirtualVmxnet3"', ''),
      'Unexpected element tag "addressType"',
    ],
    ['a missing xsi:type of an anyType', foreign.option.replace(' xsi:type="xsd:long"', ''), 'Missing xsi:type'],
    ['a reference without its type', foreign.relocate.replace(' type="Datastore"', ''), 'Missing attribute "type"'],
    ['a missing required element', foreign.register.replace('<asTemplate>false</asTemplate>', ''), '"asTemplate"'],
    [
      'an enumeration value that does not exist',
      foreign.relocate.replace('defaultPriority', 'urgent'),
      'Invalid value "urgent"',
    ],
    [
      'a number that is none',
      foreign.route.replace('<prefixLength>24', '<prefixLength>many'),
      'Invalid value of type int',
    ],
    [
      'a type of another family',
      foreign.reconfigure.replace('xsi:type="VirtualVmxnet3"', 'xsi:type="HostDnsConfig"'),
      'is not a VirtualDevice',
    ],
  ])('%s', (_name, body, text) => {
    const answer = refusal(body);
    expect(answer).toContain('InvalidRequest');
    expect(answer).toContain(text);
  });
});
