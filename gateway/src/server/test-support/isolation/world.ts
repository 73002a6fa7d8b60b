import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectVeeam, gatewayCatalogue, gatewayConfiguration, startLab, type Lab } from '@bulkhead/lab';
import { stringify } from 'yaml';
import { applyCatalogue } from '../../../apply.ts';
import { checkConfiguration } from '../../../configuration.ts';
import { startGateway, type Gateway } from '../../../gateway.ts';
import { eventually } from '../../../test-support/eventually.ts';

export type TenantName = 'acme' | 'globex' | 'initech';

/** One id of each kind, all of one tenant. */
export interface Ids {
  organizationId: string;
  organizationName: string;
  siteId: string;
  planId: string;
  networkId: string;
  replicationNetworkId: string;
  targetId: string;
  targetName: string;
  operationId: string;
  readinessCheckId: string;
  /** The machine that is still on the target. */
  vmId: string;
  restorePointId: string;
  failoverId: string;
  failoverVmId: string;
  failedOverVmId: string;
  auditEntryId: string;
}

/** A tenant with a target, two machines, and a failover of one of them that is live. */
export interface Tenant {
  ids: Ids;
  /** A word in the names and reasons that this tenant gave. */
  salt: string;
}

export interface World {
  lab: Lab;
  gateway: Gateway;
  url: string;
  tenants: Record<TenantName, Tenant>;
  token(who: string): Promise<string>;
  /** The answer as it was sent. Every request has the same id, so that equal answers are equal byte for byte. */
  ask(who: string | undefined, query: string, variables?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

const tenantAdmins: Record<TenantName, { orders: string; admin: string; starts: string }> = {
  acme: { orders: 'nora', admin: 'ada', starts: 'Acme' },
  globex: { orders: 'nora', admin: 'gus', starts: 'Globex' },
  initech: { orders: 'cora', admin: 'ian', starts: 'Initech' },
};

/** Who signs the lab's people in. */
export interface WorldIdentity {
  issuer: string;
  token(who: string): Promise<string>;
}

/**
 * The whole service on a simulated datacentre, with three tenants of two MSPs that each have one of everything. Without
 * an `identity`, the lab's own signs in.
 */
export async function openWorld(identity?: WorldIdentity): Promise<World> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const lab = await startLab();
    closers.push(() => lab.stop());
    const folder = await mkdtemp(join(tmpdir(), 'bulkhead-isolation-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    // The embedded server runs as another user when we are root: it gets a folder that this user can reach.
    const directory = join(tmpdir(), `bulkhead-isolation-postgres-${randomBytes(4).toString('hex')}`);
    await mkdir(directory, { mode: 0o755 });
    closers.push(() => rm(directory, { recursive: true, force: true }));
    const ours = gatewayConfiguration(lab, { host: '127.0.0.1', port: 0 });
    const plain = {
      ...ours,
      ...(identity ? { access: { ...ours.access, issuers: [{ url: identity.issuer }] } } : {}),
      // The logins' passwords belong to the whole server, so this gateway has one of its own.
      database: { directory },
      secrets: { keyFile: join(folder, 'key') },
    };
    // Plugins are found from here: this package depends on all three for its tests.
    const configuration = checkConfiguration(plain, fileURLToPath(import.meta.url));
    const gateway = await startGateway({ configuration, api: true, worker: true });
    closers.push(() => gateway.close());
    const { url } = gateway;
    if (url === undefined) throw new Error('The gateway serves no API.');
    const catalogue = join(folder, 'catalogue.yaml');
    await writeFile(catalogue, stringify(gatewayCatalogue(lab)));
    await applyCatalogue(gateway.database, configuration, catalogue, { dryRun: false, log: () => undefined });
    const token = whileYoung((who) => (identity ?? lab.identity).token(who));
    const ask = asker(token, url);
    const names: TenantName[] = ['acme', 'globex', 'initech'];
    const made = await Promise.all(names.map((name) => makeTenant(name, ask)));
    const [acme, globex, initech] = made;
    if (!acme || !globex || !initech) throw new Error('There are three tenants.');
    return { lab, gateway, url, tenants: { acme, globex, initech }, token, ask, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The probes may outlast a token, and one of them needs a sign-in that is minutes old at most. */
const youngMs = 100_000;

function whileYoung(ask: World['token']): World['token'] {
  const known = new Map<string, { token: Promise<string>; until: number }>();
  return (who) => {
    const found = known.get(who);
    if (found && Date.now() < found.until) return found.token;
    const token = ask(who);
    known.set(who, { token, until: Date.now() + youngMs });
    return token;
  };
}

export const requestId = 'isolation-request';

function asker(token: World['token'], url: string): World['ask'] {
  return async (who, query, variables = {}) => {
    const headers: Record<string, string> = { 'content-type': 'application/json', 'x-request-id': requestId };
    if (who !== undefined) headers['authorization'] = `Bearer ${await token(who)}`;
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    return response.text();
  };
}

async function makeTenant(name: TenantName, ask: World['ask']): Promise<Tenant> {
  const { orders, admin, starts } = tenantAdmins[name];
  const salt = `canary${name}${randomBytes(4).toString('hex')}`;
  const key = () => randomBytes(8).toString('hex');
  /** Asks, and takes what must be there. */
  const get = async <T>(who: string, query: string, variables: Record<string, unknown> = {}): Promise<T> => {
    const text = await ask(who, query, variables);
    // Each caller names the shape of its own query.
    const { data, errors } = JSON.parse(text) as { data?: T | null; errors?: unknown };
    if (!data || errors) throw new Error(`${who}: ${text}`);
    return data;
  };
  type Nodes<T> = { nodes: T[] };
  type Named = { id: string; name: string };

  const start = await get<{ organizations: Nodes<Named>; targetPlans: { id: string; site: { id: string } }[] }>(
    orders,
    `{ organizations(nameContains: "${starts}") { nodes { id name } } targetPlans { id site { id } } }`,
  );
  const [organization] = start.organizations.nodes;
  const [plan] = start.targetPlans;
  if (!organization || !plan) throw new Error(`${name} is not in the catalogue.`);
  const organizationId = organization.id;
  const { networks } = await get<{ networks: Nodes<Named> }>(
    orders,
    'query ($organizationId: ID) { networks(organizationId: $organizationId) { nodes { id name } } }',
    { organizationId },
  );
  const replicationNetworkId = idOf(networks.nodes, 'Replication');
  const networkId = idOf(networks.nodes, 'Servers');
  const siteId = plan.site.id;
  const targetName = `target-${salt}`;
  const ordered = await get<{
    provisionReplicationTarget: { operation: { id: string; target: { id: string } } | null; userErrors: unknown[] };
  }>(
    orders,
    `mutation ($input: ProvisionReplicationTargetInput!) {
      provisionReplicationTarget(input: $input) { operation { id target { id } } userErrors { message } }
    }`,
    {
      input: {
        idempotencyKey: key(),
        organizationId,
        siteId,
        planId: plan.id,
        name: targetName,
        networkId: replicationNetworkId,
      },
    },
  );
  const { operation } = ordered.provisionReplicationTarget;
  if (!operation) throw new Error(JSON.stringify(ordered));
  const targetId = operation.target.id;
  await settled(get, admin, operation.id, ['SUCCEEDED']);

  await pushReplicas(get, admin, targetId, salt, key);
  await get(
    admin,
    'mutation ($input: RefreshProtectedVmsInput!) { refreshProtectedVms(input: $input) { target { id } } }',
    { input: { idempotencyKey: key(), targetId } },
  );
  type Vm = { id: string; name: string; restorePoints: Nodes<{ id: string }> };
  const vms = await eventually(async () => {
    const { protectedVms } = await get<{ protectedVms: Nodes<Vm> }>(
      admin,
      'query ($targetId: ID) { protectedVms(targetId: $targetId, states: [PROTECTED]) { nodes { id name restorePoints { nodes { id } } } } }',
      { targetId },
    );
    return protectedVms.nodes.length === 2 ? protectedVms.nodes : undefined;
  }, 60_000);
  const [first, second] = vms;
  const restorePointId = second?.restorePoints.nodes[0]?.id;
  if (!first || !second || restorePointId === undefined) throw new Error(`${name} has no two machines.`);

  const checked = await get<{ runReadinessCheck: { operation: { id: string } | null } }>(
    admin,
    'mutation ($input: RunReadinessCheckInput!) { runReadinessCheck(input: $input) { operation { id } } }',
    { input: { idempotencyKey: key(), type: 'UNPLANNED', selection: { vms: [{ vmId: first.id }], networkId } } },
  );
  const readinessCheckId = checked.runReadinessCheck.operation?.id;
  if (readinessCheckId === undefined) throw new Error(`The readiness of ${name} was not checked.`);
  await settled(get, admin, readinessCheckId, ['SUCCEEDED']);

  const started = await get<{
    startFailover: { failover: { id: string; vms: Nodes<{ id: string }> } | null; userErrors: unknown[] };
  }>(
    admin,
    `mutation ($input: StartFailoverInput!) {
      startFailover(input: $input) { failover { id vms { nodes { id } } } userErrors { code message } }
    }`,
    {
      input: {
        idempotencyKey: key(),
        selection: { vms: [{ vmId: first.id }], networkId },
        confirm: targetName,
        relocation: 'ON_COMMIT',
        reason: `reason-${salt}`,
      },
    },
  );
  const { failover } = started.startFailover;
  const failoverVmId = failover?.vms.nodes[0]?.id;
  if (!failover || failoverVmId === undefined) throw new Error(JSON.stringify(started));
  await eventually(async () => {
    const { failover: seen } = await get<{ failover: { phase: string } }>(
      admin,
      'query ($id: ID!) { failover(id: $id) { phase } }',
      { id: failover.id },
    );
    if (seen.phase === 'PAUSED') throw new Error(`The failover of ${name} is paused.`);
    return seen.phase === 'LIVE' ? true : undefined;
  }, 90_000);
  const audit = await get<{ auditEntries: Nodes<{ id: string }> }>(
    admin,
    'query ($organizationId: ID) { auditEntries(organizationId: $organizationId, first: 1) { nodes { id } } }',
    { organizationId },
  );
  const auditEntryId = audit.auditEntries.nodes[0]?.id ?? '';
  return {
    salt,
    ids: {
      organizationId,
      organizationName: organization.name,
      siteId,
      planId: plan.id,
      networkId,
      replicationNetworkId,
      targetId,
      targetName,
      operationId: operation.id,
      readinessCheckId,
      vmId: second.id,
      restorePointId,
      failoverId: failover.id,
      failoverVmId,
      failedOverVmId: first.id,
      auditEntryId,
    },
  };
}

type Get = <T>(who: string, query: string, variables?: Record<string, unknown>) => Promise<T>;

async function settled(get: Get, who: string, id: string, wanted: readonly string[]): Promise<void> {
  await eventually(async () => {
    const { operation } = await get<{ operation: { status: string; problem: { message: string } | null } }>(
      who,
      'query ($id: ID!) { operation(id: $id) { status problem { message } } }',
      { id },
    );
    if (['FAILED', 'CANCELLED'].includes(operation.status)) throw new Error(operation.problem?.message ?? 'It failed.');
    return wanted.includes(operation.status) ? true : undefined;
  }, 90_000);
}

async function pushReplicas(get: Get, admin: string, targetId: string, salt: string, key: () => string): Promise<void> {
  const { revealTargetCredential: revealed } = await get<{
    revealTargetCredential: { credential: { userName: string; secret: string } };
  }>(
    admin,
    'mutation ($input: RevealTargetCredentialInput!) { revealTargetCredential(input: $input) { credential { userName secret } } }',
    { input: { idempotencyKey: key(), targetId } },
  );
  const { replicationTarget } = await get<{
    replicationTarget: { connection: { address: string; port: number; certificateSha256: string } };
  }>(admin, 'query ($id: ID!) { replicationTarget(id: $id) { connection { address port certificateSha256 } } }', {
    id: targetId,
  });
  const { userName, secret: password } = revealed.credential;
  const veeam = await connectVeeam({ ...replicationTarget.connection, userName, password, networkName: 'VM Network' });
  try {
    for (const index of [1, 2]) {
      const name = `vm${index}-${salt}`;
      await veeam.pushReplica({
        name,
        cpuCount: 1,
        memoryBytes: 2 ** 30,
        disks: [{ sizeBytes: 10e9 }],
        nics: [{ mac: `00:50:56:0${index}:${randomBytes(1).toString('hex')}:${randomBytes(1).toString('hex')}` }],
        guestOs: 'ubuntu64Guest',
      });
      await veeam.addRestorePoint(name);
    }
  } finally {
    await veeam.disconnect();
  }
}

function idOf(nodes: readonly { id: string; name: string }[], name: string): string {
  const found = nodes.find((node) => node.name === name);
  if (!found) throw new Error(`There is no network ${name}.`);
  return found.id;
}
