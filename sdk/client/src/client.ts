import { tokenSource, type Auth, type TokenSource } from './credentials.ts';
import type { TypedDocument } from './document.ts';
import * as documents from './operations.generated.ts';
import type * as types from './operations.generated.ts';
import { Pages, type Page } from './pages.ts';
import { httpTransport, type CallOptions, type ClientHooks, type RetryOptions } from './transport.ts';

export interface ClientOptions {
  /** The gateway's GraphQL endpoint: `https://api.example.net/graphql`. */
  url: string;
  auth: Auth;
  retry?: RetryOptions;
  hooks?: ClientHooks;
  /** Default: the global `fetch`. */
  fetch?: typeof fetch;
  /** Named in the provider's logs. */
  clientName?: string;
}

/** A mutation's input; its idempotency key is made here when the caller brings none, and kept over retries. */
export type InputOf<Variables> = Variables extends { input: infer Input }
  ? Omit<Input, 'idempotencyKey'> & { idempotencyKey?: string }
  : never;

export interface Connection {
  readonly url: string;
  readonly token: TokenSource;
  readonly hooks: ClientHooks;
}

export type Client = ReturnType<typeof createClient>;

/** One call is one request; lists fetch their pages as they are read. */
export function createClient(options: ClientOptions) {
  const fetcher = options.fetch ?? fetch;
  const hooks = options.hooks ?? {};
  const token = tokenSource(options.auth, fetcher);
  const retry = { retries: 2, baseMs: 500, capMs: 8000, ...options.retry };
  if (!Number.isInteger(retry.retries) || retry.retries < 0) throw new RangeError('retry.retries must be 0 or more.');
  const transport = httpTransport({
    url: options.url,
    token,
    fetch: fetcher,
    retry,
    hooks,
    clientName: options.clientName ?? 'bulkhead-sdk',
  });
  const connection: Connection = { url: options.url, token, hooks };

  function mutate<Result, Variables extends { input: object }>(document: TypedDocument<Result, Variables>) {
    return async (input: InputOf<Variables>, call?: CallOptions): Promise<Result> => {
      const keyed = { idempotencyKey: crypto.randomUUID(), ...(input as object) };
      // `Variables` is exactly `{ input }` for every mutation of the API (one input each).
      return transport.request(document, { input: keyed } as unknown as Variables, call);
    };
  }

  function list<
    Result,
    Variables extends { first?: number | null | undefined; after?: string | null | undefined },
    Item,
  >(document: TypedDocument<Result, Variables>, page: (result: Result) => Page<Item> | null | undefined) {
    return (variables: Omit<Variables, 'after'>, call?: CallOptions): Pages<Item> =>
      new Pages(async (after) =>
        page(await transport.request(document, { first: 50, ...variables, after } as unknown as Variables, call)),
      );
  }

  return {
    /** For `@bulkhead/sdk/subscriptions`. */
    connection,

    /** Any document of one's own, with its types. */
    request: <Result, Variables>(
      document: TypedDocument<Result, Variables>,
      variables: Variables,
      call?: CallOptions,
    ) => transport.request(document, variables, call),

    me: async (call?: CallOptions) => (await transport.request(documents.meDocument, {}, call)).me,
    listSites: async (call?: CallOptions) =>
      (await transport.request(documents.listSitesDocument, {}, call)).sites ?? [],
    listTargetPlans: async (variables: types.ListTargetPlansQueryVariables = {}, call?: CallOptions) =>
      (await transport.request(documents.listTargetPlansDocument, variables, call)).targetPlans ?? [],
    listOrganizations: list(documents.listOrganizationsDocument, (result) => result.organizations),
    listNetworks: list(documents.listNetworksDocument, (result) => result.networks),
    listReplicationTargets: list(documents.listReplicationTargetsDocument, (result) => result.replicationTargets),
    listProtectedVms: list(documents.listProtectedVmsDocument, (result) => result.protectedVms),

    /** Newest first, without their machines: `getFailover` has those. */
    listFailovers: list(documents.listFailoversDocument, (result) => result.failovers),

    getReplicationTarget: async (id: string, call?: CallOptions) =>
      (await transport.request(documents.getReplicationTargetDocument, { id }, call)).replicationTarget,
    getProtectedVm: async (id: string, call?: CallOptions) =>
      (await transport.request(documents.getProtectedVmDocument, { id }, call)).protectedVm,
    getOperation: async (id: string, call?: CallOptions) =>
      (await transport.request(documents.getOperationDocument, { id }, call)).operation,
    /** A check that was run by `runReadinessCheck`; its `report` is null until it has been made. */
    getReadinessCheck: async (id: string, call?: CallOptions) => {
      const { operation } = await transport.request(documents.getReadinessCheckDocument, { id }, call);
      return operation?.__typename === 'ReadinessCheck' ? operation : null;
    },
    getFailover: async (id: string, call?: CallOptions) =>
      (await transport.request(documents.getFailoverDocument, { id }, call)).failover,

    provisionReplicationTarget: payload(documents.provisionReplicationTargetDocument, 'provisionReplicationTarget'),
    deprovisionReplicationTarget: payload(
      documents.deprovisionReplicationTargetDocument,
      'deprovisionReplicationTarget',
    ),
    revealTargetCredential: payload(documents.revealTargetCredentialDocument, 'revealTargetCredential'),
    refreshProtectedVms: payload(documents.refreshProtectedVmsDocument, 'refreshProtectedVms'),
    runReadinessCheck: payload(documents.runReadinessCheckDocument, 'runReadinessCheck'),
    startFailover: payload(documents.startFailoverDocument, 'startFailover'),
    startTestFailover: payload(documents.startTestFailoverDocument, 'startTestFailover'),
    cleanUpTestFailover: payload(documents.cleanUpTestFailoverDocument, 'cleanUpTestFailover'),
    extendTestFailover: payload(documents.extendTestFailoverDocument, 'extendTestFailover'),
    commitFailover: payload(documents.commitFailoverDocument, 'commitFailover'),
    retryFailover: payload(documents.retryFailoverDocument, 'retryFailover'),
    skipVms: payload(documents.skipVmsDocument, 'skipVms'),
    undoFailover: payload(documents.undoFailoverDocument, 'undoFailover'),
    cancelFailover: payload(documents.cancelFailoverDocument, 'cancelFailover'),
    pauseFailover: payload(documents.pauseFailoverDocument, 'pauseFailover'),
    resumeFailover: payload(documents.resumeFailoverDocument, 'resumeFailover'),
  };

  /** A mutation that answers with its payload; `unwrap` turns refusals into errors. */
  function payload<Result, Variables extends { input: object }, Key extends keyof Result>(
    document: TypedDocument<Result, Variables>,
    key: Key,
  ) {
    const send = mutate(document);
    return async (input: InputOf<Variables>, call?: CallOptions): Promise<Result[Key]> =>
      (await send(input, call))[key];
  }
}
