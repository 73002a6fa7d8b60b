import { access, readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byContent } from './dump.ts';
import type { OvnEdge } from './edge.ts';
import { startOvnCentral, type OvnCentral } from './start.ts';

// OVN in a private directory, with an edge host whose frames are real: what other tests rely on.

const [mac, ip, gateway] = ['00:50:56:2a:00:0b', '10.66.0.11', '10.66.0.1'];
let ovn: OvnCentral;
let edge: OvnEdge;

beforeAll(async () => {
  ovn = await startOvnCentral();
  await ovn.shell(`ovn-nbctl ls-add mgmt -- lsp-add mgmt trunk -- lsp-set-addresses trunk unknown \
    -- lr-add provider -- lrp-add provider router-mgmt 00:50:56:3f:ff:01 ${gateway}/24 \
    -- lsp-add mgmt mgmt-router -- lsp-set-type mgmt-router router -- lsp-set-addresses mgmt-router router \
    -- lsp-set-options mgmt-router router-port=router-mgmt`);
  edge = await ovn.startEdge({ trunkPort: 'trunk', gateway });
});
afterAll(() => ovn?.stop());

test('a port that is locked and reserved gets its lease and passes; others do not', async () => {
  expect(await edge.lease(mac, 2111)).toBeUndefined();
  await ovn.shell(`ovn-nbctl --wait=hv lsp-add mgmt t11 trunk 2111 -- lsp-set-addresses t11 "${mac} ${ip}" \
    -- lsp-set-port-security t11 "${mac} ${ip}" -- --id=@d create DHCP_Options cidr=10.66.0.0/24 \
    options:server_id=${gateway} 'options:server_mac="00:50:56:3f:ff:01"' options:lease_time=600 \
    'options:dns_server="{10.66.0.2, 10.66.0.3}"' -- set Logical_Switch_Port t11 dhcpv4_options=@d`);
  expect(await edge.lease(mac, 2111)).toEqual({
    ip,
    prefixLength: 24,
    serverId: gateway,
    leaseSeconds: 600,
    dns: ['10.66.0.2', '10.66.0.3'],
  });
  expect(await edge.lease(mac, 2112)).toBeUndefined();
  expect(await edge.lease('00:50:56:2a:00:0c', 2111)).toBeUndefined();
  expect(await edge.isAllowed(mac, ip, 2111)).toBe(true);
  expect(await edge.isAllowed(mac, '10.66.0.12', 2111)).toBe(false);
  expect(await edge.isAllowed('00:50:56:2a:00:0c', ip, 2111)).toBe(false);
  expect(await edge.isAllowed(mac, ip, 2112)).toBe(false);
});

test('without the lock the same frames pass, so the verdict is the lock’s', async () => {
  await ovn.shell('ovn-nbctl --wait=hv lsp-set-port-security t11');
  expect(await edge.isAllowed(mac, '10.66.0.12', 2111)).toBe(true);
  expect(await edge.isAllowed('00:50:56:2a:00:0c', ip, 2111)).toBe(true);
  await ovn.shell(`ovn-nbctl --wait=hv lsp-set-port-security t11 "${mac} ${ip}"`);
  expect(await edge.isAllowed(mac, '10.66.0.12', 2111)).toBe(false);
});

test('the dump holds every row, and a change is seen in it', async () => {
  const before = await ovn.dump('OVN_Northbound');
  expect(before['Logical_Switch_Port']).toHaveLength(4);
  await ovn.shell('ovn-nbctl --wait=hv sync');
  expect(await ovn.dump('OVN_Northbound')).toEqual(before);
  await ovn.shell('ovn-nbctl set Logical_Switch_Port t11 external_ids:left=over');
  expect(await ovn.dump('OVN_Northbound')).not.toEqual(before);
});

test('by content, what northd made anew is the same, and what is left over is seen', async () => {
  const southbound = async () => byContent(await ovn.dump('OVN_Southbound'));
  await ovn.shell('ovn-nbctl --wait=hv sync');
  const before = await southbound();
  await ovn.shell('ovn-nbctl --wait=hv lsp-add mgmt passing');
  expect(await southbound()).not.toEqual(before);
  await ovn.shell('ovn-nbctl --wait=hv lsp-del passing');
  expect(await southbound()).toEqual(before);
});

test('an instance that is stopped leaves no process and no file', async () => {
  const other = await startOvnCentral();
  await other.shell('ovn-nbctl ls-add mgmt -- lsp-add mgmt trunk');
  await other.startEdge({ trunkPort: 'trunk', gateway });
  const processes = async () => (await commandLines()).filter((line) => line.includes(other.folder));
  expect(await processes()).not.toEqual([]);
  await other.stop();
  expect(await processes()).toEqual([]);
  await expect(access(other.folder)).rejects.toThrow('ENOENT');
});

/** Of every process on this machine that we may look at. */
async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}
