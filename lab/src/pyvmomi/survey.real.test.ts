import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimBlock, type AddressBlock } from '../block.ts';
import { LabClock } from '../clock.ts';
import { Faults } from '../faults.ts';
import { Journal } from '../journal.ts';
import { govc } from '../vcsim/govc.ts';
import { startVcsim } from '../vcsim/start.ts';
import { startVcenter } from '../vcenter/vcenter.ts';
import { survey } from './pyvmomi.ts';

let folder: string;
let block: AddressBlock;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pyvmomi-'));
  block = await claimBlock();
});

afterAll(async () => {
  await block?.release();
  await rm(folder, { recursive: true, force: true });
});

const done = [
  'power on: success, poweredOn',
  'snapshot: success, poweredOn',
  'power off: success, poweredOff',
  'revert: success, poweredOff',
  'remove: success, poweredOff',
];

test('our vCenter answers true to the schema, and its tasks end', async () => {
  const vcenter = await startVcenter({
    block,
    vcenterPort: 8989,
    esxiPort: 8443,
    nfs: { mount: () => ({ refused: 'no-such-export' }) },
    fabric: { lease: () => undefined, isAllowed: () => false },
    faults: new Faults(),
    journal: new Journal(),
    clock: new LabClock(0.001),
    sizes: { fillers: 2 },
  });
  try {
    const certificateFile = join(folder, 'vcenter.pem');
    await writeFile(certificateFile, vcenter.certificate.cert);
    const machine = vcenter.snapshotOfWorld().vms.find((vm) => !vm.isTemplate)?.name ?? '';
    const credentials = vcenter.credentials.administrator;
    const seen = await survey({ address: block.vcenter, port: 8989, certificateFile, credentials }, machine);
    expect(seen.api).toBe('VirtualCenter');
    expect(seen.seen['HostSystem']).toMatchObject({ count: 3 });
    expect(seen.seen['VirtualMachine']?.properties).toEqual(
      expect.arrayContaining(['config', 'runtime', 'summary', 'guest']),
    );
    expect(seen.steps).toEqual(done);
  } finally {
    await vcenter.stop();
  }
});

test('vcsim with our additions answers true to the schema too', async () => {
  const exports = join(folder, 'exports');
  await mkdir(join(exports, 't1'), { recursive: true });
  const nested = await startVcsim({
    mode: 'esx',
    address: `127.${block.octet}.66.12`,
    directory: join(folder, 'n1'),
    exports,
  });
  try {
    const mount = `-type nfs -name Replica -remote-host ${block.nfs} -remote-path /t1 localhost.localdomain`.split(' ');
    await govc(nested, ['datastore.create', ...mount]);
    await govc(nested, ['vm.create', '-ds', 'Replica', '-disk', '20MB', '-on=false', '-net', 'VM Network', 'web01']);
    const seen = await survey(nested, 'web01');
    expect(seen.api).toBe('HostAgent');
    expect(seen.steps).toEqual(done);
  } finally {
    await nested.stop();
  }
});
