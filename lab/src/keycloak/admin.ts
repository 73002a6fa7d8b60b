/** How the administrator gets its token: by a password in `master`, or as a service account of the realm. */
export interface AdminSignIn {
  realm: string;
  form: Record<string, string>;
}

export type Json = Record<string, unknown>;

/** Keycloak's admin REST API, signed in. Paths begin behind `/admin/realms`: `/dr/users?username=ada`. */
export interface KeycloakAdmin {
  get<T = Json>(path: string): Promise<T>;
  /** Answers with the id of what was made, where Keycloak says it. */
  post(path: string, body?: unknown): Promise<string>;
  put(path: string, body: unknown): Promise<void>;
  delete(path: string, body?: unknown): Promise<void>;
}

/** @throws AdminError from each call that Keycloak refuses. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly status: number;
  constructor(what: string, status: number, answer: string) {
    super(`${what} was answered ${status}: ${answer.slice(0, 500)}`);
    this.status = status;
  }
}

export function openAdmin(url: string, signIn: AdminSignIn): KeycloakAdmin {
  let current: { token: string; until: number } | undefined;

  async function token(): Promise<string> {
    if (current && Date.now() < current.until) return current.token;
    const response = await fetch(`${url}/realms/${signIn.realm}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams(signIn.form),
    });
    const text = await response.text();
    if (!response.ok) throw new AdminError('The administrator’s sign-in', response.status, text);
    // The token endpoint's answer, by RFC 6749.
    const answer = JSON.parse(text) as { access_token: string; expires_in: number };
    current = { token: answer.access_token, until: Date.now() + answer.expires_in * 500 };
    return current.token;
  }

  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new AdminError(`${method} ${path}`, response.status, await response.text());
    return response;
  }

  return {
    // Each caller names the representation that it asks for.
    get: async <T>(path: string) => (await call('GET', path)).json() as Promise<T>,
    async post(path, body) {
      const response = await call('POST', path, body);
      const answer = await response.text();
      const made = response.headers.get('location')?.split('/').at(-1);
      if (made !== undefined) return made;
      const { id } = answer.startsWith('{') ? (JSON.parse(answer) as Json) : {};
      return typeof id === 'string' ? id : '';
    },
    put: async (path, body) => void (await call('PUT', path, body)),
    delete: async (path, body) => void (await call('DELETE', path, body)),
  };
}
