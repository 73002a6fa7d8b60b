import { AdminError, type Json, type KeycloakAdmin } from './admin.ts';

/** What the gateway's roles are called in an organization's group `bulkhead`. */
export const roleNames = ['admin', 'operator', 'viewer', 'billing'] as const;
export type RoleName = (typeof roleNames)[number];

export interface NewOrganization {
  name: string;
  /** Cannot be changed later. */
  alias: string;
  /** The provider's own key of the customer: by it the organization is found again, since Keycloak chooses the id. */
  key: string;
}

interface Group extends Json {
  id: string;
  name: string;
}

/** The calls by which a provider's provisioning makes a customer known, and its people members (`deploy/keycloak`). */
export function organizationsOf(admin: KeycloakAdmin, realm: string) {
  const organizations = `/${realm}/organizations`;

  const idOf = async (userName: string): Promise<string> => {
    const query = new URLSearchParams({ username: userName, exact: 'true' });
    const [user] = await admin.get<Json[]>(`/${realm}/users?${query.toString()}`);
    if (typeof user?.['id'] !== 'string') throw new Error(`Realm ${realm} has nobody named ${userName}.`);
    return user['id'];
  };

  const roleGroup = async (organizationId: string, role: RoleName): Promise<Group> =>
    admin.get<Group>(`${organizations}/${organizationId}/groups/group-by-path/bulkhead/${role}`);

  return {
    /** Makes the organization with its role groups, or finds and completes it. Answers with Keycloak's id. */
    async ensure({ name, alias, key }: NewOrganization): Promise<string> {
      const query = new URLSearchParams({ q: `bulkhead_tenant:${key}` });
      const [found] = await admin.get<Json[]>(`${organizations}?${query.toString()}`);
      const id =
        typeof found?.['id'] === 'string'
          ? found['id']
          : await admin.post(organizations, { name, alias, enabled: true, attributes: { bulkhead_tenant: [key] } });
      const root = await orUndefined(admin.get<Group>(`${organizations}/${id}/groups/group-by-path/bulkhead`));
      const rootId = root?.id ?? (await admin.post(`${organizations}/${id}/groups`, { name: 'bulkhead' }));
      for (const role of roleNames) {
        if (await orUndefined(roleGroup(id, role))) continue;
        await admin.post(`${organizations}/${id}/groups/${rootId}/children`, { name: role });
      }
      return id;
    },

    /** Makes a person a member with one role. */
    async addMember(organizationId: string, userName: string, role: RoleName): Promise<void> {
      const userId = await idOf(userName);
      // The body of this call is a bare id.
      await admin.post(`${organizations}/${organizationId}/members`, userId);
      const group = await roleGroup(organizationId, role);
      await admin.put(`${organizations}/${organizationId}/groups/${group.id}/members/${userId}`, {});
    },

    async removeMember(organizationId: string, userName: string): Promise<void> {
      await admin.delete(`${organizations}/${organizationId}/members/${await idOf(userName)}`);
    },
  };
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof AdminError && error.status === 404) return undefined;
    throw error;
  });
}
