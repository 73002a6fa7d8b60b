import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { printPermissionPage } from './permission-page.ts';
import {
  holdersOf,
  isPermission,
  permissions,
  permissionsOf,
  providerRoleHolds,
  roleHolds,
  type Permission,
} from './permission.ts';
import { lesserRole, organizationRoles, providerRoles, type OrganizationRole } from './role.ts';

/** The table of the product's settled choices, written down a second time: the code must say the same. */
const roles = [...organizationRoles, ...providerRoles] as const;
const settled: Record<Permission, string> = {
  //                          A O T V B  pa po au
  'organizations:read': '     x x x x x  x  x  x',
  'organizations:manage': '   x . . . .  x  .  .',
  'targets:read': '           x x x x .  x  x  x',
  'vms:read': '               x x x x .  x  x  x',
  'networks:read': '          x x x x .  x  x  x',
  'operations:read': '        x x x x .  x  x  x',
  'targets:provision': '      x x . . .  x  x  .',
  'targets:resize': '         x x . . .  x  x  .',
  'targets:suspend': '        x x . . .  x  x  .',
  'targets:deprovision': '    x x . . .  x  x  .',
  'targets:reveal-credential': 'o . . . .  .  .  .',
  'failovers:test': '         x x x . .  x  x  .',
  'failovers:start': '        x x . . .  x  x  .',
  'failovers:undo': '         x x . . .  x  x  .',
  'failovers:commit': '       x x . . .  x  x  .',
  'failovers:cancel': '       x x . . .  x  x  .',
  'failovers:control': '      x x . . .  x  x  .',
  'failovers:fail-back': '    x x . . .  x  x  .',
  'failovers:approve': '      x x . . .  x  .  .',
  'plans:manage': '           x x . . .  x  x  .',
  'networks:manage': '        . . . . .  x  x  .',
  'usage:read': '             x x . x x  x  x  x',
  'prices:read': '            x x . x x  x  x  x',
  'webhooks:manage': '        x . . . .  x  .  .',
  'audit:read': '             x . . . .  x  x  x',
  'sites:read': '             . . . . .  x  x  x',
  'sites:repair': '           . . . . .  x  x  .',
  'targetPlans:manage': '     . . . . .  x  .  .',
  'prices:manage': '          . . . . .  x  .  .',
  'principals:manage': '      . . . . .  x  .  .',
  'quotas:manage': '          . . . . .  x  .  .',
};

test.each(permissions)('%s is held by whom the product says', (permission) => {
  const cells = settled[permission].trim().split(/\s+/);
  expect(cells).toHaveLength(roles.length);
  const held = [
    ...organizationRoles.map((role) =>
      roleHolds(role, permission, false) ? 'x' : roleHolds(role, permission, true) ? 'o' : '.',
    ),
    ...providerRoles.map((role) => (providerRoleHolds(role, permission) ? 'x' : '.')),
  ];
  expect(held.join(' ')).toBe(cells.join(' '));
});

test('the table of the product names no other permission', () => {
  expect(Object.keys(settled).sort()).toEqual([...permissions].sort());
  expect(isPermission('targets:read')).toBe(true);
  for (const foreign of ['targets:write', 'constructor', '__proto__', '']) expect(isPermission(foreign)).toBe(false);
});

test('nobody but the own admin ever reveals a credential', () => {
  for (const role of roles) {
    expect(permissionsOf(role).includes('targets:reveal-credential')).toBe(role === 'ADMIN');
  }
});

test('what suspension leaves is reading and failing over', () => {
  const left = permissions.filter((permission) => holdersOf(permission).survivesSuspension);
  expect(left.every((permission) => permission.startsWith('failovers:'))).toBe(true);
  expect(left).toHaveLength(permissions.filter((permission) => permission.startsWith('failovers:')).length);
});

test('reading permissions are those that change nothing', () => {
  const reading = permissions.filter((permission) => holdersOf(permission).reads);
  expect(reading).toEqual(permissions.filter((permission) => permission.endsWith(':read')));
});

const cuts: [OrganizationRole, OrganizationRole, OrganizationRole | undefined][] = [
  ['ADMIN', 'OPERATOR', 'OPERATOR'],
  ['ADMIN', 'TEST_OPERATOR', 'TEST_OPERATOR'],
  ['OPERATOR', 'ADMIN', 'OPERATOR'],
  ['OPERATOR', 'VIEWER', 'VIEWER'],
  ['VIEWER', 'TEST_OPERATOR', 'VIEWER'],
  ['BILLING', 'ADMIN', 'BILLING'],
  ['BILLING', 'VIEWER', 'BILLING'],
  ['BILLING', 'TEST_OPERATOR', undefined],
  ['ADMIN', 'BILLING', 'BILLING'],
];
test.each(cuts)('%s under %s is %s', (role, ceiling, expected) => {
  expect(lesserRole(role, ceiling)).toBe(expected);
});

test('a cut never depends on the order, is never more than either, and is settled after one time', () => {
  for (const a of organizationRoles) {
    for (const b of organizationRoles) {
      const cut = lesserRole(a, b);
      expect(cut).toBe(lesserRole(b, a));
      if (!cut) continue;
      expect(lesserRole(cut, a)).toBe(cut);
      expect(lesserRole(cut, b)).toBe(cut);
      // A permission that both hold may be lost in the cut, but none is won, `usage:read` of a viewer apart: there
      // the scope asks both roles.
      const won = permissions.filter(
        (permission) =>
          roleHolds(cut, permission, false) && !(roleHolds(a, permission, false) && roleHolds(b, permission, false)),
      );
      expect(won.filter((permission) => permission !== 'usage:read' && permission !== 'prices:read')).toEqual([]);
    }
  }
});

test('the published page is the printed one', async () => {
  const file = new URL('../../../docs/permissions.md', import.meta.url);
  const printed = printPermissionPage();
  if (process.env.BULKHEAD_PRINT) await writeFile(file, printed);
  expect(await readFile(file, 'utf8')).toBe(printed);
});
