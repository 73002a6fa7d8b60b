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
      const found: Reach[] = [];
      const below = find(organizationId);
      if (!below) return found;
      let maxRole: OrganizationRole | undefined = 'ADMIN';
      for (
        let step = find(below.parentId), edge: MemoryOrganization = below;
        step;
        edge = step, step = find(step.parentId)
      ) {
        maxRole = maxRole && lesserRole(maxRole, edge.maxRole ?? 'ADMIN');
        if (maxRole && rootIds.includes(step.organizationId)) {
          found.push({ rootId: step.organizationId, maxRole, state: below.state });
        }
      }
      return found;
    },
  };
  return directory;
}
