import type { OrganizationRole, ProviderRole } from './role.ts';

/** Who holds a permission. `'own'`: only in an organization that the caller belongs to itself, never from above. */
interface Holders {
  organization: Partial<Record<OrganizationRole, true | 'own'>>;
  provider: Partial<Record<ProviderRole, true>>;
  /** Reading changes nothing: what a suspended organization and an impersonated session may still do. */
  reads?: true;
  /** The real-failover group: suspension must never stand between a customer and its machines. */
  survivesSuspension?: true;
  /** Only within minutes of a sign-in: the token's `auth_time`, not its issue, counts. */
  needsFreshSignIn?: true;
  /** One line for the published table. */
  means: string;
}

const everyOrganizationRole = { ADMIN: true, OPERATOR: true, TEST_OPERATOR: true, VIEWER: true } as const;
const everyProviderRole = { 'provider-admin': true, 'provider-operator': true, 'provider-auditor': true } as const;
const operators = { ADMIN: true, OPERATOR: true } as const;
const providerOperators = { 'provider-admin': true, 'provider-operator': true } as const;
const providerAdmin = { 'provider-admin': true } as const;

const reading = (means: string): Holders => ({
  organization: everyOrganizationRole,
  provider: everyProviderRole,
  reads: true,
  means,
});
const operating = (means: string): Holders => ({ organization: operators, provider: providerOperators, means });
const failingOver = (means: string): Holders => ({ ...operating(means), survivesSuspension: true });
const paying = (means: string): Holders => ({
  organization: { ADMIN: true, OPERATOR: true, VIEWER: true, BILLING: true },
  provider: everyProviderRole,
  reads: true,
  means,
});
const administering = (means: string): Holders => ({ organization: {}, provider: providerAdmin, means });

/** The whole table: every permission, who holds it, and under which conditions. */
export const permissionTable = {
  'organizations:read': {
    organization: { ...everyOrganizationRole, BILLING: true },
    provider: everyProviderRole,
    reads: true,
    means: 'See an organization and those below it.',
  },
  'organizations:manage': {
    organization: { ADMIN: true },
    provider: providerAdmin,
    means: 'Create organizations below, delegate, suspend, resume and close them.',
  },
  'targets:read': reading('See replication targets.'),
  'vms:read': reading('See protected virtual machines and their restore points.'),
  'networks:read': reading('See the networks that targets and virtual machines may use.'),
  'operations:read': reading('See operations, failovers, recovery plans and their progress.'),
  'targets:provision': operating('Order a replication target.'),
  'targets:resize': operating('Change the size of a replication target.'),
  'targets:suspend': operating('Suspend and resume a replication target, and rotate its credential.'),
  'targets:deprovision': operating('Give up, restore or destroy a replication target.'),
  'targets:reveal-credential': {
    organization: { ADMIN: 'own' },
    provider: {},
    needsFreshSignIn: true,
    means: "See a target's credential, once per issue.",
  },
  'failovers:test': {
    organization: { ADMIN: true, OPERATOR: true, TEST_OPERATOR: true },
    provider: providerOperators,
    survivesSuspension: true,
    means: 'Check readiness; start, extend and clean up test failovers.',
  },
  'failovers:start': failingOver('Start a planned or unplanned failover.'),
  'failovers:undo': failingOver('Undo a failover.'),
  'failovers:commit': failingOver('Commit a failover.'),
  'failovers:cancel': failingOver('Cancel a failover.'),
  'failovers:control': failingOver('Pause, resume and retry a failover, skip virtual machines, complete manual steps.'),
  'failovers:fail-back': failingOver('Fail back, and commit or undo a failback.'),
  'failovers:approve': {
    organization: operators,
    provider: providerAdmin,
    survivesSuspension: true,
    means: 'Approve or reject what another person started.',
  },
  'plans:manage': operating('Create, change and delete recovery plans.'),
  'networks:manage': {
    organization: {},
    provider: providerOperators,
    means: 'Create and delete the networks of an organization.',
  },
  'usage:read': paying('See what was used.'),
  'prices:read': paying('See what the direct seller charges.'),
  'webhooks:manage': {
    organization: { ADMIN: true },
    provider: providerAdmin,
    means: 'See, create, change and delete webhook endpoints.',
  },
  'audit:read': {
    organization: { ADMIN: true },
    provider: everyProviderRole,
    reads: true,
    means: 'See who did what.',
  },
  'sites:read': {
    organization: {},
    provider: everyProviderRole,
    reads: true,
    means: 'See capacity, address pools, drift and the state of backends.',
  },
  'sites:repair': { organization: {}, provider: providerOperators, means: 'Repair drift.' },
  'targetPlans:manage': administering('Create and change target plans.'),
  'prices:manage': administering('Create, change and assign price books.'),
  'principals:manage': administering("Set an organization's production principals."),
  'quotas:manage': administering('Set quotas.'),
} as const satisfies Record<string, Holders>;

export type Permission = keyof typeof permissionTable;

// `Object.keys` forgets the literal type; the table is a constant.
export const permissions = Object.keys(permissionTable) as Permission[];

/** The table's row, in the wide type: a constant table knows too exactly which cells are absent. */
export function holdersOf(permission: Permission): Holders {
  return permissionTable[permission];
}

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(permissionTable, text);
}

/** Whether a role in an organization holds a permission; `isOwn`: the caller is a member of that very organization. */
export function roleHolds(role: OrganizationRole, permission: Permission, isOwn: boolean): boolean {
  const cell = holdersOf(permission).organization[role];
  return cell === true || (cell === 'own' && isOwn);
}

export function providerRoleHolds(role: ProviderRole, permission: Permission): boolean {
  return holdersOf(permission).provider[role] === true;
}

/** Everything that a role allows. For an organization role: in the caller's own organization. */
export function permissionsOf(role: OrganizationRole | ProviderRole): Permission[] {
  return permissions.filter((permission) => {
    const { organization, provider } = holdersOf(permission);
    return role in organization || role in provider;
  });
}
