import type { KnownOrganization, OrganizationDirectory, Reach } from '../organization-directory.ts';
import { lesserRole, type OrganizationRole } from '../role.ts';

export interface MemoryOrganization extends KnownOrganization {
  parentId?: string;
  /** What the edge up to the parent lets the parent do here. Default: everything. */
  maxRole?: OrganizationRole;
}

/** An organization directory for tests: a tree walked from below. `asked` counts the questions about reach. */
export function memoryDirectory(
  organizations: readonly MemoryOrganization[],
): OrganizationDirectory & { asked: number } {
  const directory = {
    asked: 0,
    resolve: async (_issuer: string, identityIds: readonly string[]) =>
      organizations.filter((organization) => identityIds.includes(organization.identityId)),
    reach: async (rootIds: readonly string[], organizationId: string) => {
      directory.asked += 1;
      const find = (id: string | undefined) => organizations.find((candidate) => candidate.organizationId === id);
      const below = find(organizationId);
      const found: Reach[] = [];
      let step = below;
      let maxRole: OrganizationRole | undefined = 'ADMIN';
      while (below && step?.parentId !== undefined && maxRole !== undefined) {
        maxRole = lesserRole(maxRole, step.maxRole ?? 'ADMIN');
        step = find(step.parentId);
        if (step && maxRole !== undefined && rootIds.includes(step.organizationId)) {
          found.push({ rootId: step.organizationId, maxRole, state: below.state });
        }
      }
      return found;
    },
  };
  return directory;
}
