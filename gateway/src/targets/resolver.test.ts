import { randomBytes } from 'node:crypto';
import { graphql, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantScope } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { createSealer } from '../secrets/seal.ts';
import { gatewaySchema } from '../server/schema.ts';
import { scopeOf } from '../test-support/people.ts';
import { runWorkflow } from '../test-support/run-workflow.ts';
import { freshDatabase } from '../test-support/scratch-database.ts';
import { seed, type Seeded } from '../test-support/seed.ts';
import { siteDouble } from '../test-support/site-double.ts';
import { targetWorkflows } from './workflows.ts';

let database: Database;
let drop: () => Promise<void>;
let seeded: Seeded;
let schema: GraphQLSchema;
let ada: TenantScope;
let gus: TenantScope;
let nora: TenantScope;
let pat: TenantScope;
const double = siteDouble();
const sealer = createSealer(randomBytes(32));

beforeAll(async () => {
  ({ database, drop } = await freshDatabase());
  seeded = await seed(database);
  schema = await gatewaySchema();
  ada = await scopeOf(database, 'Ada', { identityId: seeded.acme.identityId });
  gus = await scopeOf(database, 'Gus', { identityId: seeded.globex.identityId });
  nora = await scopeOf(database, 'Nora', { identityId: `identity-${seeded.mspId}`, role: 'OPERATOR' });
  pat = await scopeOf(database, 'Pat', { providerRoles: ['provider-admin'] });
});
afterAll(() => drop());

async function ask(scope: TenantScope, source: string, variableValues: Record<string, unknown> = {}) {
  const feed = undefined as never; // No subscription is asked for here.
  const contextValue: GatewayContext = {
    scope,
    requestId: 'req-1',
    clientId: scope.principal.clientId,
    signal: AbortSignal.timeout(30_000),
    gateway: { database, sites: double.sites, sealer, feed },
  };
  const { data, errors } = await graphql({ schema, source, contextValue, variableValues });
  // Plain data, as it would travel.
  return JSON.parse(JSON.stringify({ data, errors: errors?.map(({ message }) => message) })) as {
    data: any; // oxlint-disable-line typescript/no-explicit-any -- what a query answers has no type here
    errors?: string[];
  };
}

const provision = `mutation ($input: ProvisionReplicationTargetInput!) {
  provisionReplicationTarget(input: $input) {
    operation { id kind status sequence eventCursor target { id state connection { address } } steps { name state } requestedBy { displayName kind } }
    userErrors { code field message }
  }
}`;

const order = (name: string) => ({
  input: {
    idempotencyKey: `key-for-${name}`,
    organizationId: seeded.acme.id,
    siteId: seeded.siteId,
    planId: seeded.planId,
    networkId: seeded.acme.networkId,
    name,
  },
});

async function made(name: string): Promise<string> {
  const { data } = await ask(ada, provision, order(name));
  const { operation } = data.provisionReplicationTarget;
  const { failed } = await runWorkflow(
    database,
    targetWorkflows({ database, sites: double.sites, sealer }),
    operation.id,
  );
  expect(failed).toBeUndefined();
  return operation.target.id;
}

test('orders a target, and shows how to connect to it once it is ready', async () => {
  const { data, errors } = await ask(ada, provision, order('first'));
  expect(errors).toBeUndefined();
  const { operation, userErrors } = data.provisionReplicationTarget;
  expect(userErrors).toEqual([]);
  expect(operation).toMatchObject({
    kind: 'PROVISION_TARGET',
    status: 'QUEUED',
    sequence: 1,
    requestedBy: { displayName: 'Ada', kind: 'PERSON' },
    target: { state: 'REQUESTED', connection: null },
  });
  expect(operation.steps[0]).toEqual({ name: 'reserve-addresses', state: 'PENDING' });
  await runWorkflow(database, targetWorkflows({ database, sites: double.sites, sealer }), operation.id);

  const query = `query ($id: ID!) { replicationTarget(id: $id) {
    name state health organization { name parent { name } } site { name } plan { name memory } network { name vlanId }
    connection { address port userName certificateSha256 credentialProfile } storage { provisioned used }
    currentOperation { id } allowedOperations { name allowed code reason } } }`;
  const { data: read } = await ask(ada, query, { id: operation.target.id });
  expect(read.replicationTarget).toMatchObject({
    name: 'first',
    state: 'ACTIVE',
    organization: { name: 'Acme GmbH', parent: null },
    site: { name: 'Melbourne' },
    plan: { name: 'Small', memory: '8589934592' },
    network: { name: 'Acme GmbH servers', vlanId: 101 },
    connection: { address: '10.1.0.200', port: 443, credentialProfile: 'LIMITED_ROLE' },
    storage: { provisioned: '500000000000', used: null },
    currentOperation: null,
    allowedOperations: [
      { name: 'deprovisionReplicationTarget', allowed: true },
      { name: 'revealTargetCredential', allowed: true },
    ],
  });
  expect(JSON.stringify(read)).not.toContain('10.9.0.');
});

test('shows a target to those above and to nobody beside, and says nothing of its being there', async () => {
  const id = await made('hidden');
  const query = 'query ($id: ID!) { replicationTarget(id: $id) { id organization { name parent { name } } } }';
  expect((await ask(nora, query, { id })).data.replicationTarget).toMatchObject({
    organization: { name: 'Acme GmbH', parent: { name: 'Northwind MSP' } },
  });
  expect((await ask(pat, query, { id })).data.replicationTarget.id).toBe(id);
  const foreign = await ask(gus, query, { id });
  expect(foreign).toEqual(await ask(gus, query, { id: 'rt_01zzzzzzzzzzzzzzzzzzzzzzzz' }));
  expect(foreign.data.replicationTarget).toBeNull();

  const giveUp = `mutation ($input: DeprovisionReplicationTargetInput!) {
    deprovisionReplicationTarget(input: $input) { operation { id } userErrors { code } } }`;
  const asked = (targetId: string) =>
    ask(gus, giveUp, { input: { idempotencyKey: 'gus-12345', targetId, confirm: 'hidden' } });
  expect(await asked(id)).toEqual(await asked('rt_01zzzzzzzzzzzzzzzzzzzzzzzz'));
});

test('pages through targets without skipping or repeating, even when one is gone meanwhile', async () => {
  for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await ask(ada, provision, order(name));
  const query = `query ($after: Cursor) { replicationTargets(first: 2, after: $after, states: [REQUESTED]) {
    nodes { name } totalCount pageInfo { hasNextPage endCursor } } }`;
  const seen: string[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { data, errors }: Awaited<ReturnType<typeof ask>> = await ask(ada, query, { after });
    expect(errors).toBeUndefined();
    const { nodes, pageInfo, totalCount } = data.replicationTargets;
    expect(totalCount).toBe(5);
    seen.push(...nodes.map(({ name }: { name: string }) => name));
    ({ endCursor: after, hasNextPage: more } = pageInfo);
  }
  expect(seen).toEqual(['p5', 'p4', 'p3', 'p2', 'p1']);
  for (const bad of ['first: 0', 'first: 101', 'after: "nonsense"']) {
    const { errors } = await ask(ada, `{ replicationTargets(${bad}) { nodes { id } } }`);
    expect(errors).toHaveLength(1);
  }
});

test('lists organizations, networks and targets for exactly those who may see them', async () => {
  const names = async (scope: TenantScope, field: string) => {
    const { data, errors } = await ask(scope, `{ ${field}(first: 100) { nodes { name } totalCount } }`);
    expect(errors).toBeUndefined();
    expect(data[field].totalCount).toBe(data[field].nodes.length);
    return data[field].nodes.map(({ name }: { name: string }) => name);
  };
  expect(await names(ada, 'organizations')).toEqual(['Acme GmbH']);
  expect(await names(nora, 'organizations')).toEqual(['Acme GmbH', 'Globex Corp', 'Northwind MSP']);
  expect(await names(pat, 'organizations')).toEqual(['Acme GmbH', 'Globex Corp', 'Harbor Cloud', 'Northwind MSP']);
  expect(await names(ada, 'networks')).toEqual(['Acme GmbH servers']);
  expect(await names(nora, 'networks')).toEqual(['Acme GmbH servers', 'Globex Corp servers']);
  expect(await names(gus, 'replicationTargets')).toEqual([]);
  const below = await ask(nora, 'query ($id: ID) { networks(organizationId: $id) { nodes { name } } }', {
    id: seeded.globex.id,
  });
  expect(below.data.networks.nodes).toEqual([{ name: 'Globex Corp servers' }]);
  const foreign = await ask(gus, 'query ($id: ID) { networks(organizationId: $id) { nodes { name } } }', {
    id: seeded.acme.id,
  });
  expect(foreign.data.networks.nodes).toEqual([]);
});

test('says who asks and what it may do where', async () => {
  const { data } = await ask(
    ada,
    '{ me { displayName kind providerRoles organizations { role permissions organization { name } } } }',
  );
  expect(data.me).toMatchObject({
    displayName: 'Ada',
    kind: 'PERSON',
    organizations: [{ role: 'ADMIN', organization: { name: 'Acme GmbH' } }],
  });
  expect(data.me.organizations[0].permissions).toContain('targets:reveal-credential');
});

test('shows pools to the provider alone, and staff under its name', async () => {
  const query =
    '{ sites { id storageClasses { name } addressPools { name total free } } targetPlans { name site { id } } }';
  const own = await ask(ada, query);
  expect(own.data).toMatchObject({ sites: [{ id: 'mel1', addressPools: null }], targetPlans: [{ name: 'Small' }] });
  const staff = await ask(pat, query);
  expect(staff.data.sites[0].addressPools.length).toBeGreaterThan(1);

  const { data } = await ask(pat, provision, order('managed'));
  const { operation } = data.provisionReplicationTarget;
  expect(operation.requestedBy.displayName).toBe('Pat');
  const who = 'query ($id: ID!) { replicationTarget(id: $id) { currentOperation { requestedBy { displayName } } } }';
  const seen = await ask(ada, who, { id: operation.target.id });
  expect(seen.data.replicationTarget.currentOperation.requestedBy.displayName).toBe('Harbor Cloud');
});

test('shows the audit to administrators, page by page, with staff under the provider’s name', async () => {
  await ask(ada, provision, order('audited'));
  await ask(pat, provision, order('audited-by-staff'));
  const query = `query ($after: Cursor) { auditEntries(first: 1, after: $after, actions: ["target.provision"]) {
    nodes { summary outcome actor { displayName } organization { name } } pageInfo { hasNextPage endCursor } } }`;
  const first = await ask(ada, query);
  expect(first.errors).toBeUndefined();
  expect(first.data.auditEntries.nodes).toEqual([
    {
      summary: 'Ordered replication target audited-by-staff (plan Small).',
      outcome: 'DONE',
      actor: { displayName: 'Harbor Cloud' },
      organization: { name: 'Acme GmbH' },
    },
  ]);
  const second = await ask(ada, query, { after: first.data.auditEntries.pageInfo.endCursor });
  expect(second.data.auditEntries.nodes).toMatchObject([{ actor: { displayName: 'Ada' } }]);
  expect((await ask(pat, query)).data.auditEntries.nodes).toMatchObject([{ actor: { displayName: 'Pat' } }]);
  expect((await ask(gus, query)).data.auditEntries.nodes).toEqual([]);
  expect((await ask(nora, query)).errors).toHaveLength(1);
});

test('refuses a key that is too short to be one of its kind', async () => {
  const { errors } = await ask(ada, provision, { input: { ...order('short').input, idempotencyKey: 'abc' } });
  expect(errors).toEqual(['`idempotencyKey` must be 8 to 128 visible ASCII characters.']);
});

test('answers a repeated order with the same operation and a wrong one with the field that is wrong', async () => {
  const once = await ask(ada, provision, order('repeated'));
  expect(await ask(ada, provision, order('repeated'))).toEqual(once);
  const wrong = await ask(ada, provision, { input: { ...order('wrong').input, networkId: seeded.globex.networkId } });
  expect(wrong.data.provisionReplicationTarget).toMatchObject({
    operation: null,
    userErrors: [{ code: 'NETWORK_NOT_OWNED', field: ['networkId'] }],
  });
});
