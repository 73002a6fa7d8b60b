import { connectVeeam, productionDatastores } from '@bulkhead/lab';
import { unwrap, type Client } from '@bulkhead/sdk';
import { watchOperation, type OperationEvent } from '@bulkhead/sdk/subscriptions';
import { checkFinalState, type Datacentre, type Expected, type Finding } from './final-state/final-state.ts';
import { makeProgress } from './progress.ts';
import type { Workshop } from './workshop.ts';

const servers = [
  { name: 'web01', mac: '00:50:56:01:00:11', sizeBytes: 40e9 },
  { name: 'app01', mac: '00:50:56:01:00:12', sizeBytes: 60e9 },
  { name: 'db01', mac: '00:50:56:01:00:13', sizeBytes: 120e9 },
] as const;

/** How many steps the bars count to: of a run, and of each of its machines. */
const stepsShown = { failover: { run: 3, vm: 8 }, commit: { run: 3, vm: 5 } } as const;

/** Comes after the story, so that whoever tries the demo has a button to press. */
const leftToPress = [{ name: 'files01', mac: '00:50:56:01:00:14', sizeBytes: 80e9 }] as const;

export interface Told {
  targetId: string;
  /** Of Acme's server network. */
  networkId: string;
  /** How the tenant's Veeam signs in. */
  veeam: VeeamSignIn;
  failoverId: string;
  datacentre: Datacentre;
  expected: Expected;
  findings: Finding[];
}

/**
 * The story: an MSP provisions a target for its tenant, the tenant's Veeam pushes replicas, the site is lost, the tenant
 * presses the button and watches until its machines run on production hosts.
 */
export async function tellStory(workshop: Workshop, out: NodeJS.WriteStream): Promise<Told> {
  const say = (line: string) => void out.write(`${line}\n`);
  const [nora, ada] = [workshop.as('nora'), workshop.as('ada')];

  say('\n1. Northwind, the MSP, orders a replication target for its tenant Acme.');
  const ordered = await orderTarget(nora);
  const { targetId, networkId } = ordered;
  await follow(nora, ordered.operationId, out, new Map(), { run: ordered.steps, vm: 1 });

  say('\n2. Acme’s Veeam signs in with the credential that only Acme has seen, and pushes three machines.');
  const veeam = await pushReplicas(workshop, ada, targetId, say);

  say('\n3. Acme lists what it could fail over. (Its site is lost; it picks all three, and its server network.)');
  const vms = await protectedVms(ada, targetId, servers.length);
  for (const vm of vms)
    say(`   ${vm.name.padEnd(8)} ${vm.state.padEnd(10)} latest restore point ${vm.latestRestorePoint?.createdAt}`);

  say('\n4. The big red button.');
  const vmIds = vms.map(({ id }) => id);
  const failoverId = await failOver(ada, vmIds, networkId, out);

  say('\n5. Commit: the machines stay. Nothing of them is left on the replication storage.');
  await commit(ada, failoverId, out);

  say('\n6. The datacentre, read by plain requests that share no code with the gateway:');
  const { datacentre, expected } = expectations(workshop, targetId, await machinesOf(ada, failoverId));
  const findings = await checkFinalState(datacentre, expected);
  for (const { check, isMet, seen } of findings)
    say(`   ${isMet ? '✔' : '✘'} ${check}${isMet ? '' : `: seen ${seen}`}`);
  return { targetId, networkId, veeam, failoverId, datacentre, expected, findings };
}

export async function orderTarget(nora: Client, name = 'acme-dr') {
  const [acme] = (await nora.listOrganizations({}).toArray({ limit: 20 })).filter(({ name }) =>
    name.startsWith('Acme'),
  );
  const [plan] = await nora.listTargetPlans();
  if (!acme || !plan) throw new Error('The catalogue has no Acme or no target plan.');
  const networks = await nora.listNetworks({ organizationId: acme.id }).toArray({ limit: 20 });
  const replication = networks.find(({ name }) => name === 'Replication');
  const serverNetwork = networks.find(({ name }) => name === 'Servers');
  if (!replication || !serverNetwork) throw new Error('The catalogue has no networks for Acme.');
  const operation = unwrap(
    await nora.provisionReplicationTarget({
      organizationId: acme.id,
      siteId: plan.site.id,
      planId: plan.id,
      name,
      networkId: replication.id,
    }),
    'operation',
  );
  return {
    targetId: operation.target.id,
    networkId: serverNetwork.id,
    operationId: operation.id,
    steps: operation.steps.length,
  };
}

type VeeamSignIn = Parameters<typeof connectVeeam>[0];

/** Reveals the target's credential, which is shown once, and replicates with it. */
export async function pushReplicas(
  { lab }: Workshop,
  ada: Client,
  targetId: string,
  say: (line: string) => void,
): Promise<VeeamSignIn> {
  const credential = unwrap(await ada.revealTargetCredential({ targetId }), 'credential');
  const target = await ada.getReplicationTarget(targetId);
  if (!target?.connection) throw new Error('The target has no connection sheet.');
  const { address, port, certificateSha256 } = target.connection;
  say(`   ${address}:${port} as ${credential.userName}`);
  const signIn: VeeamSignIn = {
    address,
    port,
    userName: credential.userName,
    password: credential.secret,
    certificateSha256: certificateSha256 ?? '',
    networkName: 'VM Network',
  };
  await replicate(signIn, servers, say);
  if (lab.vcenter.nested().length === 0) throw new Error('No nested host is up.');
  return signIn;
}

async function replicate(
  signIn: VeeamSignIn,
  machines: readonly { name: string; mac: string; sizeBytes: number }[],
  say: (line: string) => void,
): Promise<void> {
  const veeam = await connectVeeam(signIn);
  try {
    for (const { name, mac, sizeBytes } of machines) {
      await veeam.pushReplica({
        name,
        cpuCount: 2,
        memoryBytes: 4 * 2 ** 30,
        disks: [{ sizeBytes }],
        nics: [{ mac }],
        guestOs: 'ubuntu64Guest',
      });
      await veeam.addRestorePoint(name, { at: new Date(Date.now() - 3600_000) });
      const point = await veeam.addRestorePoint(name);
      say(`   ${name}: ${point}`);
    }
  } finally {
    await veeam.disconnect();
  }
}

/** Replicates one machine more, which nobody has failed over yet. */
export async function protectOneMore(
  ada: Client,
  { targetId, veeam }: Pick<Told, 'targetId' | 'veeam'>,
): Promise<{ id: string; name: string }> {
  await replicate(veeam, leftToPress, () => undefined);
  const [vm] = await protectedVms(ada, targetId, leftToPress.length);
  if (!vm) throw new Error(`Target ${targetId} shows no protected machine.`);
  return vm;
}

/** Waits, with a limit, until so many machines have been seen as protected. */
export async function protectedVms(client: Client, targetId: string, count: number) {
  unwrap(await client.refreshProtectedVms({ targetId }), 'target');
  for (let waited = 0; waited < 60_000; waited += 200) {
    const vms = await client.listProtectedVms({ targetId, states: ['PROTECTED'] }).toArray({ limit: 100 });
    if (vms.length >= count) return vms;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Target ${targetId} did not show ${count} protected machines within a minute.`);
}

export async function pressButton(client: Client, vmIds: readonly string[], networkId: string) {
  return unwrap(
    await client.startFailover({
      selection: { vms: vmIds.map((vmId) => ({ vmId })), networkId },
      confirm: 'acme-dr',
      reason: 'The site is lost.',
    }),
    'failover',
  );
}

async function failOver(
  ada: Client,
  vmIds: readonly string[],
  networkId: string,
  out: NodeJS.WriteStream,
): Promise<string> {
  const failover = await pressButton(ada, vmIds, networkId);
  const names = new Map(failover.vms.nodes.map(({ id, name }) => [id, name]));
  // A real failover waits for its commit when all machines are live: the stream goes on, so we leave it there.
  await follow(
    ada,
    failover.id,
    out,
    names,
    stepsShown.failover,
    (event) => event.phase === 'LIVE' || event.phase === 'PAUSED',
  );
  const seen = await ada.getFailover(failover.id);
  if (seen?.phase !== 'LIVE')
    throw new Error(
      `The failover is ${seen?.phase}: ${seen?.vms.nodes.map(({ problem }) => problem?.message).join(' ')}`,
    );
  return failover.id;
}

async function commit(ada: Client, failoverId: string, out: NodeJS.WriteStream): Promise<void> {
  const before = await ada.getFailover(failoverId);
  const names = new Map(before?.vms.nodes.map(({ id, name }) => [id, name]) ?? []);
  const progress = makeProgress(out, names, stepsShown.commit);
  await commitAndWatch(ada, failoverId, before?.eventCursor, (event) => progress.show(event));
  progress.end();
  const after = await ada.getFailover(failoverId);
  if (after?.phase !== 'COMMITTED') throw new Error(`The failover is ${after?.phase} after its commit.`);
}

/** Commits, and watches from `after` until the run has ended. */
export async function commitAndWatch(
  client: Client,
  failoverId: string,
  after: string | undefined,
  onEvent: (event: OperationEvent) => void,
): Promise<void> {
  unwrap(await client.commitFailover({ failoverId }), 'failover');
  for await (const event of watchOperation(client, failoverId, after === undefined ? {} : { after })) {
    onEvent(event);
    if (event.type === 'FINISHED' && event.status !== 'SUCCEEDED') {
      throw new Error(`The commit ended as ${event.status}: ${event.problem?.message ?? event.message}`);
    }
    if (event.phase === 'PAUSED') throw new Error(`The commit paused: ${event.problem?.message ?? event.message}`);
  }
}

async function follow(
  client: Client,
  operationId: string,
  out: NodeJS.WriteStream,
  names: ReadonlyMap<string, string>,
  totals: { run: number; vm: number },
  isEnough: (event: { phase?: string | null }) => boolean = () => false,
  after?: string,
): Promise<void> {
  const progress = makeProgress(out, names, totals);
  for await (const event of watchOperation(client, operationId, after === undefined ? {} : { after })) {
    progress.show(event);
    if (event.type === 'FINISHED' && event.status !== 'SUCCEEDED') {
      throw new Error(`${event.kind} ended as ${event.status}: ${event.problem?.message ?? event.message}`);
    }
    if (isEnough(event)) break;
  }
  progress.end();
}

/** The machines of a run, as the API names them. */
export async function machinesOf(client: Client, failoverId: string) {
  const failover = await client.getFailover(failoverId);
  return failover?.vms.nodes.map(({ id, name }) => ({ id, name })) ?? [];
}

/** What must be true at the end, and where to look. The addresses are the provider's: they come from the lab, not from the API. */
export function expectations(
  { lab }: Workshop,
  targetId: string,
  machines: readonly { id: string; name: string }[],
): { datacentre: Datacentre; expected: Expected } {
  const { vcenter, nexentastor, ovn, block } = lab;
  const key = targetId.replaceAll('_', '-');
  const nested = vcenter.nested().find(({ vmName }) => vmName === `bh-${key}`);
  const production = { url: vcenter.url, certificate: vcenter.certificate.cert, ...vcenter.credentials.administrator };
  const appliance = { url: nexentastor.url, certificate: nexentastor.certificate.cert, ...nexentastor.credentials };
  return {
    datacentre: { production, appliance, northbound: ovn.address },
    expected: {
      // In production two tenants may have machines of one name, and one tenant two: the gateway adds its own mark.
      vms: machines.map(({ id, name }) => ({
        name: `Acme GmbH-${name}-${id.slice(-6)}`,
        portGroup: `vlan-${block.customer(5).vlanId}`,
        grant: `LAB\\VPSUSER1001: ${vcenter.names.tenantRole}`,
      })),
      productionDatastores: productionDatastores(lab),
      storageKey: key,
      targetAddress: nested?.address ?? 'no nested host answers',
      lockPort: `bh-${targetId}`,
    },
  };
}
