import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { HostCertificate } from '../certificate.ts';
import type { Faults, FaultRule } from '../faults.ts';
import type { Journal } from '../journal.ts';
import { routes } from './api.ts';
import type { Jobs } from './jobs.ts';
import { isNefCode, NefFault } from './nef-fault.ts';
import { body } from './requests.ts';
import { findRoute, type Effect, type NodeView, type UnreadRequest } from './routes.ts';
import type { Tokens } from './tokens.ts';

export interface NodeOptions {
  address: string;
  port: number;
  certificate: HostCertificate;
  faults: Faults;
  journal: Journal;
  tokens: Tokens;
  jobs: Jobs;
  view(): NodeView;
  /** Whether the next accepted change is answered with 202 and a job. */
  isNextAJob(): boolean;
}

interface Reply {
  status: number;
  body?: Record<string, unknown>;
  location?: string;
}

/** One node's management interface: HTTPS, JSON, bearer tokens. */
export interface Node {
  address: string;
  url: string;
  certificate: HostCertificate;
  tokens: Tokens;
  jobs: Jobs;
  readonly isUp: boolean;
  up(): Promise<void>;
  down(): Promise<void>;
}

export function makeNode(options: NodeOptions): Node {
  const { address, certificate, tokens, jobs } = options;
  let server: Server | undefined;
  let { port } = options;
  return {
    address,
    certificate,
    tokens,
    jobs,
    get url() {
      return `https://${address}:${port}`;
    },
    get isUp() {
      return server !== undefined;
    },
    async up() {
      if (server) return;
      const listening = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
        void answer(options, request, response);
      });
      await new Promise<void>((resolve, reject) => {
        listening.once('error', reject);
        listening.listen({ host: address, port }, resolve);
      });
      const bound = listening.address();
      if (bound !== null && typeof bound === 'object') port = bound.port;
      server = listening;
    },
    async down() {
      const closing = server;
      server = undefined;
      if (!closing) return;
      const closed = new Promise<void>((resolve) => closing.close(() => resolve()));
      closing.closeAllConnections();
      await closed;
    },
  };
}

async function answer(node: NodeOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname: path, search } = new URL(request.url ?? '/', 'https://node');
  const method = request.method ?? 'GET';
  try {
    const sent = await readBody(request);
    const reply = await serve(node, { method, path, search, authorization: request.headers.authorization, sent });
    if (reply === 'hang') return;
    if (reply === 'cut') {
      request.socket.destroy();
      return;
    }
    write(response, reply);
  } catch (error) {
    if (error instanceof NefFault) write(response, { status: error.status, body: error.body });
    else write(response, { status: 500, body: { name: 'Error', code: 'EFAILED', message: String(error) } });
  }
}

interface Request {
  method: string;
  path: string;
  search: string;
  authorization: string | undefined;
  sent: unknown;
}

async function serve(node: NodeOptions, request: Request): Promise<Reply | 'hang' | 'cut'> {
  const { call, about, prepare } = resolve(node, request);
  const before = await disturb(node.faults.match('nexentastor', call, 'before', about));
  if (before) return before;
  const reply = prepare();
  const after = await disturb(node.faults.match('nexentastor', call, 'after', about));
  return after ?? reply;
}

/** Names the call, and what it is about, before anything is done: fault rules need both. */
function resolve(node: NodeOptions, request: Request): { call: string; about: string; prepare: () => Reply } {
  const { method, path, search, authorization, sent } = request;
  if (method === 'POST' && path === '/auth/login') {
    return { call: 'POST /auth/login', about: '', prepare: () => login(node, sent) };
  }
  const userName = node.tokens.requireUser(authorization);
  if (method === 'POST' && path === '/auth/logout') {
    const prepare = () => (node.tokens.revoke(authorization), { status: 200 });
    return { call: 'POST /auth/logout', about: '', prepare };
  }
  const job = /^\/jobStatus\/([^/]+)$/.exec(path)?.[1];
  if (method === 'GET' && job !== undefined) {
    return { call: 'GET /jobStatus/{jobId}', about: job, prepare: () => jobReply(node.jobs, job) };
  }
  const found = findRoute(routes, method, path);
  if (!found) throw new NefFault('ENOENT', `No such resource: ${method} ${path}`);
  const { route, target } = found;
  const call = `${route.method} ${route.template}`;
  const unread = { target, path, search, body: sent, query: queryOf(search) };
  const isOfPool = route.isAboutPools && (route.effect.kind === 'change' || route.template.includes('{'));
  const requirePool = () => {
    if (isOfPool && !node.view().isOwner) throw new NefFault('ENOENT', `${target || path} not found`);
  };
  return {
    call,
    about: target || nameIn(sent),
    prepare: () => {
      requirePool();
      return perform(node, { call, userName, effect: route.effect, unread });
    },
  };
}

function perform(
  node: NodeOptions,
  { call, userName, effect, unread }: { call: string; userName: string; effect: Effect; unread: UnreadRequest },
): Reply {
  if (effect.kind === 'read') return { status: 200, body: parsed(() => effect.run(node.view(), unread)) };
  if (!node.view().world.isLicenseValid) throw new NefFault('ELICENSE', 'License has expired');
  const planned = parsed(() => effect.read(unread));
  const { about } = planned;
  const work = () => {
    // A job that outlives a take-over finds its pool gone.
    if (!node.view().isOwner) throw new NefFault('ENOENT', `${about} not found`);
    const { changed, created } = planned.run(node.view());
    const entry = {
      backend: 'nexentastor',
      instance: node.address,
      call,
      about,
      principal: userName,
      changed,
    } as const;
    node.journal.record({ ...entry, detail: { body: unread.body } });
    return created === undefined ? {} : { created };
  };
  if (node.isNextAJob()) return accepted(node.jobs.start(work), 0);
  const { created } = work();
  return created === undefined ? { status: 200 } : { status: 201, location: created };
}

function login(node: NodeOptions, sent: unknown): Reply {
  const { username, password } = parsed(() => body.login.parse(sent));
  return { status: 200, body: { token: node.tokens.issue(username, password) } };
}

function jobReply(jobs: Jobs, id: string): Reply {
  const outcome = jobs.find(id);
  if (outcome.state === 'running') return accepted(id, 50);
  if (outcome.state === 'failed') throw outcome.fault;
  return outcome.location === undefined ? { status: 200 } : { status: 201, location: outcome.location };
}

function accepted(jobId: string, progress: number): Reply {
  const links = [{ rel: 'monitor', href: `/jobStatus/${jobId}` }];
  return { status: 202, body: { links, progress } };
}

/** What a rule makes of the answer; nothing when it only delays. */
async function disturb(rule: FaultRule | undefined): Promise<Reply | 'hang' | 'cut' | undefined> {
  if (!rule) return undefined;
  if (rule.what === 'hang' || rule.what === 'cut') return rule.what;
  if (rule.what === 'delay') {
    await sleep(rule.delayMs ?? 0);
    return undefined;
  }
  const code = rule.fault ?? '';
  if (isNefCode(code)) throw new NefFault(code, `Injected ${code}`);
  // No code: the management service itself is not there, and its proxy answers in its place.
  return { status: 503 };
}

/** A request that does not fit its schema is refused before anything else is looked at. */
function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    throw new NefFault('EBADARG', `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'invalid'}`, 'rest');
  }
}

function queryOf(search: string): Record<string, string> {
  const given = [...new URLSearchParams(search)];
  const twice = given.find(([name], i) => given.findIndex(([other]) => other === name) !== i);
  if (twice) throw new NefFault('EBADARG', `${twice[0]} is given twice`, 'rest');
  return Object.fromEntries(given);
}

function nameIn(sent: unknown): string {
  if (typeof sent !== 'object' || sent === null) return '';
  const named = ['path', 'filesystem', 'targetPath', 'datasetName'].map((key) => Reflect.get(sent, key) as unknown);
  return named.find((value) => typeof value === 'string') ?? '';
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set, so chunks are buffers
  if (chunks.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new NefFault('EBADARG', 'The body is not JSON', 'rest');
  }
}

function write(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  const text = reply.body === undefined ? '' : JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(reply.location === undefined ? {} : { location: encodeURIComponent(reply.location) }),
  });
  response.end(text);
}
