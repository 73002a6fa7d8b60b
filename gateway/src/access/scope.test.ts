import { describe, expect, test } from 'vitest';
import { permissions, type Permission } from './permission.ts';
import type { ActorRecord, Grant, Principal } from './principal.ts';
import type { OrganizationRole } from './role.ts';
import { actorOf, tenantScope, type TenantScope } from './scope.ts';
import { housekeepingScope, systemScope } from './system-scope.ts';
import { memoryDirectory, type MemoryOrganization } from './test-support/memory-directory.ts';

const now = new Date('2026-11-24T12:00:00Z');

/** Provider > Northwind > {Acme, Globex}; Provider > Contoso > Initech. The identity ids are the ids with `kc-` before. */
function tree(changes: Record<string, Partial<MemoryOrganization>> = {}): MemoryOrganization[] {
  const make = (organizationId: string, kind: MemoryOrganization['kind'], parentId?: string): MemoryOrganization => ({
    organizationId,
    identityId: `kc-${organizationId}`,
    kind,
    state: 'ACTIVE',
    ...(parentId === undefined ? {} : { parentId }),
    ...changes[organizationId],
  });
  return [
    make('provider', 'PROVIDER'),
    make('northwind', 'MSP', 'provider'),
    make('acme', 'TENANT', 'northwind'),
    make('globex', 'TENANT', 'northwind'),
    make('contoso', 'MSP', 'provider'),
    make('initech', 'TENANT', 'contoso'),
  ];
}

function principal(overrides: Partial<Principal> = {}): Principal {
  return {
    subject: 'ada',
    displayName: 'Ada',
    kind: 'PERSON',
    clientId: 'bulkhead-portal',
    issuer: 'https://login.example.net/realms/dr',
    tokenId: 'jti-1',
    authTime: new Date(now.getTime() - 60_000),
    expiresAt: new Date(now.getTime() + 300_000),
    providerRoles: [],
    grants: [],
    ...overrides,
  };
}

const grant = (organizationId: string, role: OrganizationRole): Grant => ({ identityId: `kc-${organizationId}`, role });

function scopeOf(grants: Grant[], organizations = tree(), overrides: Partial<Principal> = {}): Promise<TenantScope> {
  return tenantScope(principal({ grants, ...overrides }), memoryDirectory(organizations), () => now);
}

async function codeOf(work: Promise<void>): Promise<string> {
  return work.then(
    () => 'allowed',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'bug'),
  );
}

describe('a member of a tenant', () => {
  test('holds its role there and nothing anywhere else', async () => {
    const scope = await scopeOf([grant('acme', 'OPERATOR')]);
    expect(scope).toMatchObject({ readRoots: ['acme'], writeRoots: ['acme'], isProvider: false });
    expect(await codeOf(scope.require('failovers:start', 'acme'))).toBe('allowed');
    expect(await codeOf(scope.require('organizations:manage', 'acme'))).toBe('FORBIDDEN');
    for (const elsewhere of ['globex', 'northwind', 'provider', 'initech', 'no-such']) {
      for (const permission of permissions) {
        expect(await codeOf(scope.require(permission, elsewhere))).toBe('NOT_FOUND');
      }
      expect(await scope.roleIn(elsewhere)).toBeUndefined();
      expect(await scope.permissionsIn(elsewhere)).toEqual([]);
    }
  });

  test('gets the same answer for a foreign organization as for a missing one', async () => {
    const scope = await scopeOf([grant('acme', 'ADMIN')]);
    const answers = await Promise.all(
      ['globex', 'no-such'].map((id) => scope.require('targets:read', id).catch((error: Error) => error)),
    );
    const [foreign, missing] = answers.map((error) =>
      JSON.stringify([error?.name, error?.message, Object(error).code]),
    );
    expect(foreign).toBe(missing);
  });

  test.each(['VIEWER', 'BILLING'] as const)('who is %s has nowhere to write', async (role) => {
    const scope = await scopeOf([grant('acme', role)]);
    expect(scope.readRoots).toEqual(['acme']);
    expect(scope.writeRoots).toEqual([]);
    const writing = permissions.filter((permission) => !permission.endsWith(':read'));
    for (const permission of writing) expect(await scope.can(permission, 'acme')).toBe(false);
  });

  test('who is viewer of one and admin of another does not mix them', async () => {
    const scope = await scopeOf([grant('acme', 'VIEWER'), grant('globex', 'ADMIN')]);
    expect(await codeOf(scope.require('targets:provision', 'globex'))).toBe('allowed');
    expect(await codeOf(scope.require('targets:provision', 'acme'))).toBe('FORBIDDEN');
    expect(scope.writeRoots).toEqual(['globex']);
    expect(scope.holds('targets:provision')).toBe(true);
    expect(scope.listing('audit:read')).toMatchObject({ roots: ['globex'] });
    expect(scope.listing('targets:read')).toMatchObject({ roots: ['acme', 'globex'] });
  });

  test('needs no look at the tree for its own organization', async () => {
    const directory = memoryDirectory(tree());
    const scope = await tenantScope(principal({ grants: [grant('acme', 'ADMIN')] }), directory, () => now);
    await scope.require('failovers:start', 'acme');
    expect(directory.asked).toBe(0);
  });
});

describe('a member of an MSP', () => {
  test('holds its role for the customers below and for nobody else', async () => {
    const scope = await scopeOf([grant('northwind', 'OPERATOR')]);
    for (const below of ['northwind', 'acme', 'globex']) {
      expect(await codeOf(scope.require('failovers:start', below))).toBe('allowed');
      expect(await scope.roleIn(below)).toBe('OPERATOR');
    }
    for (const elsewhere of ['contoso', 'initech', 'provider', 'no-such']) {
      expect(await codeOf(scope.require('organizations:read', elsewhere))).toBe('NOT_FOUND');
    }
  });

  const cuts: [OrganizationRole, OrganizationRole, OrganizationRole | undefined, Permission[], Permission[]][] = [
    ['ADMIN', 'ADMIN', 'ADMIN', ['organizations:manage', 'failovers:start'], ['targets:reveal-credential']],
    ['ADMIN', 'OPERATOR', 'OPERATOR', ['failovers:start', 'usage:read'], ['organizations:manage', 'audit:read']],
    ['ADMIN', 'TEST_OPERATOR', 'TEST_OPERATOR', ['failovers:test', 'targets:read'], ['failovers:start', 'usage:read']],
    ['ADMIN', 'VIEWER', 'VIEWER', ['targets:read', 'usage:read'], ['failovers:test', 'webhooks:manage']],
    ['ADMIN', 'BILLING', 'BILLING', ['usage:read', 'organizations:read'], ['targets:read', 'failovers:test']],
    ['VIEWER', 'ADMIN', 'VIEWER', ['targets:read'], ['failovers:test', 'failovers:start']],
    ['VIEWER', 'TEST_OPERATOR', 'VIEWER', ['targets:read'], ['failovers:test', 'usage:read']],
    ['BILLING', 'OPERATOR', 'BILLING', ['usage:read'], ['targets:read']],
    ['BILLING', 'TEST_OPERATOR', undefined, ['organizations:read'], ['usage:read', 'targets:read']],
  ];
  test.each(cuts)('as %s over an edge that allows %s is %s', async (role, maxRole, expected, allowed, refused) => {
    const scope = await scopeOf([grant('northwind', role)], tree({ acme: { maxRole } }));
    expect(await scope.roleIn('acme')).toBe(expected);
    for (const permission of allowed) expect(await codeOf(scope.require(permission, 'acme'))).toBe('allowed');
    for (const permission of refused) expect(await codeOf(scope.require(permission, 'acme'))).toBe('FORBIDDEN');
    // The cut is the customer's own: its sibling is as it was.
    expect(await scope.roleIn('globex')).toBe(role);
  });

  test('is cut by the least of the edges on the way', async () => {
    const organizations = [
      ...tree({ northwind: { maxRole: 'OPERATOR' }, acme: { maxRole: 'VIEWER' } }),
      { organizationId: 'deep', identityId: 'kc-deep', kind: 'TENANT', state: 'ACTIVE', parentId: 'acme' } as const,
    ];
    const scope = await scopeOf([grant('provider', 'ADMIN')], organizations);
    expect(await scope.roleIn('northwind')).toBe('OPERATOR');
    expect(await scope.roleIn('deep')).toBe('VIEWER');
    expect(await scope.can('failovers:start', 'deep')).toBe(false);
  });

  test('who is also a member below has the greater of both there', async () => {
    const scope = await scopeOf(
      [grant('northwind', 'ADMIN'), grant('acme', 'VIEWER')],
      tree({ acme: { maxRole: 'VIEWER' } }),
    );
    expect(await scope.roleIn('acme')).toBe('VIEWER');
    const other = await scopeOf([grant('northwind', 'OPERATOR'), grant('acme', 'BILLING')]);
    expect(await other.roleIn('acme')).toBe('OPERATOR');
  });

  test('lists through edges that allow it only', async () => {
    const scope = await scopeOf([grant('northwind', 'ADMIN')]);
    expect(scope.listing('usage:read')).toEqual({
      everything: false,
      roots: ['northwind'],
      throughRoles: ['ADMIN', 'OPERATOR', 'VIEWER', 'BILLING'],
    });
    expect(scope.listing('failovers:test')).toMatchObject({ throughRoles: ['ADMIN', 'OPERATOR', 'TEST_OPERATOR'] });
    expect(scope.listing('quotas:manage')).toMatchObject({ roots: [], throughRoles: [] });
  });

  test('asks the tree once per organization and request', async () => {
    const directory = memoryDirectory(tree());
    const scope = await tenantScope(principal({ grants: [grant('northwind', 'ADMIN')] }), directory, () => now);
    await Promise.all(permissions.map((permission) => scope.can(permission, 'acme')));
    await scope.require('failovers:start', 'acme');
    expect(directory.asked).toBe(1);
  });
});

describe('provider staff', () => {
  test('hold their role everywhere', async () => {
    const scope = await scopeOf([], tree(), { providerRoles: ['provider-operator'] });
    expect(scope).toMatchObject({ isProvider: true, readRoots: [], writeRoots: [] });
    expect(await codeOf(scope.require('failovers:start', 'initech'))).toBe('allowed');
    expect(await codeOf(scope.require('prices:manage', 'initech'))).toBe('FORBIDDEN');
    expect(scope.listing('targets:read')).toEqual({ everything: true });
    expect(scope.listing('quotas:manage')).toMatchObject({ everything: false, roots: [] });
  });

  test('never see a credential, and an auditor changes nothing', async () => {
    for (const role of ['provider-admin', 'provider-operator', 'provider-auditor'] as const) {
      const scope = await scopeOf([], tree(), { providerRoles: [role] });
      expect(await scope.can('targets:reveal-credential', 'acme')).toBe(false);
    }
    const auditor = await scopeOf([], tree(), { providerRoles: ['provider-auditor'] });
    for (const permission of permissions) {
      expect(await auditor.can(permission, 'acme')).toBe(permission.endsWith(':read'));
    }
  });
});

describe('the state of an organization', () => {
  test('suspended: its people read and fail over, and are told why nothing else works', async () => {
    const scope = await scopeOf([grant('acme', 'ADMIN')], tree({ acme: { state: 'SUSPENDED' } }));
    for (const permission of [
      'targets:read',
      'usage:read',
      'failovers:start',
      'failovers:undo',
      'failovers:approve',
    ] as const) {
      expect(await codeOf(scope.require(permission, 'acme'))).toBe('allowed');
    }
    for (const permission of [
      'targets:provision',
      'plans:manage',
      'webhooks:manage',
      'organizations:manage',
    ] as const) {
      expect(await codeOf(scope.require(permission, 'acme'))).toBe('FORBIDDEN');
    }
    await expect(scope.require('targets:provision', 'acme')).rejects.toThrow('suspended');
    expect(scope.holds('targets:provision')).toBe(false);
  });

  test('suspended: who is above it can bring it back or clear it away', async () => {
    const scope = await scopeOf([grant('northwind', 'ADMIN')], tree({ acme: { state: 'SUSPENDED' } }));
    for (const permission of ['organizations:manage', 'targets:deprovision', 'failovers:start'] as const) {
      expect(await codeOf(scope.require(permission, 'acme'))).toBe('allowed');
    }
    expect(await codeOf(scope.require('targets:provision', 'acme'))).toBe('FORBIDDEN');
  });

  test('a suspended MSP still fails its customers over and sells nothing', async () => {
    const scope = await scopeOf([grant('northwind', 'ADMIN')], tree({ northwind: { state: 'SUSPENDED' } }));
    expect(await codeOf(scope.require('failovers:start', 'acme'))).toBe('allowed');
    expect(await codeOf(scope.require('targets:provision', 'acme'))).toBe('FORBIDDEN');
    expect(scope.listing('targets:provision')).toMatchObject({ roots: [] });
  });

  test('closed: its people are nobody; who is above it still reads its past', async () => {
    const organizations = tree({ acme: { state: 'CLOSED' } });
    const member = await scopeOf([grant('acme', 'ADMIN')], organizations);
    expect(member.memberships).toEqual([]);
    expect(await codeOf(member.require('organizations:read', 'acme'))).toBe('NOT_FOUND');
    const above = await scopeOf([grant('northwind', 'ADMIN')], organizations);
    expect(await codeOf(above.require('usage:read', 'acme'))).toBe('allowed');
    expect(await codeOf(above.require('failovers:start', 'acme'))).toBe('FORBIDDEN');
  });

  test('an organization that nobody here knows grants nothing', async () => {
    const scope = await scopeOf([{ identityId: 'kc-recreated-acme', role: 'ADMIN' }]);
    expect(scope.readRoots).toEqual([]);
    expect(scope.unknownIdentityIds).toEqual(['kc-recreated-acme']);
    for (const permission of permissions) expect(scope.holds(permission)).toBe(false);
  });
});

describe('special conditions', () => {
  test('a credential is shown to the own admin shortly after a sign-in only', async () => {
    const own = await scopeOf([grant('acme', 'ADMIN')]);
    expect(await codeOf(own.require('targets:reveal-credential', 'acme'))).toBe('allowed');
    const above = await scopeOf([grant('northwind', 'ADMIN')]);
    expect(await codeOf(above.require('targets:reveal-credential', 'acme'))).toBe('FORBIDDEN');
    const stale = await scopeOf([grant('acme', 'ADMIN')], tree(), { authTime: new Date(now.getTime() - 301_000) });
    await expect(stale.require('targets:reveal-credential', 'acme')).rejects.toThrow('fresh sign-in');
    const { authTime: _, ...machine } = principal({ kind: 'MSP_CLIENT', grants: [grant('acme', 'ADMIN')] });
    const never = await tenantScope(machine, memoryDirectory(tree()), () => now);
    expect(await codeOf(never.require('targets:reveal-credential', 'acme'))).toBe('FORBIDDEN');
  });

  test('an impersonated session reads and does nothing else', async () => {
    const scope = await scopeOf([grant('acme', 'ADMIN')], tree(), {
      impersonatedBy: 'support-1',
      providerRoles: ['provider-admin'],
    });
    for (const permission of permissions) {
      const reads = permission.endsWith(':read');
      expect(scope.holds(permission)).toBe(reads);
      expect(await scope.can(permission, 'acme')).toBe(reads);
    }
    expect(scope.listing('failovers:start')).toMatchObject({ everything: false, roots: [] });
    expect(actorOf(scope)).toMatchObject({ subject: 'ada', impersonatedBy: 'support-1', isProvider: true });
  });

  test('a narrowed scope writes in one organization', async () => {
    const scope = await scopeOf([grant('northwind', 'ADMIN'), grant('initech', 'ADMIN')]);
    const narrowed = scope.narrowedTo('acme');
    expect(narrowed.writeRoots).toEqual(['acme']);
    expect(narrowed.readRoots).toEqual(scope.readRoots);
    expect(scope.writeRoots).toEqual(['northwind', 'initech']);
  });

  test('keys differ whenever the reach or the person does', async () => {
    const scopes = await Promise.all([
      scopeOf([grant('acme', 'ADMIN')]),
      scopeOf([grant('acme', 'VIEWER')]),
      scopeOf([grant('globex', 'ADMIN')]),
      scopeOf([grant('acme', 'ADMIN')], tree(), { subject: 'gus' }),
      scopeOf([grant('acme', 'ADMIN')], tree(), { clientId: 'sdk-demo' }),
      scopeOf([grant('acme', 'ADMIN')], tree(), { providerRoles: ['provider-auditor'] }),
      scopeOf([grant('acme', 'ADMIN')], tree(), { impersonatedBy: 'x' }),
      scopeOf([grant('acme', 'ADMIN')], tree({ acme: { state: 'SUSPENDED' } })),
    ]);
    expect(new Set(scopes.map((scope) => scope.key)).size).toBe(scopes.length);
    const again = await scopeOf([grant('acme', 'ADMIN')], tree(), { tokenId: 'jti-2' });
    expect(again.key).toBe(scopes[0]?.key);
  });
});

describe('a worker', () => {
  const actor: ActorRecord = {
    subject: 'pat',
    displayName: 'Pat',
    kind: 'PERSON',
    clientId: 'bulkhead-portal',
    isProvider: true,
  };

  test('acts in the organization that owns the operation and nowhere else', async () => {
    const scope = systemScope({ id: 'op-1', organizationId: 'acme', actor });
    expect(scope).toMatchObject({ readRoots: ['acme'], writeRoots: ['acme'], isProvider: false, actor });
    expect(scope.principal).toMatchObject({ kind: 'SYSTEM', subject: 'operation:op-1', providerRoles: [] });
    expect(await codeOf(scope.require('failovers:start', 'acme'))).toBe('allowed');
    expect(await codeOf(scope.require('organizations:read', 'globex'))).toBe('NOT_FOUND');
    expect(await codeOf(scope.require('organizations:read', 'northwind'))).toBe('NOT_FOUND');
  });

  test('has none of the powers of the provider whose person started it, and sees no credential', async () => {
    const scope = systemScope({ id: 'op-1', organizationId: 'acme', actor });
    for (const permission of ['quotas:manage', 'prices:manage', 'targets:reveal-credential'] as const) {
      expect(await codeOf(scope.require(permission, 'acme'))).toBe('FORBIDDEN');
    }
    expect(scope.listing('targets:read')).toMatchObject({ everything: false, roots: ['acme'] });
  });

  test('without an operation records no actor', () => {
    const scope = housekeepingScope('acme', 'metering');
    expect(scope.actor).toBeUndefined();
    expect(scope.principal.subject).toBe('housekeeping:metering');
    expect(scope.readRoots).toEqual(['acme']);
  });
});
