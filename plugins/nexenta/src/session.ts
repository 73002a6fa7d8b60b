import createClient, { type Client } from 'openapi-fetch';
import type { Agent } from 'undici';
import type { NodeConfig, Settings } from './config.ts';
import { Interruption, Refusal } from './faults.ts';
import type { Layout } from './layout.ts';
import type { components, paths } from './openapi.generated.ts';
import { fetchOver, openTransport } from './transport.ts';

export type NefClient = Client<paths>;
export type NefSchemas = components['schemas'];

/** What openapi-fetch returns, of any operation. */
export interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Makes one request with the client. `init` carries the deadline and the token and must be passed on as it is. */
export type Send<Data> = (client: NefClient, init: RequestInitOfSession) => Promise<Answer<Data>>;

export type RequestInitOfSession = { signal: AbortSignal; headers: { authorization: string } };

/**
 * One node's management interface with its token. Callers at the same time share one login; a token that expired is
 * replaced once and the request repeated. The token leaves this object in a header only.
 */
export class Session {
  readonly url: string;
  private readonly agent: Agent;
  private readonly client: NefClient;
  private token: Promise<string> | undefined;

  constructor(
    node: NodeConfig,
    private readonly settings: Settings,
    layout: Layout,
  ) {
    this.url = node.url.replace(/\/$/, '');
    this.agent = openTransport(node, settings);
    this.client = createClient<paths>({
      baseUrl: this.url,
      fetch: fetchOver(this.agent, settings.requestTimeoutSeconds),
      redirect: 'error',
      querySerializer: { array: { style: 'form', explode: false } },
    });
    this.client.use({ onRequest: ({ request }) => requireOwnPaths(request, layout) });
  }

  /** Sends one request. `about` names it for operators. @throws Refusal, Interruption */
  async send<Data>(about: string, send: Send<Data>, signal: AbortSignal): Promise<{ data: Data; status: number }> {
    for (let logins = 1; ; logins += 1) {
      const used = this.currentToken();
      const authorization = `Bearer ${await orAborted(used, signal)}`;
      const { data, error, response } = await send(this.client, { signal, headers: { authorization } });
      // `data` is absent only where the operation answers without a body, and its type says so.
      if (response.ok) return { data: data as Data, status: response.status };
      const refusal = refusalOf(response.status, error, about);
      // ELICENSE comes with 401 as well, and no login cures it.
      if (refusal.code !== 'EAUTH' || logins > 1) throw refusal;
      if (this.token === used) this.token = undefined;
    }
  }

  /** Ends the session on the appliance, as far as it can be reached, and the sockets. */
  async close(): Promise<void> {
    const token = await this.token?.catch(() => undefined);
    this.token = undefined;
    if (token !== undefined) {
      const headers = { authorization: `Bearer ${token}` };
      // A token that cannot be ended expires by itself.
      await this.client.POST('/auth/logout', { headers, signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    }
    await this.agent.destroy();
  }

  /** The login belongs to no caller: one that gives up must not take it from the others. */
  private currentToken(): Promise<string> {
    if (this.token) return this.token;
    const login = this.login();
    this.token = login;
    // A failed login is not kept. The rejection itself reaches whoever awaits it.
    login.catch(() => {
      if (this.token === login) this.token = undefined;
    });
    return login;
  }

  private async login(): Promise<string> {
    const { userName: username, password } = this.settings;
    const { data, error, response } = await this.client
      .POST('/auth/login', { body: { username, password } })
      .catch((error: unknown) => {
        // Signing in changes nothing: whatever cut it off, the request behind it was not sent.
        if (error instanceof Interruption) throw new Interruption('unavailable', error.message);
        throw error;
      });
    if (!response.ok) throw refusalOf(response.status, error, 'POST /auth/login');
    if (typeof data?.token !== 'string') throw new Interruption('unavailable', 'POST /auth/login: no token came');
    return data.token;
  }
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Interruption('unavailable', "POST /auth/login: the call's deadline passed"));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** An answer without a body that can be read is not the appliance's own: something before it spoke. */
function refusalOf(status: number, body: unknown, about: string): Refusal | never {
  const { code, message } = typeof body === 'object' && body !== null ? (body as Partial<NefSchemas['NefError']>) : {};
  if (typeof code !== 'string') throw new Interruption('unavailable', `${about}: ${status} without an error code`);
  return new Refusal(code, status, about, typeof message === 'string' ? message : '');
}

const named = ['path', 'targetPath', 'filesystem', 'datasetName', 'parent'] as const;

/**
 * The last look at every request, whatever code made it: it may name the datasets of the layout and nothing else on
 * the appliance, and the root only to read it.
 */
async function requireOwnPaths(request: Request, layout: Layout): Promise<undefined> {
  const { pathname, searchParams } = new URL(request.url);
  if (!/^\/(storage|nas|hpr)\//.test(pathname)) return undefined;
  const isRead = request.method === 'GET';
  const inPath = pathname.split('/')[3];
  const body: unknown = isRead || !request.body ? {} : await request.clone().json();
  const candidates = [
    ...(inPath === undefined ? [] : [decodeURIComponent(inPath)]),
    ...named.flatMap((name) => searchParams.get(name) ?? []),
    ...named.flatMap((name) =>
      typeof body === 'object' && body !== null && name in body ? [Reflect.get(body, name)] : [],
    ),
  ];
  const foreign = candidates.find((path) => typeof path !== 'string' || !layout.allows(path, isRead));
  if (foreign !== undefined) throw new Error(`Refused to send ${request.method} about ${JSON.stringify(foreign)}.`);
  return undefined;
}
