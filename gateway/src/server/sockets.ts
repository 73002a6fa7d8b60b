import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PluginLog } from '@bulkhead/plugin-sdk';
import {
  getOperationAST,
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { bearerToken } from '../access/compact-token.ts';
import type { TenantScope } from '../access/scope.ts';
import type { GatewayContext, GatewayServices } from '../graphql/context.ts';
import { formatRequestError } from './error-format.ts';
import { groupedSubscribe } from './grouped-subscribe.ts';
import { checkCost, documentLimits, limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { requestIdOf, scopeOf, type SignIn } from './request-scope.ts';

export interface SocketOptions {
  path: string;
  allowedOrigins: readonly string[];
  schema: GraphQLSchema;
  signIn: SignIn;
  services: GatewayServices;
  metrics: Metrics;
  log: PluginLog;
}

const initTimeoutMs = 3_000;
const pingMs = 12_000;
const operationsPerSocket = 50;
/** The client's library connects again after this one, and takes 4401 for final. */
const tokenEnded = 4403;
const goElsewhere = 1012;

interface Extra {
  socket: WebSocket;
  request: IncomingMessage;
}

/** What a socket carries once it has signed in. */
interface SignedIn {
  scope: TenantScope;
  requestId: string;
  endTimer: NodeJS.Timeout;
  open: Set<string>;
}

/** Subscriptions (and everything else) over graphql-transport-ws, on the port of the HTTP server. */
export function serveSockets(server: Server, options: SocketOptions): { close(): Promise<void> } {
  const { schema, signIn, services, metrics, log } = options;
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 });
  const signedIn = new WeakMap<WebSocket, SignedIn>();
  const documents = new Map<string, DocumentNode>();
  const aborts = new WeakMap<GatewayContext, AbortController>();
  const subscribe = groupedSubscribe(metrics, (context) => () => aborts.get(context)?.abort());

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const { origin } = request.headers;
    const isForeign = origin !== undefined && !options.allowedOrigins.includes(origin);
    if (pathname !== options.path || isForeign) {
      socket.end(`HTTP/1.1 ${isForeign ? '403 Forbidden' : '404 Not Found'}\r\nconnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request));
  };
  server.on('upgrade', onUpgrade);
  sockets.on('connection', (socket) => {
    metrics.sockets.inc();
    socket.once('close', () => {
      metrics.sockets.dec();
      clearTimeout(signedIn.get(socket)?.endTimer);
    });
  });

  const authenticate = async (socket: WebSocket, request: IncomingMessage, authorization: unknown) => {
    const token = bearerToken(typeof authorization === 'string' ? authorization : undefined);
    const scope = await scopeOf(signIn, token);
    const before = signedIn.get(socket);
    clearTimeout(before?.endTimer);
    const state: SignedIn = {
      scope,
      requestId: before?.requestId ?? requestIdOf(request.headers['x-request-id']),
      endTimer: endAt(socket, scope.principal.expiresAt),
      open: before?.open ?? new Set(),
    };
    signedIn.set(socket, state);
    return { state, before };
  };

  const format = (error: GraphQLFormattedError, original: unknown, requestId: string) =>
    formatRequestError(error, original, requestId, log);

  const cleanup = useServer<Record<string, unknown>, Extra>(
    {
      schema,
      connectionInitWaitTimeout: initTimeoutMs,
      // A token that is not accepted is no reason to come back with the same one, but a new one may be.
      onConnect: async ({ connectionParams, extra }) => {
        try {
          await authenticate(extra.socket, extra.request, connectionParams?.['authorization']);
          return true;
        } catch (error) {
          log.debug({ error: String(error) }, 'A socket did not sign in.');
          return false;
        }
      },
      onSubscribe: (context, id, payload) => {
        const state = signedIn.get(context.extra.socket);
        if (!state) return [new GraphQLError('Sign in first.')];
        const refuse = (error: unknown) => [asGraphQlError(format({ message: 'Refused.' }, error, state.requestId))];
        try {
          if (state.open.size >= operationsPerSocket) {
            throw new GraphQLError(`A socket carries at most ${operationsPerSocket} operations.`, {
              extensions: { code: 'RATE_LIMITED' },
            });
          }
          const document = parsed(documents, payload.query);
          const errors = validate(schema, document, [...specifiedRules, documentLimits], { maxErrors: 10 });
          if (errors.length > 0) {
            return errors.map((error) =>
              asGraphQlError(
                format(
                  { message: error.message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
                  error,
                  state.requestId,
                ),
              ),
            );
          }
          const operationName = payload.operationName ?? undefined;
          if (!getOperationAST(document, operationName))
            throw new GraphQLError('Name one operation of the document.', { extensions: { code: 'BAD_USER_INPUT' } });
          checkCost({ schema, document, operationName, variables: payload.variables });
          state.open.add(id);
          return executionArgs(state, document);
        } catch (error) {
          return refuse(error);
        }
      },
      subscribe,
      onNext: (context, _id, _payload, _args, result) => {
        const state = signedIn.get(context.extra.socket);
        if (!state || !result.errors) return result;
        return { ...result, errors: result.errors.map((error) => format(asFormatted(error), error, state.requestId)) };
      },
      onError: (context, _id, _payload, errors) => {
        const requestId = signedIn.get(context.extra.socket)?.requestId ?? 'unknown';
        return errors.map((error) =>
          error instanceof GraphQLError && !('requestId' in error.extensions)
            ? format(asFormatted(error), error, requestId)
            : asFormatted(error),
        );
      },
      onComplete: (context, id) => {
        signedIn.get(context.extra.socket)?.open.delete(id);
      },
    },
    sockets,
    pingMs,
  );

  // A client may bring a new token without losing its subscriptions: a ping that carries one.
  sockets.on('connection', (socket, request: IncomingMessage) => {
    socket.on('message', (data) => {
      const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
      if (!text.includes('"ping"') || !text.includes('authorization')) return;
      void renew(socket, request, text);
    });
  });

  async function renew(socket: WebSocket, request: IncomingMessage, text: string): Promise<void> {
    try {
      const message = JSON.parse(text) as { type?: unknown; payload?: { authorization?: unknown } };
      if (message.type !== 'ping' || !signedIn.has(socket)) return;
      const { state, before } = await authenticate(socket, request, message.payload?.authorization);
      // Other rights are other subscriptions: the client comes back and asks again.
      if (before && before.scope.key !== state.scope.key) socket.close(tokenEnded, 'Forbidden');
    } catch {
      socket.close(tokenEnded, 'Forbidden');
    }
  }

  function executionArgs(
    state: SignedIn,
    document: DocumentNode,
    _query: string,
  ): Omit<ExecutionArgs, 'operationName'> {
    const controller = new AbortController();
    const contextValue: GatewayContext = {
      scope: state.scope,
      requestId: state.requestId,
      clientId: state.scope.principal.clientId,
      signal: controller.signal,
      gateway: services,
    };
    aborts.set(contextValue, controller);
    return { schema, document, contextValue };
  }

  return {
    async close() {
      server.off('upgrade', onUpgrade);
      for (const client of sockets.clients) client.close(goElsewhere, 'Service Restart');
      await cleanup.dispose();
    },
  };

  function endAt(socket: WebSocket, moment: Date): NodeJS.Timeout {
    // A timer holds at most 2^31 ms.
    const ms = Math.min(Math.max(0, moment.getTime() - Date.now()), 2_147_483_647);
    return setTimeout(() => socket.close(tokenEnded, 'Forbidden'), ms).unref();
  }
}

function parsed(documents: Map<string, DocumentNode>, query: string): DocumentNode {
  const known = documents.get(query);
  if (known) return known;
  const document = parse(query, { maxTokens: limits.tokens });
  documents.set(query, document);
  const oldest = documents.size > 500 ? documents.keys().next().value : undefined;
  if (oldest !== undefined) documents.delete(oldest);
  return document;
}

function asFormatted(error: GraphQLError | GraphQLFormattedError): GraphQLFormattedError {
  return error instanceof GraphQLError ? error.toJSON() : error;
}

function asGraphQlError(formatted: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(formatted.message, { extensions: formatted.extensions ?? null });
}
