import { readFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';
import { Agent, fetch, type buildConnector } from 'undici';
import type { NodeConfig, Settings } from './config.ts';
import { Interruption } from './faults.ts';

/** Sockets of one node: verified against an authority, or against the fingerprint that an operator confirmed. */
export function openTransport(node: NodeConfig, settings: Settings): Agent {
  // Shorter than an answer may take: a node that is down must not keep the other one from being asked.
  const timeout = Math.min(settings.requestTimeoutSeconds, 5) * 1000;
  if (node.certificateSha256 !== undefined) {
    const expected = node.certificateSha256.replaceAll(':', '').toLowerCase();
    return new Agent({ connect: pinnedConnector(expected, timeout) });
  }
  const { caFile } = settings.tls ?? {};
  return new Agent({ connect: { timeout, ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }) } });
}

/**
 * Hands a socket out only after its certificate was compared, so that a stranger sees no request. Verification by
 * authority is replaced, not skipped: a fingerprint is all that a self-signed appliance can offer. No session is ever
 * resumed, because a resumed one shows no certificate.
 */
function pinnedConnector(expected: string, timeout: number): buildConnector.connector {
  return ({ hostname, port }, callback) => {
    const socket = connectTls({
      host: hostname,
      port: Number(port || 443),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
      timeout,
    });
    let isSettled = false;
    const settle = (error: Error | null): void => {
      if (isSettled) return;
      isSettled = true;
      socket.removeListener('timeout', onTimeout);
      socket.setTimeout(0);
      if (error === null) {
        callback(null, socket);
        return;
      }
      socket.destroy();
      callback(error, null);
    };
    const onTimeout = () => settle(new NotConnected(`no connection within ${timeout} ms`));
    socket.once('timeout', onTimeout);
    socket.once('error', (error) => settle(new NotConnected(error.message)));
    socket.once('close', () => settle(new NotConnected('closed while connecting')));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      const seen = certificate?.fingerprint256.replaceAll(':', '').toLowerCase() ?? 'none';
      settle(seen === expected ? null : new NotConnected(`certificate ${seen} is not the one that was confirmed`));
    });
  };
}

/** The connection did not come about: nothing was sent. */
class NotConnected extends Error {
  readonly code = 'NOT_CONNECTED';
}

const notSent = new Set(
  `NOT_CONNECTED ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH UND_ERR_CONNECT_TIMEOUT
  DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE CERT_HAS_EXPIRED
  UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY ERR_TLS_CERT_ALTNAME_INVALID`.split(/\s+/),
);

/**
 * The `fetch` of one node. Reads the whole answer, so that a cut in the middle of it is seen here too, and says of every
 * failure whether the request may have arrived.
 */
export function fetchOver(agent: Agent, timeoutSeconds: number): (request: Request) => Promise<Response> {
  return async (request) => {
    const isRead = request.method === 'GET';
    const label = `${request.method} ${new URL(request.url).pathname}`;
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
    try {
      // undici's fetch refuses the global Request that openapi-fetch makes, so the request is handed over in parts.
      const answer = await fetch(request.url, {
        method: request.method,
        headers: [...request.headers],
        redirect: 'error',
        ...(isRead ? {} : { body: await request.text() }),
        signal: AbortSignal.any([request.signal, timeout]),
        dispatcher: agent,
      });
      const text = await answer.text();
      return new Response(checkedBody(text, answer.ok, label, isRead), {
        status: answer.status,
        headers: { 'content-length': String(Buffer.byteLength(text)) },
      });
    } catch (error) {
      if (error instanceof Interruption) throw error;
      if (request.signal.aborted) throw new Interruption('timeout', `${label}: the call's deadline passed`);
      if (timeout.aborted) throw new Interruption('timeout', `${label}: no answer within ${timeoutSeconds} s`);
      const { code, message } = causeOf(error);
      const kind = isRead || notSent.has(code) ? 'unavailable' : 'unknown-outcome';
      throw new Interruption(kind, `${label}: ${message}${code === '' ? '' : ` (${code})`}`);
    }
  };
}

/** A success that is not JSON is no answer: after a change, what happened is open. */
function checkedBody(text: string, isOk: boolean, label: string, isRead: boolean): string | null {
  if (text === '') return null;
  try {
    JSON.parse(text);
  } catch {
    if (isOk) throw new Interruption(isRead ? 'unavailable' : 'unknown-outcome', `${label}: the answer is not JSON`);
  }
  return text;
}

function causeOf(error: unknown): { code: string; message: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return { code: '', message: String(cause) };
  return { code: 'code' in cause && typeof cause.code === 'string' ? cause.code : '', message: cause.message };
}
