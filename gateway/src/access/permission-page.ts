import { holdersOf, permissions } from './permission.ts';
import { organizationRoles, providerRoles } from './role.ts';

/** The permission table as a page of Markdown: what is printed into `docs/permissions.md`. */
export function printPermissionPage(): string {
  const organizationColumns = organizationRoles.map((role) => role.toLowerCase().replace('_', '-'));
  const columns = ['permission', ...organizationColumns, ...providerRoles, 'allows'];
  const rows = permissions.map((permission) => {
    const { organization, provider, means } = holdersOf(permission);
    const cells = [
      ...organizationRoles.map((role) => (organization[role] === 'own' ? 'own' : organization[role] ? 'x' : '')),
      ...providerRoles.map((role) => (provider[role] ? 'x' : '')),
    ];
    return [`\`${permission}\``, ...cells, means];
  });
  return [
    '# Roles and permissions',
    '',
    '<!-- Printed from gateway/src/access/permission.ts; a test compares. -->',
    '',
    'Organization roles come from groups in Keycloak, provider roles from client roles of the API. A role in an MSP holds',
    'for the organizations below it, cut by what each delegation edge allows. `test-operator` arises only from such a cut.',
    '`own`: only in the organization that the caller belongs to, never from above.',
    '',
    'A billing portal (`usage-reader`) holds what `billing` holds, in the organizations that were granted to it.',
    '',
    ...printTable([columns, ...rows]),
    '',
    `Within minutes of a sign-in only: ${list((permission) => holdersOf(permission).needsFreshSignIn)}.`,
    '',
    'A suspended organization keeps every reading permission and these, so that suspension never blocks a failover:',
    `${list((permission) => holdersOf(permission).survivesSuspension)}.`,
    '',
    'A session that somebody else impersonates may only read.',
    '',
  ].join('\n');
}

/** Padded to its columns, so that the formatter leaves the page as it was printed. */
function printTable([heads = [], ...rows]: readonly (readonly string[])[]): string[] {
  const widths = heads.map((head, column) =>
    Math.max(3, head.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

function list(isListed: (permission: (typeof permissions)[number]) => boolean | undefined): string {
  return permissions
    .filter(isListed)
    .map((permission) => `\`${permission}\``)
    .join(', ');
}
