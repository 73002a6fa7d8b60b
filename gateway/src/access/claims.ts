import { isObject, type CompactToken } from './compact-token.ts';
import { TokenError } from './errors.ts';
import type { Grant, Principal } from './principal.ts';
import {
  lesserRole,
  providerRoles,
  tokenRoles,
  usageReaderRole,
  type OrganizationRole,
  type ProviderRole,
} from './role.ts';
import type { ClaimSettings } from './settings.ts';
import type { TokenClaims } from './token-claims.ts';

type Payload = CompactToken['payload'];

const maxGrants = 100;
const organizationIdShape = /^[0-9A-Za-z-]{1,64}$/;

/**
 * Reads what an accepted token grants. This file alone reads such claims. It takes exactly the shapes that the realm is
 * set up to send and refuses every other: a shape that nobody expected must not be guessed at.
 *
 * Never read, though tokens carry them: realm roles, top-level groups, an organization's attributes, e-mail, user name
 * and scope. Roles of several organizations flow together in the first two.
 */
export function readPrincipal(payload: Payload, token: TokenClaims, settings: ClaimSettings): Principal {
  const { client, issuer } = token;
  const clientRoles = readClientRoles(payload, issuer.audience);
  const isMachine = client.kind !== 'PERSON';
  const readsGrants = isMachine || settings.mode === 'grants';
  const claimed = readsGrants ? readGrants(payload, settings) : readOrganizations(payload, settings);
  const mayReadUsage = client.kind !== 'BILLING_CLIENT' || clientRoles.includes(usageReaderRole);
  const pinned = issuer.organizationsPinned;
  const maySpeakForProvider = client.allowsProviderRoles && pinned === undefined;
  const impersonatedBy = readImpersonator(payload);
  const authTime = readAuthTime(payload);
  return {
    subject: token.subject,
    displayName: readDisplayName(payload, token),
    kind: client.kind,
    clientId: client.azp,
    issuer: issuer.url,
    ...(token.tokenId === undefined ? {} : { tokenId: token.tokenId }),
    ...(token.sessionId === undefined ? {} : { sessionId: token.sessionId }),
    ...(authTime === undefined ? {} : { authTime }),
    expiresAt: new Date(token.expiresAt * 1000),
    ...(impersonatedBy === undefined ? {} : { impersonatedBy }),
    providerRoles: maySpeakForProvider ? clientRoles.filter(isProviderRole) : [],
    grants: claimed.flatMap(({ identityId, role }) => {
      const cut = lesserRole(role, tokenRoles[client.maxRole]);
      const isSpokenFor = pinned === undefined || pinned.includes(identityId);
      return cut !== undefined && isSpokenFor && mayReadUsage ? [{ identityId, role: cut }] : [];
    }),
  };
}

/** `{"acme": {"id": "…", "groups": ["/bulkhead/viewer"]}}`; an organization without a role group grants nothing. */
function readOrganizations(payload: Payload, settings: ClaimSettings): Grant[] {
  const claim = payload[settings.organization];
  if (claim === undefined) return [];
  // `["acme"]`, `"acme"` and a list of objects are sent by a mapper that is set up otherwise: they carry no id.
  if (!isObject(claim)) throw wrongShape('the organizations are not an object');
  return Object.values(claim).flatMap((entry) => {
    if (!isObject(entry)) throw wrongShape('an organization is not an object');
    const identityId = entry[settings.idKey];
    if (typeof identityId !== 'string' || !organizationIdShape.test(identityId)) {
      throw wrongShape('an organization has no id');
    }
    const names = readTexts(entry[settings.mode === 'roles' ? settings.rolesKey : settings.groupsKey]);
    return [...new Set(names)].flatMap((name) => {
      const role = settings.mode === 'roles' ? roleNamed(name) : roleNamed(settings.roleMap[name]);
      return role ? [{ identityId, role }] : [];
    });
  });
}

/** `["<organization id>:<role>", …]`, from an attribute that only an administrator of the realm may edit. */
function readGrants(payload: Payload, settings: ClaimSettings): Grant[] {
  const texts = readTexts(payload[settings.grants]);
  if (texts.length > maxGrants) throw wrongShape(`more than ${maxGrants} grants`);
  return texts.map((text) => {
    const [identityId = '', roleName, ...rest] = text.split(':');
    const role = roleNamed(roleName);
    if (!organizationIdShape.test(identityId) || !role || rest.length > 0) {
      throw wrongShape('a grant is not `<organization id>:<role>`');
    }
    return { identityId, role };
  });
}

/** Client roles of the API's own client: the only place from which power over the platform comes. */
function readClientRoles(payload: Payload, audience: string): string[] {
  const access = payload.resource_access;
  if (access === undefined) return [];
  if (!isObject(access)) throw wrongShape('resource_access is not an object');
  const own = Object.hasOwn(access, audience) ? access[audience] : undefined;
  if (own === undefined) return [];
  if (!isObject(own)) throw wrongShape('the client roles are not an object');
  return readTexts(own.roles);
}

function readTexts(value: unknown): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw wrongShape('a list of texts is something else');
  }
  return value;
}

function roleNamed(name: string | undefined): OrganizationRole | undefined {
  const known: Readonly<Record<string, OrganizationRole>> = tokenRoles;
  return name !== undefined && Object.hasOwn(known, name) ? known[name] : undefined;
}

function isProviderRole(name: string): name is ProviderRole {
  return (providerRoles as readonly string[]).includes(name);
}

function readAuthTime(payload: Payload): Date | undefined {
  const { auth_time: authTime } = payload;
  if (authTime === undefined) return undefined;
  if (typeof authTime !== 'number' || !Number.isFinite(authTime)) throw wrongShape('auth_time is not a number');
  return new Date(authTime * 1000);
}

/** `act` says that somebody acts as the subject (RFC 8693). Whatever it holds, the session is an impersonated one. */
function readImpersonator(payload: Payload): string | undefined {
  if (payload.act === undefined) return undefined;
  return isObject(payload.act) && typeof payload.act.sub === 'string' ? payload.act.sub : 'unknown';
}

function readDisplayName(payload: Payload, { subject }: TokenClaims): string {
  const name = [payload.name, payload.preferred_username].find(
    (text) => typeof text === 'string' && text.trim() !== '',
  );
  // Written by people about themselves, and shown to others.
  return (typeof name === 'string' ? name : subject).replace(/\p{C}/gu, '').trim().slice(0, 200) || subject;
}

function wrongShape(detail: string): TokenError {
  return new TokenError('CLAIM_SHAPE', detail);
}
