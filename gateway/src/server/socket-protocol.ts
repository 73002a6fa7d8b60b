import type { IncomingMessage } from 'node:http';
import type { PluginLog } from '@bulkhead/plugin-sdk';
import {
  execute,
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { makeServer } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { bearerToken } from '../access/compact-token.ts';
import { RequestError } from '../access/errors.ts';
import type { TenantScope } from '../access/scope.ts';
import type { GatewayContext, GatewayServices } from '../graphql/context.ts';
import { startDeadline, type Deadline } from './deadline.ts';
import { formatRequestError } from './error-format.ts';
import { groupedSubscribe } from './grouped-subscribe.ts';
import { checkCost, documentLimits, limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { lastingScopeOf, requestIdOf, type SignIn } from './request-scope.ts';

export interface SocketProtocolOptions {
  schema: GraphQLSchema;
  signIn: SignIn;
  services: GatewayServices;
  metrics: Metrics;
  requestDeadlineMs: number;
  log: PluginLog;
}

const initTimeoutMs = 3_000;
const operationsPerSocket = 50;
const rememberedDocuments = 500;
/** The client's library connects again after this one, and takes 4401 for final. */
const tokenEnded = 4403;

interface Extra {
  socket: WebSocket;
  request: IncomingMessage;
}

/** What a socket carries once it has signed in. */
interface SignedIn {
  scope: TenantScope;
  requestId: string;
  endTimer: NodeJS.Timeout | undefined;
}

/** One running operation of a socket. */
interface Run {
  id: string;
  deadline: Deadline;
  socket: WebSocket;
}

/** graphql-transport-ws with our sign-in, limits and errors. */
export function socketProtocol(options: SocketProtocolOptions) {
  const { schema, signIn, services, metrics, log } = options;
  const signedIn = new WeakMap<WebSocket, SignedIn>();
  const running = new WeakMap<WebSocket, number>();
  const runs = new WeakMap<GatewayContext, Run>();
  /** Those that passed validation, by their text. */
  const documents = new Map<string, DocumentNode>();

  const count = (socket: WebSocket, by: number) => running.set(socket, (running.get(socket) ?? 0) + by);
  const end = (context: GatewayContext) => {
    const run = runs.get(context);
    if (run && runs.delete(context)) count(run.socket, -1);
  };
  const subscribe = groupedSubscribe({
    metrics,
    subscriberOf: (context) => {
      const run = runs.get(context);
      if (!run) throw new Error('A subscription has no socket.');
      return { send: sender(run), abort: () => run.deadline.abort(), left: () => end(context) };
    },
  });

  async function authenticate(socket: WebSocket, request: IncomingMessage, authorization: unknown) {
    const scope = await lastingScopeOf(signIn, bearerToken(authorization));
    const before = signedIn.get(socket);
    clearTimeout(before?.endTimer);
    const isOpen = socket.readyState === socket.OPEN;
    const endTimer = isOpen ? endAt(socket, scope.principal.expiresAt) : undefined;
    const requestId = before?.requestId ?? requestIdOf(request.headers['x-request-id']);
    signedIn.set(socket, { scope, requestId, endTimer });
    return { scope, before };
  }

  const format = (error: unknown, requestId: string, stated?: GraphQLFormattedError) =>
    formatRequestError(stated ?? formattedOf(error), error, requestId, log);
  const idOf = (socket: WebSocket) => signedIn.get(socket)?.requestId ?? 'unknown';

  /** The document, parsed and validated as over HTTP. */
  function documentOf(query: string): DocumentNode | readonly GraphQLError[] {
    const known = documents.get(query);
    if (known) return known;
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: limits.tokens });
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
    const errors = validate(schema, document, [...specifiedRules, documentLimits], {
      maxErrors: limits.reportedErrors,
    });
    if (errors.length > 0) return errors;
    documents.set(query, document);
    const oldest = documents.size > rememberedDocuments ? documents.keys().next().value : undefined;
    if (oldest !== undefined) documents.delete(oldest);
    return document;
  }

  const server = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: initTimeoutMs,
    // A token that is not accepted is no reason to come back with the same one, but a new one may be.
    onConnect: async ({ connectionParams, extra }) => {
      try {
        await authenticate(extra.socket, extra.request, connectionParams?.['authorization']);
        return true;
      } catch (error) {
        log.debug({ reason: error instanceof RequestError ? error.detail : 'unknown' }, 'A socket did not sign in.');
        return false;
      }
    },
    onSubscribe: ({ extra: { socket, request } }, id, { query, operationName, variables }) => {
      const requestId = idOf(socket);
      const refuse = (error: unknown, code?: string) =>
        asGraphQlError(
          format(error, requestId, code === undefined ? undefined : { ...formattedOf(error), extensions: { code } }),
        );
      try {
        const state = signedIn.get(socket);
        if (!state) throw new RequestError('UNAUTHENTICATED', 'Sign in first.');
        if ((running.get(socket) ?? 0) >= operationsPerSocket) {
          throw new RequestError('RATE_LIMITED', `A socket carries at most ${operationsPerSocket} operations.`);
        }
        const document = documentOf(query);
        if (!('kind' in document)) return document.map((error) => refuse(error, 'GRAPHQL_VALIDATION_FAILED'));
        checkCost({ schema, document, operationName, variables });
        const deadline = startDeadline(options.requestDeadlineMs);
        const contextValue = contextOf(state, request, deadline);
        runs.set(contextValue, { id, deadline, socket });
        count(socket, 1);
        return {
          schema,
          document,
          operationName: operationName ?? null,
          variableValues: variables ?? null,
          contextValue,
        };
      } catch (error) {
        return [refuse(error)];
      }
    },
    execute: async (args) => {
      // `onSubscribe` made the context.
      const context = args.contextValue as GatewayContext;
      try {
        const work = Promise.resolve(execute(args));
        return await (runs.get(context)?.deadline.race(work) ?? work);
      } catch (error) {
        // As HTTP answers it: one error, no data.
        const original = error instanceof Error ? error : new Error('The execution failed.');
        return { errors: [new GraphQLError(original.message, { originalError: original })] };
      } finally {
        end(context);
      }
    },
    subscribe: async (args) => {
      try {
        return await subscribe(args);
      } catch (error) {
        // An operation that could not start is answered like any other refusal, not by closing the socket.
        const original = error instanceof Error ? error : new Error('The subscription failed.');
        return { errors: [new GraphQLError(original.message, { originalError: original })] };
      }
    },
    onNext: ({ extra }, _id, _payload, _args, result) => {
      if (!result.errors) return;
      const requestId = idOf(extra.socket);
      const errors = result.errors.map((error) => format(error, requestId));
      return { ...(result.data === undefined ? {} : { data: result.data }), errors };
    },
    onError: ({ extra }, _id, _payload, errors) => {
      const requestId = idOf(extra.socket);
      // `onSubscribe` has formatted its own already.
      return errors.map((error) => (refused.has(error) ? formattedOf(error) : format(error, requestId)));
    },
    onClose: ({ extra }) => clearTimeout(signedIn.get(extra.socket)?.endTimer),
  });

  const refused = new WeakSet<GraphQLError>();
  function asGraphQlError({ message, extensions, locations }: GraphQLFormattedError): GraphQLError {
    const error = new GraphQLError(message, { extensions: extensions ?? null });
    // Without its source an error keeps no place in the text; what the caller learns is kept as it was formatted.
    if (locations) Object.defineProperty(error, 'locations', { value: locations, enumerable: true });
    refused.add(error);
    return error;
  }

  function contextOf({ scope, requestId }: SignedIn, request: IncomingMessage, { signal }: Deadline): GatewayContext {
    const { remoteAddress } = request.socket;
    const { clientId } = scope.principal;
    const address = remoteAddress === undefined ? {} : { remoteAddress };
    return { scope, requestId, clientId, signal, ...address, gateway: services };
  }

  function endAt(socket: WebSocket, moment: Date): NodeJS.Timeout {
    // A timer holds at most 2^31 ms.
    const ms = Math.min(Math.max(0, moment.getTime() - Date.now()), 2_147_483_647);
    return setTimeout(() => socket.close(tokenEnded, 'Forbidden'), ms).unref();
  }

  return {
    opened: server.opened.bind(server),

    /** A client brings a new token without losing its subscriptions. */
    async renew(socket: WebSocket, request: IncomingMessage, authorization: unknown): Promise<void> {
      if (!signedIn.has(socket)) return;
      try {
        const { scope, before } = await authenticate(socket, request, authorization);
        // Other rights are other subscriptions: the client comes back and asks again.
        if (before && before.scope.key !== scope.key) socket.close(tokenEnded, 'Forbidden');
      } catch {
        socket.close(tokenEnded, 'Forbidden');
      }
    },
  };
}

/** Writes what graphql-ws would write for a result, from a text that many subscribers share. */
function sender({ id, socket }: Run): (body: string) => Promise<void> | undefined {
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  let [sent, taken] = [0, 0];
  let wake = () => undefined as void;
  // Called for each one in turn, and with an error when the socket closes, which ends everything on it.
  const onTaken = () => {
    taken += 1;
    if (taken === sent) wake();
  };
  return (body) => {
    if (socket.readyState !== socket.OPEN) return undefined;
    sent += 1;
    socket.send(`${head}${body}}`, onTaken);
    // The usual case: the kernel has it already.
    if (socket.bufferedAmount === 0) return undefined;
    return new Promise((resolve) => {
      wake = resolve;
    });
  };
}

function formattedOf(error: unknown): GraphQLFormattedError {
  return error instanceof GraphQLError ? error.toJSON() : { message: 'Refused.' };
}
