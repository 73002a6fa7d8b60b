/** An organization as Keycloak knows it. Ids are fixed, so that a seed and a token agree without asking each other. */
export interface LabOrganization {
  /** The id that the `organization` claim carries. */
  identityId: string;
  /** May change its owner in a real Keycloak; nothing may depend on it. */
  alias: string;
  name: string;
  kind: 'PROVIDER' | 'MSP' | 'TENANT';
  /** The alias of the organization above. */
  parent?: string;
}

export type LabRole = 'admin' | 'operator' | 'viewer' | 'billing';

export interface LabPerson {
  username: string;
  /** The token's `sub`. */
  id: string;
  givenName: string;
  familyName: string;
  /** Client roles of the API's own client. */
  providerRoles?: readonly string[];
  /** Roles by the organization's alias. */
  roles?: Readonly<Record<string, LabRole>>;
}

export interface LabClient {
  clientId: string;
  name: string;
  /** What the gateway's client registry should say of it. */
  kind: 'PERSON' | 'BILLING_CLIENT' | 'MSP_CLIENT';
  maxRole: LabRole;
  allowsProviderRoles: boolean;
  /** Absent for a public client. The lab is on loopback and its secrets are published on purpose. */
  secret?: string;
  grantTypes: readonly ('authorization_code' | 'refresh_token' | 'client_credentials' | 'password' | 'device_code')[];
  redirectUris?: readonly string[];
  /** Of the service account. */
  serviceAccount?: { id: string; providerRoles: readonly string[]; grants: readonly string[] };
}

/** The password of every person in the lab, for the direct grant. The sign-in page asks for none. */
export const labPassword = 'bulkhead-lab';

export const labOrganizations = [
  {
    identityId: '0a9c2f4e-5b1d-4c3a-8e7f-1d2c3b4a5f60',
    alias: 'harbor-cloud',
    name: 'Harbor Cloud',
    kind: 'PROVIDER',
  },
  {
    identityId: '7d0a4b8e-3c52-4f19-9a6d-2e5f8c1b7a30',
    alias: 'northwind-msp',
    name: 'Northwind MSP',
    kind: 'MSP',
    parent: 'harbor-cloud',
  },
  {
    identityId: '3f52c6d1-8a4b-4e07-b1c9-6d7e0f2a5b18',
    alias: 'acme',
    name: 'Acme GmbH',
    kind: 'TENANT',
    parent: 'northwind-msp',
  },
  {
    identityId: 'a41c9e07-2d6f-4b83-8c5a-0f1e7d3b9c42',
    alias: 'globex',
    name: 'Globex Corp',
    kind: 'TENANT',
    parent: 'northwind-msp',
  },
  {
    identityId: 'c8e13b75-6f0a-4d29-a7b4-9e5d2c8f1a06',
    alias: 'contoso-msp',
    name: 'Contoso MSP',
    kind: 'MSP',
    parent: 'harbor-cloud',
  },
  {
    identityId: '5b7f2a90-1e4c-4863-9d0b-7c6a3f8e2d54',
    alias: 'initech',
    name: 'Initech Ltd',
    kind: 'TENANT',
    parent: 'contoso-msp',
  },
] as const satisfies readonly LabOrganization[];

export type LabOrganizationAlias = (typeof labOrganizations)[number]['alias'];

/** The fixed id of an organization of the lab. */
export function labOrganizationId(alias: LabOrganizationAlias): string {
  const found = labOrganizations.find((organization) => organization.alias === alias);
  if (!found) throw new Error(`The lab has no organization ${alias}.`);
  return found.identityId;
}

export const labPeople = [
  {
    username: 'pat',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e01',
    givenName: 'Pat',
    familyName: 'Provider',
    providerRoles: ['provider-admin'],
  },
  {
    username: 'otto',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e02',
    givenName: 'Otto',
    familyName: 'Oncall',
    providerRoles: ['provider-operator'],
  },
  {
    username: 'aud',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e03',
    givenName: 'Aud',
    familyName: 'Reviewer',
    providerRoles: ['provider-auditor'],
  },
  {
    username: 'nora',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e04',
    givenName: 'Nora',
    familyName: 'North',
    roles: { 'northwind-msp': 'operator' },
  },
  {
    username: 'mia',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e05',
    givenName: 'Mia',
    familyName: 'North',
    roles: { 'northwind-msp': 'admin' },
  },
  {
    username: 'ada',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e06',
    givenName: 'Ada',
    familyName: 'Acme',
    roles: { acme: 'admin' },
  },
  {
    username: 'oscar',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e07',
    givenName: 'Oscar',
    familyName: 'Acme',
    roles: { acme: 'operator' },
  },
  {
    username: 'vic',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e08',
    givenName: 'Vic',
    familyName: 'Acme',
    roles: { acme: 'viewer' },
  },
  {
    username: 'bill',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e09',
    givenName: 'Bill',
    familyName: 'Acme',
    roles: { acme: 'billing' },
  },
  {
    username: 'gus',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e10',
    givenName: 'Gus',
    familyName: 'Globex',
    roles: { globex: 'admin' },
  },
  {
    username: 'cora',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e11',
    givenName: 'Cora',
    familyName: 'Contoso',
    roles: { 'contoso-msp': 'admin' },
  },
  {
    username: 'ian',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e12',
    givenName: 'Ian',
    familyName: 'Initech',
    roles: { initech: 'admin' },
  },
  {
    username: 'dana',
    id: '0b6e5d1c-94a7-4f28-b3e0-1a2b3c4d5e13',
    givenName: 'Dana',
    familyName: 'Double',
    roles: { acme: 'viewer', globex: 'admin' },
  },
] as const satisfies readonly LabPerson[];

export const labClients = [
  {
    clientId: 'bulkhead-portal',
    name: 'Bulkhead portal',
    kind: 'PERSON',
    maxRole: 'admin',
    allowsProviderRoles: true,
    grantTypes: ['authorization_code', 'refresh_token', 'device_code'],
    redirectUris: ['http://127.0.0.1/'],
  },
  {
    clientId: 'bulkhead-cli',
    name: 'Bulkhead command line',
    kind: 'PERSON',
    maxRole: 'admin',
    allowsProviderRoles: true,
    grantTypes: ['password', 'refresh_token', 'device_code'],
  },
  {
    clientId: 'sdk-demo',
    name: 'SDK demo',
    kind: 'PERSON',
    maxRole: 'operator',
    allowsProviderRoles: false,
    secret: 'lab-secret-sdk-demo',
    grantTypes: ['authorization_code', 'refresh_token', 'password'],
    redirectUris: ['http://127.0.0.1/'],
  },
  {
    clientId: 'msp-northwind',
    name: 'Northwind automation',
    kind: 'MSP_CLIENT',
    maxRole: 'operator',
    allowsProviderRoles: false,
    secret: 'lab-secret-msp-northwind',
    grantTypes: ['client_credentials'],
    serviceAccount: {
      id: 'e2d4a6c8-5f1b-4a93-8d70-3c2b1a4f5e01',
      providerRoles: [],
      grants: [`${labOrganizationId('northwind-msp')}:operator`],
    },
  },
  {
    clientId: 'billing-contoso',
    name: 'Contoso billing portal',
    kind: 'BILLING_CLIENT',
    maxRole: 'billing',
    allowsProviderRoles: false,
    secret: 'lab-secret-billing-contoso',
    grantTypes: ['client_credentials'],
    serviceAccount: {
      id: 'e2d4a6c8-5f1b-4a93-8d70-3c2b1a4f5e02',
      providerRoles: ['usage-reader'],
      grants: [`${labOrganizationId('contoso-msp')}:billing`],
    },
  },
] as const satisfies readonly LabClient[];

export type LabPersonName = (typeof labPeople)[number]['username'];
export type LabClientName = (typeof labClients)[number]['clientId'];
