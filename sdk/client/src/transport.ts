import { backoffMs, pause } from './backoff.ts';
import type { TokenSource } from './credentials.ts';
import type { TypedDocument } from './document.ts';
import { ApiError } from './error.ts';

export interface RetryOptions {
  /** Retries after the first attempt. Default 2. */
  retries?: number;
  /** Default 500. */
  baseMs?: number;
  /** Default 8000. */
  capMs?: number;
}

/** Called around each attempt; nothing is sent anywhere by default. */
export interface ClientHooks {
  onRequest?: (event: { operationName: string; attempt: number }) => void;
  onResponse?: (event: { operationName: string; attempt: number; status: number; durationMs: number }) => void;
  onRetry?: (event: { operationName: string; attempt: number; waitMs: number; error: ApiError }) => void;
  onReconnect?: (event: { attempt: number; reason: string }) => void;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** For the whole call, retries included. Default 30 s. */
  timeoutMs?: number;
}

export interface Transport {
  request<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    options?: CallOptions,
  ): Promise<Result>;
}

interface GraphQlAnswer {
  data?: unknown;
  errors?: {
    message: string;
    extensions?: { code?: string; requestId?: string; retryable?: boolean; retryAfterMs?: number };
  }[];
}

const retriedStatuses = new Set([429, 502, 503, 504]);

/** One call is one request. Retried are: no answer, 429, 502-504 and whatever the gateway itself calls retryable. */
export function httpTransport(options: {
  url: string;
  token: TokenSource;
  fetch: typeof fetch;
  retry: Required<RetryOptions>;
  hooks: ClientHooks;
  clientName: string;
}): Transport {
  return { request };

  async function request<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    call: CallOptions = {},
  ): Promise<Result> {
    const deadline = AbortSignal.timeout(call.timeoutMs ?? 30_000);
    const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;
    // A mutation is repeated only when it names itself: then the gateway answers with what the first one did.
    const mayRepeat = document.kind === 'query' || hasIdempotencyKey(variables);
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(document, variables, attempt, signal, renewed);
      } catch (error) {
        if (!(error instanceof ApiError) || signal.aborted) throw error;
        if (error.code === 'UNAUTHENTICATED' && !renewed) {
          renewed = true;
          continue;
        }
        if (!mayRepeat || !error.retryable || attempt > options.retry.retries) throw error;
        const waitMs = error.retryAfterMs ?? backoffMs(attempt, options.retry.baseMs, options.retry.capMs);
        options.hooks.onRetry?.({ operationName: document.name, attempt, waitMs, error });
        await pause(waitMs, signal);
      }
    }
  }

  async function once<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    attempt: number,
    signal: AbortSignal,
    fresh: boolean,
  ): Promise<Result> {
    const token = await options.token({ fresh });
    const started = Date.now();
    options.hooks.onRequest?.({ operationName: document.name, attempt });
    let response: Response;
    try {
      response = await options.fetch(options.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          authorization: `Bearer ${token}`,
          'x-client-name': options.clientName,
        },
        body: JSON.stringify({ query: document.text, operationName: document.name, variables }),
        signal,
      });
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new ApiError(`${document.name}: the gateway could not be reached.`, {
        code: 'NETWORK',
        operationName: document.name,
        retryable: true,
        cause,
      });
    }
    options.hooks.onResponse?.({
      operationName: document.name,
      attempt,
      status: response.status,
      durationMs: Date.now() - started,
    });
    return read(document, response);
  }

  async function read<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    response: Response,
  ): Promise<Result> {
    const requestId = response.headers.get('x-request-id') ?? undefined;
    const retryAfter = Number(response.headers.get('retry-after'));
    const retryAfterMs = retryAfter > 0 ? retryAfter * 1000 : undefined;
    const answer = (await response.json().catch(() => null)) as GraphQlAnswer | null;
    const [first] = answer?.errors ?? [];
    if (first) {
      throw new ApiError(first.message, {
        code: first.extensions?.code ?? 'INTERNAL',
        operationName: document.name,
        retryable: first.extensions?.retryable ?? retriedStatuses.has(response.status),
        requestId: first.extensions?.requestId ?? requestId,
        retryAfterMs: first.extensions?.retryAfterMs ?? retryAfterMs,
        data: answer?.data,
      });
    }
    if (!response.ok || !answer || answer.data === undefined || answer.data === null) {
      throw new ApiError(`${document.name}: the gateway answered ${response.status} without a result.`, {
        code: response.status === 401 ? 'UNAUTHENTICATED' : 'NETWORK',
        operationName: document.name,
        retryable: retriedStatuses.has(response.status),
        requestId,
        retryAfterMs,
      });
    }
    // The schema that the types were made from is the one that the gateway serves.
    return answer.data as Result;
  }
}

function hasIdempotencyKey(variables: unknown): boolean {
  const input = (variables as { input?: { idempotencyKey?: unknown } } | null)?.input;
  return typeof input?.idempotencyKey === 'string';
}
