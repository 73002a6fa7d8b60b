import type { Permission } from '../../../access/permission.ts';
import type { Ids } from './world.ts';

/** One way to ask a root field. */
export interface Case {
  /** Told in the name of the cell. */
  name: string;
  /**
   * @param x ids of whatever the cell is about: the caller's own, another tenant's, or nobody's
   * @param own ids of the caller's own tenant, to be mixed with them
   */
  args(x: Ids, own: Ids): Record<string, unknown>;
  /** The member of an interface that is asked for. */
  onType?: string;
  /** The answer has the caller's own things in it whatever `x` is: only that nothing foreign shows is asked. */
  listsOwn?: boolean;
  /** Without it the caller gets what it gets for nobody's; default: the field's own requirement. */
  needs?: Permission;
  /** What the answer must hold for the caller's own; default: the salt of its tenant. */
  proof?: (ids: Ids) => string;
}

const byId = (pick: (ids: Ids) => string, onType?: string, proof?: Case['proof']): Case => ({
  name: onType ?? 'by id',
  args: (x) => ({ id: pick(x) }),
  ...(onType === undefined ? {} : { onType }),
  proof: proof ?? pick,
});

const nodeKinds: Readonly<Record<string, { needs: Permission; pick: (ids: Ids) => string }>> = {
  Organization: { needs: 'organizations:read', pick: ({ organizationId }) => organizationId },
  Network: { needs: 'networks:read', pick: ({ networkId }) => networkId },
  ReplicationTarget: { needs: 'targets:read', pick: ({ targetId }) => targetId },
  TargetOperation: { needs: 'operations:read', pick: ({ operationId }) => operationId },
  ReadinessCheck: { needs: 'operations:read', pick: ({ readinessCheckId }) => readinessCheckId },
  ProtectedVm: { needs: 'vms:read', pick: ({ vmId }) => vmId },
  RestorePoint: { needs: 'vms:read', pick: ({ restorePointId }) => restorePointId },
  Failover: { needs: 'operations:read', pick: ({ failoverId }) => failoverId },
  FailoverVm: { needs: 'operations:read', pick: ({ failoverVmId }) => failoverVmId },
  AuditEntry: { needs: 'audit:read', pick: ({ auditEntryId }) => auditEntryId },
};

/** Node types that are the provider's offer: there is one of them for everybody who may order. */
const offerKinds: Readonly<Record<string, (ids: Ids) => string>> = {
  Site: ({ siteId }) => siteId,
  TargetPlan: ({ planId }) => planId,
};

/** A node type that is not here fails the suite. */
export const coveredNodes: readonly string[] = [...Object.keys(nodeKinds), ...Object.keys(offerKinds)];

const within = (more: Record<string, unknown> = {}): Case => ({
  name: 'within an organization',
  args: ({ organizationId }) => ({ organizationId, first: 2, after: null, ...more }),
});

let keys = 0;
const idempotencyKey = () => `isolation-${(keys += 1)}`;
const input = (fields: Record<string, unknown>) => ({ input: { idempotencyKey: idempotencyKey(), ...fields } });
const select = (
  { targetName }: Ids,
  selection: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Record<string, unknown> =>
  input({
    selection: { vms: null, targetIds: null, networkId: null, ...selection },
    confirm: targetName,
    relocation: 'ON_COMMIT',
    commitPolicy: 'NONE',
    commitAfter: null,
    planHash: null,
    reason: null,
    ...more,
  });
const toCheck = (selection: Record<string, unknown>): Record<string, unknown> =>
  input({ type: 'UNPLANNED', selection: { vms: null, targetIds: null, networkId: null, ...selection } });
const toTest = (selection: Record<string, unknown>): Record<string, unknown> =>
  input({
    selection: { vms: null, targetIds: null, networkId: null, ...selection },
    planHash: null,
    keepFor: null,
    reason: null,
  });
const nic = (networkId: string) => ({ nicKey: 4000, networkId, connected: true });
const vm = (vmId: string, more: Record<string, unknown> = {}) => ({
  vmId,
  restorePointId: null,
  nics: null,
  bootGroup: null,
  ...more,
});

/** How each root field is asked. A field that is not here fails the suite, and so does an argument that no case gives. */
export const cases: Readonly<Record<string, readonly Case[]>> = {
  'Query.apiVersion': [{ name: 'as it is', args: () => ({}), listsOwn: true, proof: () => '"apiVersion"' }],
  'Query.me': [{ name: 'as it is', args: () => ({}), listsOwn: true, proof: ({ organizationId }) => organizationId }],
  'Query.sites': [{ name: 'as they are', args: () => ({}), listsOwn: true, proof: ({ siteId }) => siteId }],
  'Query.targetPlans': [
    { name: 'of a site', args: ({ siteId }) => ({ siteId }), listsOwn: true, proof: ({ planId }) => planId },
  ],
  'Query.node': [
    ...Object.entries(nodeKinds).map(([type, { needs, pick }]) => ({ ...byId(pick, type), needs })),
    ...Object.entries(offerKinds).map(([type, pick]) => ({
      ...byId(pick, type),
      needs: 'targets:read' as const,
      listsOwn: true,
    })),
  ],
  'Query.nodes': [
    {
      name: 'of every kind, mixed with own ones',
      args: (x, own) => ({ ids: Object.values(nodeKinds).flatMap(({ pick }) => [pick(own), pick(x)]) }),
      proof: ({ organizationId }) => organizationId,
    },
    {
      name: 'malformed',
      needs: 'targets:read',
      args: ({ targetId }, own) => ({
        ids: [own.targetId, `${targetId} `, targetId.toUpperCase(), `${targetId}'--`, ''],
      }),
      proof: ({ targetId }) => targetId,
    },
  ],
  'Query.organization': [byId(({ organizationId }) => organizationId)],
  'Query.organizations': [
    {
      name: 'below one, by all filters',
      args: ({ organizationId, organizationName }) => ({
        parentId: organizationId,
        nameContains: organizationName,
        kind: 'TENANT',
        states: ['ACTIVE'],
        first: 2,
        after: null,
      }),
      proof: () => '"organizations"',
    },
    {
      name: 'by name',
      args: ({ organizationName }) => ({ nameContains: organizationName, first: 2 }),
      proof: ({ organizationId }) => organizationId,
    },
  ],
  'Query.networks': [
    {
      ...within({ siteId: null, kind: 'PRODUCTION', attachable: true }),
      proof: ({ networkId }) => networkId,
    },
    {
      name: 'at a site',
      args: ({ siteId }) => ({ siteId, first: 20 }),
      listsOwn: true,
      proof: ({ networkId }) => networkId,
    },
  ],
  'Query.replicationTarget': [byId(({ targetId }) => targetId)],
  'Query.replicationTargets': [
    within({ states: ['ACTIVE'], health: null }),
    {
      name: 'all',
      args: () => ({ first: 10, health: ['HEALTHY', 'UNKNOWN', 'DEGRADED', 'UNREACHABLE', 'NON_COMPLIANT'] }),
      listsOwn: true,
    },
  ],
  'Query.protectedVm': [byId(({ vmId }) => vmId)],
  'Query.protectedVms': [
    within({ targetId: null, states: null, nameContains: null }),
    { name: 'on a target', args: ({ targetId }) => ({ targetId, first: 2 }) },
    {
      name: 'on a target, within the own organization',
      args: ({ targetId }, { organizationId }) => ({ organizationId, targetId, first: 2 }),
    },
    {
      name: 'by name',
      args: () => ({ nameContains: 'canary', states: ['PROTECTED', 'FAILED_OVER'], first: 20 }),
      listsOwn: true,
    },
  ],
  'Query.operation': [
    byId(({ operationId }) => operationId, 'TargetOperation'),
    byId(({ readinessCheckId }) => readinessCheckId, 'ReadinessCheck'),
    byId(({ failoverId }) => failoverId, 'Failover'),
  ],
  'Query.operations': [
    within({ kinds: null, statuses: null }),
    {
      name: 'all',
      args: () => ({ kinds: ['FAILOVER'], statuses: ['WAITING', 'RUNNING', 'SUCCEEDED'], first: 20 }),
      listsOwn: true,
    },
  ].map((one) => ({ ...one, proof: ({ failoverId }: Ids) => failoverId })),
  'Query.failover': [byId(({ failoverId }) => failoverId)],
  'Query.failovers': [
    within({ types: ['UNPLANNED'], phases: ['LIVE'] }),
    { name: 'all', args: () => ({ first: 20 }), listsOwn: true },
  ].map((one) => ({ ...one, proof: ({ failoverId }: Ids) => failoverId })),
  'Query.auditEntries': [
    {
      ...within({ actions: null, outcomes: null, from: '2026-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }),
      proof: ({ organizationId }) => organizationId,
    },
    {
      name: 'about one thing',
      args: ({ targetId }) => ({ subjectId: targetId, first: 2 }),
      proof: ({ targetId }) => targetId,
    },
    {
      name: 'about one thing, within the own organization',
      args: ({ targetId }, { organizationId }) => ({ organizationId, subjectId: targetId, first: 2 }),
      proof: ({ targetId }) => targetId,
    },
    {
      name: 'all',
      args: () => ({ first: 2, actions: ['target.provision'], outcomes: ['DONE'] }),
      listsOwn: true,
      proof: () => '"auditEntries"',
    },
  ],
  'Mutation.provisionReplicationTarget': [
    {
      name: 'in an organization',
      args: ({ organizationId, replicationNetworkId, siteId, planId, targetName }) =>
        input({
          organizationId,
          networkId: replicationNetworkId,
          siteId,
          planId,
          name: targetName,
          credentialProfile: 'LIMITED_ROLE',
        }),
    },
    {
      name: 'with a network, in the own organization',
      args: ({ replicationNetworkId }, { organizationId, siteId, planId, targetName }) =>
        input({ organizationId, networkId: replicationNetworkId, siteId, planId, name: targetName }),
    },
  ],
  'Mutation.deprovisionReplicationTarget': [
    {
      name: 'by id',
      args: ({ targetId, targetName }) => input({ targetId, confirm: targetName, retainFor: 'P1D' }),
    },
  ],
  'Mutation.revealTargetCredential': [{ name: 'by id', args: ({ targetId }) => input({ targetId }) }],
  'Mutation.refreshProtectedVms': [{ name: 'by id', args: ({ targetId }) => input({ targetId }) }],
  'Mutation.startFailover': [
    {
      name: 'of a machine',
      args: (x) => select(x, { vms: [vm(x.vmId)], networkId: x.networkId }),
    },
    { name: 'of a target', args: (x) => select(x, { targetIds: [x.targetId], networkId: x.networkId }) },
    {
      name: 'of a machine beside an own one',
      args: ({ vmId }, own) => select(own, { vms: [vm(own.vmId), vm(vmId)], networkId: own.networkId }),
    },
    {
      name: 'of a target beside the own one',
      args: ({ targetId }, own) => select(own, { targetIds: [own.targetId, targetId], networkId: own.networkId }),
    },
    {
      name: 'of an own machine on a network',
      args: ({ networkId }, own) => select(own, { vms: [vm(own.vmId)], networkId }),
    },
    {
      name: 'of an own machine with a NIC on a network',
      args: ({ networkId }, own) =>
        select(own, { vms: [vm(own.vmId, { nics: [nic(networkId)], bootGroup: 1 })], networkId: own.networkId }),
    },
    {
      name: 'of an own machine from a restore point',
      args: ({ restorePointId }, own) =>
        select(own, { vms: [vm(own.vmId, { restorePointId })], networkId: own.networkId }),
    },
  ],
  'Mutation.runReadinessCheck': [
    { name: 'of a machine', args: (x) => toCheck({ vms: [vm(x.vmId)], networkId: x.networkId }) },
    { name: 'of a target', args: (x) => toCheck({ targetIds: [x.targetId], networkId: x.networkId }) },
    {
      name: 'of a machine beside an own one',
      args: ({ vmId }, own) => toCheck({ vms: [vm(own.vmId), vm(vmId)], networkId: own.networkId }),
    },
    {
      name: 'of an own machine on a network',
      args: ({ networkId }, own) => toCheck({ vms: [vm(own.vmId)], networkId }),
    },
    {
      name: 'of an own machine from a restore point, with a NIC on a network',
      args: ({ networkId, restorePointId }, own) =>
        toCheck({
          vms: [vm(own.vmId, { restorePointId, nics: [nic(networkId)], bootGroup: 1 })],
          networkId: own.networkId,
        }),
    },
  ],
  'Mutation.startTestFailover': [
    { name: 'of a machine', args: (x) => toTest({ vms: [vm(x.vmId)] }) },
    { name: 'of a target', args: (x) => toTest({ targetIds: [x.targetId] }) },
    {
      name: 'of a machine beside an own one',
      args: ({ vmId }, own) => toTest({ vms: [vm(own.vmId), vm(vmId)] }),
    },
    {
      name: 'of an own machine on a network',
      args: ({ networkId }, own) => toTest({ vms: [vm(own.vmId)], networkId }),
    },
    {
      name: 'of an own machine from a restore point, with a NIC on a network',
      args: ({ networkId, restorePointId }, own) =>
        toTest({ vms: [vm(own.vmId, { restorePointId, nics: [nic(networkId)], bootGroup: 1 })] }),
    },
  ],
  'Mutation.cleanUpTestFailover': [{ name: 'by id', args: ({ failoverId }) => input({ failoverId, reason: null }) }],
  'Mutation.extendTestFailover': [
    { name: 'by id', args: ({ failoverId }) => input({ failoverId, keepFor: 'PT1H', reason: null }) },
  ],
  'Mutation.commitFailover': [{ name: 'by id', args: ({ failoverId }) => input({ failoverId, reason: null }) }],
  'Mutation.retryFailover': [
    { name: 'by id', args: ({ failoverId }) => input({ failoverId, vmIds: null, reason: null }) },
    {
      name: 'a machine in the own failover',
      args: ({ failedOverVmId }, { failoverId }) => input({ failoverId, vmIds: [failedOverVmId] }),
    },
  ],
  'Mutation.skipVms': [
    { name: 'by id', args: ({ failoverId }) => input({ failoverId, vmIds: null, reason: null }) },
    {
      name: 'a machine in the own failover',
      args: ({ failedOverVmId }, { failoverId }) => input({ failoverId, vmIds: [failedOverVmId] }),
    },
  ],
  'Mutation.undoFailover': [
    { name: 'by id', args: ({ failoverId }) => input({ failoverId, vmIds: null, reason: null }) },
    {
      name: 'a machine in the own failover',
      args: ({ failedOverVmId }, { failoverId }) => input({ failoverId, vmIds: [failedOverVmId] }),
    },
  ],
  'Mutation.cancelFailover': [{ name: 'by id', args: ({ failoverId }) => input({ failoverId, reason: null }) }],
  'Mutation.pauseFailover': [{ name: 'by id', args: ({ failoverId }) => input({ failoverId, reason: null }) }],
  'Mutation.resumeFailover': [{ name: 'by id', args: ({ failoverId }) => input({ failoverId, reason: null }) }],
  'Subscription.operationEvents': [
    {
      name: 'of an operation',
      args: ({ operationId }) => ({ operationId, after: null }),
      proof: ({ operationId }) => operationId,
    },
    {
      name: 'of a failover',
      args: ({ failoverId }) => ({ operationId: failoverId, after: null }),
      proof: ({ failoverId }) => failoverId,
    },
    {
      name: 'behind an own cursor',
      args: ({ operationId }, own) => ({
        operationId,
        after: Buffer.from(JSON.stringify(['operation-events', own.operationId, 0])).toString('base64url'),
      }),
      proof: ({ operationId }) => operationId,
    },
  ],
};
