import { ApolloServer, HeaderMap, type ApolloServerPlugin, type GraphQLResponse } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import type { PluginLog } from '@bulkhead/plugin-sdk';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { OperationTypeNode, type GraphQLSchema } from 'graphql';
import { bearerToken } from '../access/compact-token.ts';
import { RequestError, TokenError } from '../access/errors.ts';
import type { GatewayContext, GatewayServices } from '../graphql/context.ts';
import { requestDeadlineMs, startDeadline, type Deadline } from './deadline.ts';
import { startSpan } from '../tracing.ts';
import { formatRequestError } from './error-format.ts';
import { checkCost, documentLimits, limits } from './limits.ts';
import { makeMetrics } from './metrics.ts';
import { requestIdOf, scopeOf, type SignIn } from './request-scope.ts';
import { serveSockets } from './sockets.ts';

export interface ServerOptions {
  host: string;
  port: number;
  allowedOrigins: readonly string[];
  schema: GraphQLSchema;
  signIn: SignIn;
  services: GatewayServices;
  log: PluginLog;
  /** What stands between this process and serving, in words; empty when nothing does. */
  readiness(): Promise<string[]>;
  /** How long a request may take; for tests. */
  requestDeadlineMs?: number;
}

export interface RunningServer {
  /** `http://127.0.0.1:4000/graphql` */
  url: string;
  /** Lets requests end, then closes. Sockets are told to come back elsewhere. */
  close(): Promise<void>;
}

const path = '/graphql';

/** GraphQL over HTTP and WebSocket on one port, with health, readiness and metrics beside it. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { schema, signIn, services, log } = options;
  const deadlineMs = options.requestDeadlineMs ?? requestDeadlineMs;
  const metrics = makeMetrics();
  const app = fastify({ bodyLimit: limits.bodyBytes, forceCloseConnections: 'idle', trustProxy: false });
  const requestIds = new WeakMap<FastifyRequest, string>();
  const idOf = (request: FastifyRequest) => requestIds.get(request) ?? 'unknown';

  app.addHook('onRequest', async (request, reply) => {
    const id = requestIdOf(request.headers['x-request-id']);
    requestIds.set(request, id);
    reply.header('x-request-id', id);
    reply.header('cache-control', 'no-store');
    allowOrigin(request, reply, options.allowedOrigins);
  });
  app.options('/*', async (_request, reply) => reply.code(204).send());
  app.setErrorHandler((error, request, reply) => answerError(error, reply, idOf(request), log));
  // JSON is all that we read; fastify would also take plain text.
  app.removeContentTypeParser('text/plain');
  app.setNotFoundHandler((request, reply) => {
    const isOurs = request.url.split('?')[0] === path;
    if (isOurs) reply.header('allow', 'GET, POST');
    const error = isOurs
      ? Object.assign(new RequestError('BAD_USER_INPUT', 'Use POST, or GET for queries.'), { statusCode: 405 })
      : new RequestError('NOT_FOUND', `There is nothing here. The API is at ${path}.`);
    return answerError(error, reply, idOf(request), log);
  });

  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const findings = await options.readiness();
    return reply
      .code(findings.length === 0 ? 200 : 503)
      .send({ status: findings.length === 0 ? 'ready' : 'not ready', findings });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.registry.contentType).send(await metrics.registry.metrics()),
  );

  const errorIds = new WeakMap<object, string>();
  const apollo = new ApolloServer<GatewayContext>({
    schema,
    // Sign-in comes first, so introspection is for whoever is signed in.
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    validationRules: [documentLimits],
    validationOptions: { maxErrors: limits.reportedErrors },
    executionOptions: { maxCoercionErrors: limits.reportedErrors },
    parseOptions: { maxTokens: limits.tokens },
    // It is not told which request it formats for; `requestPlugin` has met the error before.
    formatError: (formatted, error) =>
      formatRequestError(formatted, error, errorIds.get(Object(error)) ?? notYetKnown, log),
    logger: apolloLog(log),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      fastifyApolloDrainPlugin(app),
      requestPlugin(schema, metrics, errorIds, log),
    ],
  });
  await apollo.start();
  const requests = new WeakMap<FastifyRequest, { context: GatewayContext; deadline: Deadline }>();
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const found = requests.get(request);
    if (!found) throw new TokenError('MISSING', 'the request has no context');
    const answer = apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: headersOf(request),
        search: new URL(request.url, 'http://localhost').search,
        body: request.body,
      },
      context: async () => found.context,
    });
    const { status, headers, body } = await found.deadline.race(answer);
    for (const [name, value] of headers) reply.header(name, value);
    // Without `@defer` in the schema every answer is whole.
    if (body.kind !== 'complete') throw new Error('The answer came in parts.');
    // An answer without a status of its own came out of a request that Apollo knew as one.
    return reply
      .code(status ?? 200)
      .send(status === undefined ? body.string : withRequestId(body.string, idOf(request)));
  };
  app.route({
    method: ['GET', 'POST'],
    url: path,
    // Without a token there is no further look at the request, not even at its body.
    onRequest: async (request, reply) => {
      const token = bearerToken(request.headers.authorization);
      const scope = await scopeOf(signIn, token);
      const deadline = startDeadline(deadlineMs);
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) deadline.abort();
      });
      const context: GatewayContext = {
        scope,
        requestId: idOf(request),
        clientId: scope.principal.clientId,
        signal: deadline.signal,
        remoteAddress: request.ip,
        gateway: services,
      };
      requests.set(request, { context, deadline });
    },
    handler,
  });

  const sockets = serveSockets(app.server, { ...options, path, metrics, requestDeadlineMs: deadlineMs });
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  // A TCP server's address is never a string.
  const port = typeof address === 'object' && address ? address.port : options.port;
  return {
    url: `http://${options.host}:${port}${path}`,
    async close() {
      await sockets.close();
      await apollo.stop();
      await app.close();
    },
  };
}

/** For an error of what was no GraphQL request: nothing of ours has met it before it is formatted. */
const notYetKnown = 'unknown';
const unknownId = JSON.stringify({ requestId: notYetKnown }).slice(1, -1);

/** In JSON these very characters are the entry itself: inside a text its quotes would be escaped. */
function withRequestId(json: string, requestId: string): string {
  return json.replaceAll(unknownId, JSON.stringify({ requestId }).slice(1, -1));
}

function headersOf({ headers }: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}

function requestPlugin(
  schema: GraphQLSchema,
  metrics: ReturnType<typeof makeMetrics>,
  errorIds: WeakMap<object, string>,
  log: PluginLog,
): ApolloServerPlugin<GatewayContext> {
  return {
    async unexpectedErrorProcessingRequest({ requestContext, error }) {
      // What Apollo goes on with is an error of its own, which tells neither the request nor the cause.
      log.error(
        { requestId: requestContext.contextValue.requestId, error: error.name },
        'A hook of the server failed.',
      );
    },
    async requestDidStart({ contextValue }) {
      const started = process.hrtime.bigint();
      const span = startSpan('graphql', { 'bulkhead.request': contextValue.requestId });
      return {
        async didResolveOperation({ document, operationName, request, operation }) {
          if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
            throw new RequestError(
              'BAD_USER_INPUT',
              'Subscriptions are served over a WebSocket (graphql-transport-ws) at this address.',
            );
          }
          checkCost({ schema, document, operationName, variables: request.variables });
        },
        async didEncounterErrors({ errors }) {
          for (const error of errors) errorIds.set(error, contextValue.requestId);
        },
        async willSendResponse({ response, operation, errors }) {
          const kind = operation?.operation ?? 'unknown';
          span.updateName(`graphql ${kind} ${operation?.name?.value ?? ''}`.trim());
          span.end();
          metrics.duration.observe({ operation: kind }, Number(process.hrtime.bigint() - started) / 1e9);
          metrics.requests.inc({ operation: kind, code: errors?.length ? 'error' : 'ok' });
          const status = errors?.length ? refusalStatus(response.body, response.http.status) : undefined;
          if (status !== undefined) response.http.status = status;
        },
      };
    },
  };
}

/** The status of a request that was refused as a whole. With data beside the error, it was answered. */
function refusalStatus(body: GraphQLResponse['body'], stated: number | undefined): number | undefined {
  if (body.kind !== 'single') return undefined;
  const { data, errors } = body.singleResult;
  if (data !== undefined && data !== null) return undefined;
  const code = String(errors?.[0]?.extensions?.['code']);
  // Without `data` it was refused before it was executed, which is the caller's mistake unless another word says more.
  const isStated = stated !== undefined && stated >= 400 && stated < 500;
  return statusOf(code) ?? (data === undefined && code !== 'INTERNAL' && !isStated ? 400 : undefined);
}

/** Request errors that HTTP has a word of its own for (api.md C6); everything else keeps GraphQL's status. */
function statusOf(code: string): number | undefined {
  switch (code) {
    case 'UNAUTHENTICATED':
      return 401;
    case 'FORBIDDEN':
      return 403;
    case 'RATE_LIMITED':
      return 429;
    case 'BACKEND_UNAVAILABLE':
      return 503;
    case 'BACKEND_TIMEOUT':
      return 504;
    default:
      return undefined;
  }
}

function answerError(error: unknown, reply: FastifyReply, requestId: string, log: PluginLog) {
  const known = error instanceof RequestError ? error : asRequestError(error);
  const formatted = formatRequestError({ message: '' }, known ?? error, requestId, log);
  const code = String(formatted.extensions?.code);
  if (code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer error="invalid_token"');
  const retryAfterMs = known?.retryAfterMs;
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  const stated = (error as { statusCode?: unknown } | null)?.statusCode;
  const fallback = code === 'NOT_FOUND' ? 404 : code === 'INTERNAL' ? 500 : 400;
  const status = statusOf(code) ?? (typeof stated === 'number' && stated < 500 ? stated : fallback);
  return reply.code(status).send({ errors: [formatted] });
}

/** fastify's own refusals: a body too large, not JSON, of another type. */
function asRequestError(error: unknown): RequestError | undefined {
  const { statusCode, code } = (error ?? {}) as { statusCode?: unknown; code?: unknown };
  if (typeof statusCode !== 'number' || statusCode >= 500) return undefined;
  const texts: Readonly<Record<string, string>> = {
    FST_ERR_CTP_BODY_TOO_LARGE: `The body is larger than ${limits.bodyBytes / 1024} KiB.`,
    FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send the request as application/json.',
    FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not JSON.',
    FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty.',
  };
  return new RequestError('BAD_USER_INPUT', texts[String(code)] ?? 'The request could not be read.');
}

/** Apollo's own words may hold an error's text, so only that there was one goes on. */
function apolloLog(log: PluginLog) {
  const silent = () => undefined;
  const say = (level: 'warn' | 'error') => () => log[level]({}, 'The GraphQL server reported a fault of its own.');
  return { debug: silent, info: silent, warn: say('warn'), error: say('error') };
}

function allowOrigin(request: FastifyRequest, reply: FastifyReply, allowed: readonly string[]): void {
  const { origin } = request.headers;
  if (origin === undefined || !allowed.includes(origin)) return;
  reply.header('access-control-allow-origin', origin).header('vary', 'origin');
  reply.header('access-control-allow-headers', 'authorization, content-type, x-request-id');
  reply.header('access-control-allow-methods', 'GET, POST').header('access-control-expose-headers', 'x-request-id');
}
