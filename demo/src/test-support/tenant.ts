import { connectVeeam, type Veeam } from '@bulkhead/lab';
import { unwrap, type Client, type FailoverPhase, type OperationStatus } from '@bulkhead/sdk';
import { orderTarget } from '../story.ts';
import type { Workshop } from '../workshop.ts';
import { waitFor } from './wait-for.ts';

export interface Tenant {
  /** Acme's administrator. */
  ada: Client;
  targetId: string;
  /** Acme's server network. */
  networkId: string;
  /** Acme's software, signed in at its nested host. */
  veeam: Veeam;
}

/** Orders a target for Acme and signs its Veeam in there. */
export async function openTenant(workshop: Workshop, targetName?: string): Promise<Tenant> {
  const [nora, ada] = [workshop.as('nora'), workshop.as('ada')];
  const { targetId, networkId, operationId } = await orderTarget(nora, targetName);
  await operationEnded(nora, operationId, 'SUCCEEDED');
  return { ada, targetId, networkId, veeam: await signIn(ada, targetId) };
}

/** Signs in with the credential that is shown once. */
export async function signIn(client: Client, targetId: string): Promise<Veeam> {
  const credential = unwrap(await client.revealTargetCredential({ targetId }), 'credential');
  const connection = (await client.getReplicationTarget(targetId))?.connection;
  if (!connection) throw new Error(`Target ${targetId} has no connection sheet.`);
  return connectVeeam({
    address: connection.address,
    port: connection.port,
    userName: credential.userName,
    password: credential.secret,
    certificateSha256: connection.certificateSha256 ?? '',
    networkName: 'VM Network',
  });
}

export interface Machine {
  name: string;
  memoryBytes?: number;
}

/** A first run and a restore point for each machine. */
export async function replicate(veeam: Veeam, machines: readonly Machine[]): Promise<void> {
  for (const [index, { name, memoryBytes = 2 ** 30 }] of machines.entries()) {
    const mac = `00:50:56:01:${macByte(name)}:${(index % 256).toString(16).padStart(2, '0')}`;
    const hardware = { cpuCount: 1, memoryBytes, disks: [{ sizeBytes: 4e9 }], nics: [{ mac }] };
    await veeam.pushReplica({ name, ...hardware, guestOs: 'ubuntu64Guest' });
    await veeam.addRestorePoint(name);
  }
}

function macByte(name: string): string {
  const sum = [...name].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 256, 7);
  return sum.toString(16).padStart(2, '0');
}

/** Ids by name, once all of these machines are protected. */
export async function protectedByName(
  client: Client,
  targetId: string,
  names: readonly string[],
): Promise<Map<string, string>> {
  return waitFor(`${names.join(', ')} protected`, async () => {
    unwrap(await client.refreshProtectedVms({ targetId }), 'target');
    const vms = await client.listProtectedVms({ targetId, states: ['PROTECTED'] }).toArray({ limit: 200 });
    const found = new Map(vms.map(({ id, name }) => [name, id]));
    return names.every((name) => found.has(name)) ? found : undefined;
  });
}

export async function operationEnded(client: Client, operationId: string, status: OperationStatus): Promise<void> {
  await waitFor(
    `the end of ${operationId}`,
    async () => {
      const operation = await client.getOperation(operationId);
      if (operation?.finishedAt === null) return undefined;
      if (operation?.status !== status) throw new Error(`${operationId} ended as ${operation?.status}.`);
      return operation;
    },
    90_000,
  );
}

/** The run once it has come to this phase; its machines' problems are told when it comes to another that it stays in. */
export async function inPhase(client: Client, failoverId: string, phase: FailoverPhase, limitMs = 60_000) {
  const staying: readonly FailoverPhase[] = ['LIVE', 'PAUSED', 'COMMITTED', 'REJECTED'];
  let last: string | undefined;
  return waitFor(
    `${phase} of ${failoverId}`,
    async () => {
      const run = await client.getFailover(failoverId);
      if (!run) throw new Error(`There is no ${failoverId}.`);
      if (run.phase === phase) return run;
      // A mutation's answer may be older than the work that it queued: one look is not enough to call it stuck.
      if (staying.includes(run.phase) && last === `${run.phase}/${run.sequence}`) {
        const problems = run.vms.nodes.flatMap(({ name, problem }) => (problem ? [`${name}: ${problem.message}`] : []));
        throw new Error(`${failoverId} is ${run.phase}: ${[run.problem?.message, ...problems].join(' ')}`);
      }
      last = `${run.phase}/${run.sequence}`;
      return undefined;
    },
    limitMs,
  );
}
