import { createHmac, randomUUID } from 'node:crypto';
import type { default as Provider, AdapterFactory, ClientMetadata, Configuration, ResourceServer } from 'oidc-provider';
import {
  findPerson,
  personClaims,
  profileClaims,
  scopesOf,
  serviceAccountClaims,
  type RealmDirectory,
} from './directory.ts';
import { toPrivateJwk, type RealmKey } from './keys.ts';
import { escapeHtml, page } from './page.ts';
import { addPasswordGrant } from './password-grant.ts';
import type { LabClient } from './people.ts';

/** The audience of every access token: the client in Keycloak that stands for the API. */
const audience = 'bulkhead-api';
/** The same as a resource indicator, which has to be a URI. */
const resource = `urn:${audience}`;
const refreshTokenSeconds = 1800;

export interface RealmSettings {
  issuer: string;
  directory: RealmDirectory;
  /** The first one for signing signs; the others are only published. */
  keys: readonly RealmKey[];
  storage: AdapterFactory;
  /** Signs cookies, and refresh tokens so that they look like Keycloak's. */
  secret: string;
  accessTokenSeconds: number;
}

/** An OpenID provider that behaves like one Keycloak realm, mounted at `/realms/{realm}`. */
export async function makeProvider(settings: RealmSettings): Promise<Provider> {
  const { issuer, directory } = settings;
  const oidc = await loadQuietly();
  const resourceServer: ResourceServer = {
    audience,
    scope: scopesOf(directory).join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: settings.accessTokenSeconds,
    jwt: { sign: { alg: 'RS256' } },
  };
  const provider = new oidc.Provider(issuer, configurationOf(settings, resourceServer));
  addPasswordGrant(provider, oidc.errors, directory, resource, resourceServer);
  allowLoopbackRedirects(provider);
  shapeRefreshTokens(provider, settings);
  return provider;
}

function configurationOf(settings: RealmSettings, resourceServer: ResourceServer): Configuration {
  const { directory, issuer, keys, storage, secret } = settings;
  const realmPath = new URL(issuer).pathname;
  return {
    adapter: storage,
    clients: directory.clients.map(toMetadata),
    // It refuses a key that none of its features uses; the one for encryption is published beside it.
    jwks: { keys: keys.filter((key) => key.use === 'sig').map(toPrivateJwk) },
    cookies: { keys: [secret] },
    scopes: scopesOf(directory),
    claims: {
      openid: ['sub', 'sid', 'auth_time', 'acr'],
      profile: ['name', 'preferred_username', 'given_name', 'family_name'],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    pkce: { required: (_ctx, client) => client.tokenEndpointAuthMethod === 'none' },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: settings.accessTokenSeconds,
      ClientCredentials: settings.accessTokenSeconds,
      IdToken: settings.accessTokenSeconds,
      RefreshToken: refreshTokenSeconds,
      AuthorizationCode: 60,
      DeviceCode: 600,
      Grant: 36_000,
      Interaction: 1800,
      Session: 36_000,
    },
    routes: {
      authorization: '/protocol/openid-connect/auth',
      token: '/protocol/openid-connect/token',
      jwks: '/protocol/openid-connect/certs',
      userinfo: '/protocol/openid-connect/userinfo',
      end_session: '/protocol/openid-connect/logout',
      revocation: '/protocol/openid-connect/revoke',
      device_authorization: '/protocol/openid-connect/auth/device',
      code_verification: '/device',
    },
    interactions: { url: (_ctx, interaction) => `${realmPath}/login-actions/authenticate/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (ctx, form, _out, error) => {
          const hint = error ? 'That code is not known or no longer valid.' : 'Type the code that your device shows.';
          const send = '<button type="submit" form="op.deviceInputForm">Go on</button>';
          ctx.body = page('Connect a device', `<p>${hint}</p>${form}${send}`);
        },
        userCodeConfirmSource: (ctx, form, client, _device, userCode) => {
          const question = `${client.clientName ?? client.clientId} shows the code ${userCode}?`;
          const send = '<button type="submit" form="op.deviceConfirmForm">Yes, connect it</button>';
          ctx.body = page('Connect a device', `<p>${escapeHtml(question)}</p>${form}${send}`);
        },
        successSource: (ctx) => {
          ctx.body = page('Connected', '<p>Go back to your device.</p>');
        },
      },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: confirmLogout },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => resourceServer,
      },
    },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = page('Sign-in failed', `<p>${escapeHtml(out.error_description ?? out.error)}</p>`);
    },
    findAccount: (_ctx, id) => {
      const person = findPerson(directory, id);
      return (
        person && {
          accountId: person.id,
          claims: (_use, scope) => ({ sub: person.id, ...profileClaims(person, new Set(scope.split(' '))) }),
        }
      );
    },
    // Every client here is the provider's own: nobody is asked whether it may have what it asks for.
    loadExistingGrant: async (ctx) => {
      const { client, session, params, provider } = ctx.oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      const scope = typeof params?.scope === 'string' ? params.scope : 'openid';
      grant.addOIDCScope(scope);
      grant.addResourceScope(resource, scope);
      await grant.save();
      return grant;
    },
    formats: {
      customizers: {
        jwt: (ctx, token, parts) => {
          const { client_id: clientId, ...standard } = parts.payload;
          const common = { ...standard, typ: 'Bearer', azp: clientId };
          parts.header = { ...parts.header, typ: 'JWT' };
          if (token.kind === 'ClientCredentials') {
            const client = directory.clients.find((candidate) => candidate.clientId === clientId);
            parts.payload = { ...common, ...(client ? serviceAccountClaims(client) : {}) };
            return;
          }
          const person = findPerson(directory, token.accountId);
          const { AuthorizationCode, DeviceCode, RefreshToken } = ctx.oidc.entities;
          const authTime = (RefreshToken ?? AuthorizationCode ?? DeviceCode)?.authTime;
          parts.payload = {
            ...common,
            sid: token.sid ?? token.sessionUid ?? token.grantId,
            acr: '1',
            ...(authTime === undefined ? {} : { auth_time: authTime }),
            ...(person ? personClaims(directory, person, new Set((token.scope ?? '').split(' '))) : {}),
          };
        },
      },
    },
  };
}

function toMetadata(client: LabClient): ClientMetadata {
  const isRedirecting = client.grantTypes.includes('authorization_code');
  return {
    client_id: client.clientId,
    client_name: client.name,
    ...(client.secret === undefined ? {} : { client_secret: client.secret }),
    token_endpoint_auth_method: client.secret === undefined ? 'none' : 'client_secret_basic',
    grant_types: client.grantTypes.map((grantType) =>
      grantType === 'device_code' ? 'urn:ietf:params:oauth:grant-type:device_code' : grantType,
    ),
    redirect_uris: [...(client.redirectUris ?? [])],
    post_logout_redirect_uris: [...(client.redirectUris ?? [])],
    response_types: isRedirecting ? ['code'] : [],
  };
}

/** The portal of a demo or a test listens on whatever port is free, so any page on loopback may be returned to. */
function allowLoopbackRedirects(provider: Provider): void {
  const isLoopback = (uri: string) => {
    const url = URL.canParse(uri) ? new URL(uri) : undefined;
    return url?.protocol === 'http:' && /^(127(\.\d+){3}|localhost|\[::1\])$/.test(url.hostname);
  };
  const { prototype } = provider.Client;
  prototype.redirectUriAllowed = isLoopback;
  prototype.postLogoutRedirectUriAllowed = isLoopback;
}

/** `keycloak-js` reads refresh tokens as JWTs, as Keycloak's are; the provider's own are opaque. So the opaque id is one. */
function shapeRefreshTokens(provider: Provider, { issuer, secret }: RealmSettings): void {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const makeId = function (this: { accountId?: string; sid?: string }) {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      exp: now + refreshTokenSeconds,
      iat: now,
      jti: randomUUID(),
      iss: issuer,
      aud: issuer,
      sub: this.accountId,
      sid: this.sid,
      typ: 'Refresh',
    };
    const signed = `${encode({ alg: 'HS512', typ: 'JWT' })}.${encode(payload)}`;
    return `${signed}.${createHmac('sha512', secret).update(signed).digest('base64url')}`;
  };
  // Every model of the provider makes its id by this method; its types leave it out.
  Object.defineProperty(provider.RefreshToken.prototype, 'generateTokenId', { value: makeId });
}

/** Keycloak does not ask again when the client names the session by `id_token_hint`; so the form sends itself. */
function confirmLogout(ctx: { body?: unknown }, form: string): void {
  ctx.body = `<!doctype html><title>Signing out</title>${form}<script>
    const form = document.forms[0];
    form.insertAdjacentHTML('beforeend', '<input type="hidden" name="logout" value="yes">');
    form.submit();
  </script>`;
}

/** The provider says at import that it wants a newer Node; it works on this one, and a demo's output is not the place. */
async function loadQuietly() {
  /* oxlint-disable no-console -- the warning is written to the console itself; there is nothing else to silence */
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('Unsupported runtime')) warn(...words);
  };
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
    /* oxlint-enable no-console */
  }
}
