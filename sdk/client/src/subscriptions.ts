import { createClient as createSocketClient } from 'graphql-ws';
import { backoffMs, pause } from './backoff.ts';
import type { Client } from './client.ts';
import { ApiError, type ApiErrorCode } from './error.ts';
import { operationEventsDocument, type OperationEventsSubscription } from './operations.generated.ts';

export type OperationEvent = OperationEventsSubscription['operationEvents'];

export interface WatchOptions {
  /** Go on after this event (`Operation.eventCursor`); absent: from the first event. */
  after?: string;
  signal?: AbortSignal;
  /** A number that was skipped: never happens while the log is kept. */
  onGap?: (gap: { expected: number; received: number }) => void;
  /** Needed where there is no global WebSocket and the package `ws` cannot be loaded. */
  webSocketImpl?: unknown;
  /** The longest pause before connecting again. Default 30 s. */
  maxPauseMs?: number;
}

/**
 * Every event of an operation, once and in order, until it has finished. A lost connection is made anew for ever, with a
 * fresh token, and goes on after the last event seen; so it does where the gateway found that this reader is too slow.
 * @throws ApiError when the gateway ends the stream (`NOT_FOUND`, `CURSOR_EXPIRED`, …)
 */
export async function* watchOperation(
  client: Client,
  operationId: string,
  options: WatchOptions = {},
): AsyncGenerator<OperationEvent, void, undefined> {
  const { connection } = client;
  const pauseMs = (attempt: number) => backoffMs(attempt, 250, options.maxPauseMs ?? 30_000);
  let reason = 'connection lost';
  const socket = createSocketClient({
    url: connection.url.replace(/^http/, 'ws'),
    webSocketImpl: options.webSocketImpl ?? (await defaultWebSocket()),
    connectionParams: async () => ({ authorization: `Bearer ${await connection.token()}` }),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: async (attempt) => {
      connection.hooks.onReconnect?.({ attempt: attempt + 1, reason });
      await pause(pauseMs(attempt + 1));
    },
    on: {
      closed: (event) => {
        const { code, reason: text } = event as { code?: number; reason?: string };
        reason = `closed ${code ?? ''} ${text ?? ''}`.trim();
      },
    },
  });
  // graphql-ws writes this very object again when it connects again: moving `after` on resumes the stream.
  const payload = {
    query: operationEventsDocument.text,
    operationName: operationEventsDocument.name,
    variables: { operationId, after: options.after ?? null },
  };
  const stop = () => void socket.dispose();
  options.signal?.addEventListener('abort', stop, { once: true });
  let last = 0;
  /** How often in a row the stream ended in a way that passes before it had read anything new. */
  let slow = 0;
  async function* read(): AsyncGenerator<OperationEvent, void, undefined> {
    for await (const result of socket.iterate<OperationEventsSubscription>(payload)) {
      const [error] = result.errors ?? [];
      if (error) throw streamError(error);
      const event = result.data?.operationEvents;
      if (!event || event.sequence <= last) continue;
      if (last > 0 && event.sequence !== last + 1) options.onGap?.({ expected: last + 1, received: event.sequence });
      last = event.sequence;
      payload.variables.after = event.cursor;
      slow = 0;
      yield event;
    }
  }
  try {
    for (;;) {
      try {
        return yield* read();
      } catch (error) {
        if (options.signal?.aborted) throw options.signal.reason;
        const known = asApiError(error);
        if (!(known instanceof ApiError) || !passing.includes(known.code)) throw known;
        // What was sent before it has been read by now: the error's own cursor says nothing that `after` does not.
        slow += 1;
        connection.hooks.onReconnect?.({ attempt: slow, reason: known.code });
        await pause(pauseMs(slow), options.signal);
      }
    }
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await socket.dispose();
  }
}

/** Codes after which the same stream goes on where it ended: this reader was too slow, or the gateway could not read. */
const passing: readonly ApiErrorCode[] = ['SLOW_CONSUMER', 'BACKEND_UNAVAILABLE', 'BACKEND_TIMEOUT'];

interface GraphQlError {
  message: string;
  extensions?: Record<string, unknown>;
}

/** What ends a stream for good: errors of the gateway, or a close code after which coming back is of no use. */
function asApiError(error: unknown): unknown {
  if (Array.isArray(error) && error[0]) return streamError(error[0] as GraphQlError);
  if (error instanceof Error || typeof error !== 'object' || error === null || !('code' in error)) return error;
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  const text = typeof reason === 'string' && reason !== '' ? `: ${reason}` : '';
  return new ApiError(`The gateway closed the connection (${String(code)}${text}).`, {
    code: code === 4401 || code === 4403 ? 'UNAUTHENTICATED' : 'NETWORK',
    operationName: operationEventsDocument.name,
    retryable: false,
  });
}

function streamError(error: GraphQlError): ApiError {
  const { code, retryable, requestId } = error.extensions ?? {};
  return new ApiError(error.message, {
    code: typeof code === 'string' ? code : 'INTERNAL',
    operationName: operationEventsDocument.name,
    retryable: retryable === true,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  });
}

async function defaultWebSocket(): Promise<unknown> {
  // Browsers, and Node from 22 on, bring their own.
  if (typeof globalThis.WebSocket === 'function') return globalThis.WebSocket;
  return (await import('ws')).WebSocket;
}
