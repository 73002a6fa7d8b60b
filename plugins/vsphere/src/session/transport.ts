import { Pool, errors } from 'undici';
import { NotConnected, openTrusted, type Trust } from './trust.ts';

/** The request went out and no whole answer came back: what it asked for may have happened. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  /** Set by the session when what was asked for could have changed something. */
  ofWrite = false;

  constructor(
    readonly reason: 'cut' | 'too-late',
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export interface HttpAnswer {
  status: number;
  text: string;
  cookies: readonly string[];
}

/** HTTP to one endpoint. Requests share a few connections; every connection is checked before anything is sent. */
export interface Transport {
  readonly address: string;
  /** The certificate that the endpoint showed last. */
  readonly shownSha256: string | undefined;
  request(
    request: {
      method: 'GET' | 'POST';
      path: string;
      headers?: Record<string, string>;
      body?: string;
      timeoutMs?: number;
    },
    signal: AbortSignal,
  ): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export interface TransportOptions {
  host: string;
  port: number;
  trust: Trust;
  /** How long an answer may take. */
  answerTimeoutMs: number;
  connectTimeoutMs: number;
}

export function openTransport(options: TransportOptions): Transport {
  const { host, port, trust } = options;
  const address = `${host}:${port}`;
  let shownSha256: string | undefined;
  const pool = new Pool(`https://${host.includes(':') ? `[${host}]` : host}:${port}`, {
    connections: 16,
    pipelining: 1,
    headersTimeout: options.answerTimeoutMs,
    bodyTimeout: options.answerTimeoutMs,
    connect: (_origin, callback) =>
      openTrusted(
        { host, port, trust, timeoutMs: options.connectTimeoutMs, onCertificate: (sha256) => (shownSha256 = sha256) },
        (error, socket) => (socket ? callback(null, socket) : callback(error ?? new Error('no socket'), null)),
      ),
  });
  return {
    address,
    get shownSha256() {
      return shownSha256;
    },
    async request(request, signal) {
      signal.throwIfAborted();
      const timeout = request.timeoutMs === undefined ? {} : { headersTimeout: request.timeoutMs };
      try {
        const answer = await pool.request({
          method: request.method,
          path: request.path,
          headers: request.headers ?? {},
          ...(request.body === undefined ? {} : { body: request.body }),
          ...timeout,
          signal,
        });
        const cookies = answer.headers['set-cookie'] ?? [];
        const text = await answer.body.text();
        return { status: answer.statusCode, text, cookies: typeof cookies === 'string' ? [cookies] : cookies };
      } catch (error) {
        throw translate(error, address, signal);
      }
    },
    // Not `close`: that would wait for requests whose answers nobody wants any more.
    close: () => pool.destroy(),
  };
}

function translate(error: unknown, address: string, signal: AbortSignal): Error {
  if (error instanceof NotConnected) return error;
  const cause = { cause: error };
  if (signal.aborted) return new Unanswered('too-late', `${address}: the call ended before the answer came`, cause);
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return new Unanswered('too-late', `${address} did not answer in time`, cause);
  const text = error instanceof Error ? error.message : String(error);
  return new Unanswered('cut', `${address} closed the connection without an answer (${text})`, cause);
}
