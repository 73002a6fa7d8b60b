import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabClock } from '../clock.ts';
import { Faults } from '../faults.ts';
import { Journal } from '../journal.ts';
import { startOvn, type LabOvn } from './ovn.ts';

// The simulated northbound database against OVN's own client.

const run = promisify(execFile);
let ovn: LabOvn;
const nbctl = async (...args: string[]): Promise<string> =>
  (await run('ovn-nbctl', [`--db=${ovn.url}`, '--timeout=10', ...args])).stdout;

beforeAll(async () => {
  ovn = await startOvn({
    address: '127.19.2.30',
    port: 0,
    managementCidr: '10.66.0.0/24',
    managementGateway: '10.66.0.1',
    faults: new Faults(),
    journal: new Journal(),
    clock: new LabClock(0.01),
  });
});
afterAll(() => ovn?.stop());

test('ovn-nbctl shows what was set up', async () => {
  const shown = await nbctl('show');
  expect(shown).toMatch(/switch \S+ \(mgmt\)/);
  expect(shown).toMatch(/port edge1-trunk\n\s+addresses: \["unknown"\]/);
  expect(await nbctl('--type=port-group', 'acl-list', 'pg_tenant_mgmt')).toMatch(
    /from-lport\s+1000 \(inport == @pg_tenant_mgmt && ip4\) drop/,
  );
});

test('ovn-nbctl makes a locked port, waits for the edge, and the lock is in force', async () => {
  const mac = '00:50:56:00:00:07';
  const element = `${mac} 10.66.0.7`;
  const dhcp = (await nbctl('create', 'DHCP_Options', 'cidr=10.66.0.0/24')).trim();
  await nbctl(
    'dhcp-options-set-options',
    dhcp,
    'server_id=10.66.0.1',
    'server_mac=00:50:56:3f:ff:01',
    'lease_time=3600',
  );
  const make = ['lsp-add', 'mgmt', 'c1', 'edge1-trunk', '2101', '--', 'lsp-set-addresses', 'c1', element];
  const lock = ['--', 'lsp-set-port-security', 'c1', element, '--', 'lsp-set-dhcpv4-options', 'c1', dhcp];
  await nbctl('--wait=hv', ...make, ...lock);
  expect(ovn.fabric.isAllowed(mac, '10.66.0.7', 2101)).toBe(true);
  expect(ovn.fabric.isAllowed(mac, '10.66.0.8', 2101)).toBe(false);
  expect(ovn.fabric.lease(mac, 2101)).toEqual({ ip: '10.66.0.7', prefixLength: 24 });
  expect((await nbctl('get', 'Logical_Switch_Port', 'c1', 'up', 'tag')).split('\n').slice(0, 2)).toEqual([
    'true',
    '2101',
  ]);
});

test('ovn-nbctl is refused a name twice, and deletes', async () => {
  await nbctl('ls-add', 'spare', '--', 'lsp-add', 'spare', 'p1');
  await expect(nbctl('lsp-add', 'spare', 'p1')).rejects.toThrow(/already exists/);
  await nbctl('--wait=hv', 'ls-del', 'spare');
  expect(ovn.world().ports.map(({ name }) => name)).not.toContain('p1');
  expect(await nbctl('ls-list')).not.toMatch('spare');
});
