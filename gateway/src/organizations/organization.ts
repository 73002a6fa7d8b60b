export const organizationKinds = ['PROVIDER', 'MSP', 'TENANT'] as const;
export type OrganizationKind = (typeof organizationKinds)[number];

export const organizationStates = ['PROVISIONING', 'ACTIVE', 'SUSPENDED', 'CLOSED'] as const;
export type OrganizationState = (typeof organizationStates)[number];

/** Provider > MSP (nestable) > tenant: at most this many levels below the provider. */
export const maxOrganizationDepth = 5;
