/** How the client signs in. */
export type Auth =
  /** A token that lives long enough for the work at hand. */
  | { token: string }
  /** Called before each request and each connection; cache inside when it is dear. */
  | { getToken: () => Promise<string> | string }
  /** A machine of its own at the identity provider. */
  | { clientId: string; clientSecret: string; tokenUrl: string; scope?: string };

export type TokenSource = (options?: { fresh: boolean }) => Promise<string>;

interface TokenAnswer {
  access_token?: unknown;
  expires_in?: unknown;
}

/** Makes the function that yields a valid token. Client credentials are fetched once for all callers, at 80 % of life anew. */
export function tokenSource(auth: Auth, fetcher: typeof fetch): TokenSource {
  if ('token' in auth) return async () => auth.token;
  if ('getToken' in auth) return async () => auth.getToken();

  let current: { token: string; renewAt: number } | undefined;
  let pending: Promise<string> | undefined;
  return async ({ fresh } = { fresh: false }) => {
    if (!fresh && current && Date.now() < current.renewAt) return current.token;
    pending ??= signIn().finally(() => {
      pending = undefined;
    });
    return pending;
  };

  async function signIn(): Promise<string> {
    // The narrowing above does not reach into this closure.
    const machine = auth as { clientId: string; clientSecret: string; tokenUrl: string; scope?: string };
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (machine.scope) form.set('scope', machine.scope);
    const basic = btoa(`${encodeURIComponent(machine.clientId)}:${encodeURIComponent(machine.clientSecret)}`);
    const response = await fetcher(machine.tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${basic}` },
      body: form.toString(),
    });
    const answer = (await response.json().catch(() => ({}))) as TokenAnswer;
    if (!response.ok || typeof answer.access_token !== 'string') {
      throw new Error(`Client ${machine.clientId} got no token: the identity provider answered ${response.status}.`);
    }
    const lifeSeconds = typeof answer.expires_in === 'number' ? answer.expires_in : 60;
    current = { token: answer.access_token, renewAt: Date.now() + lifeSeconds * 800 };
    return current.token;
  }
}
