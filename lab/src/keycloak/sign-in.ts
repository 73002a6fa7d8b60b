import { createHash, randomBytes } from 'node:crypto';

export interface SignInOptions {
  issuer: string;
  userName: string;
  password: string;
  /** Default `bulkhead-portal`, a public client. */
  clientId?: string;
  clientSecret?: string;
  redirectUri?: string;
  /** Default `openid profile organization:*`, as the portal asks. */
  scope?: string;
  /** The alias to choose where Keycloak asks which organization is meant. */
  organization?: string;
}

/** What the token endpoint gave. */
export interface SignedIn {
  accessToken: string;
  refreshToken: string;
  idToken: string;
  /** Trades the refresh token, which Keycloak accepts once, for new ones. */
  refresh(options?: { scope?: string }): Promise<SignedIn>;
}

/** Keycloak did not let somebody in, or gave no token. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
}

const mostPages = 5;

/**
 * Signs a person in by authorization code with PKCE, as a browser does: asks for the login page, keeps its cookies, fills
 * in each form that comes, and trades the code for tokens.
 * @throws SignInError with what Keycloak said.
 */
export async function signIn(options: SignInOptions): Promise<SignedIn> {
  const { issuer, clientId = 'bulkhead-portal', redirectUri = 'http://127.0.0.1/', clientSecret } = options;
  const { scope = 'openid profile organization:*' } = options;
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(12).toString('base64url');
  const authorize = new URL(`${issuer}/protocol/openid-connect/auth`);
  authorize.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const back = await throughPages(authorize, redirectUri, options);
  const code = back.searchParams.get('code');
  if (back.searchParams.get('state') !== state || code === null) {
    throw new SignInError(`Keycloak sent ${options.userName} back without a code: ${back.search}`);
  }
  const client = {
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
  };
  return tokens(issuer, client, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
}

/** Fills in page after page until Keycloak sends the browser back to the client. */
async function throughPages(start: URL, redirectUri: string, person: SignInOptions): Promise<URL> {
  const cookies = new Map<string, string>();
  let request: { url: URL; form?: URLSearchParams } = { url: start };
  for (let page = 0; page < mostPages; page += 1) {
    const response = await fetch(request.url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(request.form === undefined ? {} : { method: 'POST', body: request.form }),
    });
    for (const text of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (name !== undefined) cookies.set(name, value ?? '');
    }
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, request.url);
      if (next.href.startsWith(redirectUri)) return next;
      request = { url: next };
      continue;
    }
    request = answer(await response.text(), request.url, person);
  }
  throw new SignInError(`Keycloak keeps asking ${person.userName}.`);
}

/** What a person would type into this page. Pages come one after the other: the name, the password, the organization. */
function answer(page: string, url: URL, person: SignInOptions): { url: URL; form: URLSearchParams } {
  const said = /class="[^"]*(?:helper-text__item-text|alert__title|instruction)[^"]*"[^>]*>\s*([^<]+)/.exec(page)?.[1];
  const action = /<form[^>]*\saction="([^"]+)"/.exec(page)?.[1];
  if (said?.includes('Invalid') || action === undefined) {
    throw new SignInError(`Keycloak refuses ${person.userName}: ${said?.trim() ?? page.slice(0, 500)}`);
  }
  const form = new URLSearchParams();
  if (/name="username"/.test(page)) form.set('username', person.userName);
  if (/name="password"/.test(page)) form.set('password', person.password);
  if (/kc\.org/.test(page)) form.set('kc.org', person.organization ?? '');
  return { url: new URL(action.replaceAll('&amp;', '&'), url), form };
}

async function tokens(
  issuer: string,
  client: Record<string, string>,
  grant: Record<string, string>,
): Promise<SignedIn> {
  const response = await fetch(`${issuer}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ ...client, ...grant }),
  });
  const text = await response.text();
  if (!response.ok) throw new SignInError(`Keycloak gave no token: ${response.status} ${text}`);
  // The token endpoint's answer, by OpenID Connect.
  const given = JSON.parse(text) as { access_token: string; refresh_token: string; id_token: string };
  return {
    accessToken: given.access_token,
    refreshToken: given.refresh_token,
    idToken: given.id_token,
    refresh: ({ scope } = {}) =>
      tokens(issuer, client, {
        grant_type: 'refresh_token',
        refresh_token: given.refresh_token,
        ...(scope === undefined ? {} : { scope }),
      }),
  };
}
