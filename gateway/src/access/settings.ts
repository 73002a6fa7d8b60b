import { z } from 'zod';
import type { tokenRoles } from './role.ts';

/** Asymmetric only: with a shared secret, whoever can check a token can make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
const loopbackHost = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

const roleName = z.enum(['admin', 'operator', 'viewer', 'billing'] satisfies (keyof typeof tokenRoles)[]);

const issuer = z.strictObject({
  /** The realm's URL, exactly as tokens carry it: `https://login.example.net/realms/dr`. */
  url: z
    .url()
    .refine((url) => /\/realms\/[^/?#]+$/.test(url), 'An issuer is a Keycloak realm: …/realms/<name>.')
    .refine((url) => {
      const { protocol, hostname } = new URL(url);
      return protocol === 'https:' || (protocol === 'http:' && loopbackHost.test(hostname));
    }, 'An issuer is reached by https; plain http is for a provider on this machine.'),
  /** The client in Keycloak that stands for this API. */
  audience: z.string().min(1).default('bulkhead-api'),
  algorithms: z.array(z.enum(algorithms)).min(1).default(['RS256']),
  clockToleranceSeconds: z.number().int().min(0).max(120).default(30),
  /** The longest that a token may live, whatever it says. */
  maxLifetimeSeconds: z.number().int().min(60).max(86_400).default(3600),
  /** After this, a key that Keycloak has withdrawn is no longer known here. */
  keysMaxAgeSeconds: z.number().int().min(10).max(86_400).default(600),
  /** A key set to use while Keycloak cannot be reached, so that the gateway can start without it. */
  pinnedKeys: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).optional(),
  /** The organization ids that this issuer may speak for; absent: all. A pinned issuer has no provider staff. */
  organizationsPinned: z.array(z.string()).optional(),
});

const claims = z.strictObject({
  organization: z.string().min(1).default('organization'),
  idKey: z.string().min(1).default('id'),
  groupsKey: z.string().min(1).default('groups'),
  rolesKey: z.string().min(1).default('roles'),
  grants: z.string().min(1).default('bulkhead_grants'),
  roleMap: z.record(z.string(), roleName).default({
    '/bulkhead/admin': 'admin',
    '/bulkhead/operator': 'operator',
    '/bulkhead/viewer': 'viewer',
    '/bulkhead/billing': 'billing',
  }),
  /**
   * Where people's roles come from: groups of the organization, roles of the organization, or grants as machines have
   * them (for a Keycloak without organizations).
   */
  mode: z.enum(['groups', 'roles', 'grants']).default('groups'),
});

const client = z.strictObject({
  /** The client id, as the token's `azp`. */
  azp: z.string().min(1),
  kind: z.enum(['PERSON', 'BILLING_CLIENT', 'MSP_CLIENT']),
  /** The most that anybody may do through this client. */
  maxRole: roleName,
  /** Whether provider staff may act through it as provider staff. */
  allowsProviderRoles: z.boolean().default(false),
});

/** The `access` part of the configuration. */
export const accessSettings = z.strictObject({
  issuers: z.array(issuer).min(1),
  claims: claims.default(() => claims.parse({})),
  /** The client registry: a token of any other client is refused. */
  clients: z.array(client).min(1),
});

export type AccessSettings = z.infer<typeof accessSettings>;
export type AccessSettingsInput = z.input<typeof accessSettings>;
export type IssuerSettings = z.infer<typeof issuer>;
export type ClaimSettings = z.infer<typeof claims>;
export type ClientRegistration = z.infer<typeof client>;
