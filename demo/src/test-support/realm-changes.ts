import { labPassword, openAdmin, type DemoKeycloak, type KeycloakAdmin } from '@bulkhead/lab';

// What an administrator of the realm does while the gateway runs.

const keyProvider = 'org.keycloak.keys.KeyProvider';

/** Somebody with the lab's password and no role. */
export async function makePerson(admin: KeycloakAdmin, username: string, realm = 'dr'): Promise<void> {
  await admin.post(`/${realm}/users`, {
    username,
    enabled: true,
    email: `${username}@real.example`,
    emailVerified: true,
    firstName: `${username.charAt(0).toUpperCase()}${username.slice(1)}`,
    lastName: 'Person',
    credentials: [{ type: 'password', value: labPassword, temporary: false }],
  });
}

/** A client like the portal, under another name. Answers with Keycloak's id of it. */
export async function makePortal({ admin }: DemoKeycloak, clientId: string): Promise<string> {
  const [portal] = await admin.get<{ id?: string }[]>('/dr/clients?clientId=bulkhead-portal');
  const { id: _id, ...rest } = portal ?? {};
  return admin.post('/dr/clients', { ...rest, clientId });
}

/** The provisioner as a provider has it: with the secret that the import made. */
export async function signInProvisioner({ admin, url }: DemoKeycloak): Promise<KeycloakAdmin> {
  const clientId = 'bulkhead-provisioner';
  const [client] = await admin.get<{ id: string }[]>(`/dr/clients?clientId=${clientId}`);
  const { value } = await admin.get<{ value: string }>(`/dr/clients/${client?.id}/client-secret`);
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: value };
  return openAdmin(url, { realm: 'dr', form });
}

/** Signs with a new key from now on; older ones stay published. */
export async function addKey({ admin }: DemoKeycloak, priority: number): Promise<void> {
  const { id } = await admin.get<{ id: string }>('/dr');
  await admin.post('/dr/components', {
    name: `rsa-${priority}`,
    providerId: 'rsa-generated',
    providerType: keyProvider,
    parentId: id,
    config: { priority: [String(priority)], enabled: ['true'], active: ['true'], algorithm: ['RS256'] },
  });
}

export async function withdrawKey({ admin }: DemoKeycloak, kid: string): Promise<void> {
  const { keys } = await admin.get<{ keys: { kid: string; providerId: string }[] }>('/dr/keys');
  const provider = keys.find((key) => key.kid === kid)?.providerId ?? '';
  const component = await admin.get<{ config: object }>(`/dr/components/${provider}`);
  const config = { ...component.config, enabled: ['false'], active: ['false'] };
  await admin.put(`/dr/components/${provider}`, { ...component, config });
}
