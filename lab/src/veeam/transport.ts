import type { TLSSocket } from 'node:tls';
import { buildConnector, Client } from 'undici';
import { VeeamJobError } from './job-error.ts';

/** Where the host is and how it is known. */
export interface HostEndpoint {
  address: string;
  port: number;
  /** SHA-256 of the host's certificate, hex with or without colons. Any other certificate gets no byte of a request. */
  certificateSha256?: string;
  /** Takes any certificate. Only for tests that do not know it. */
  insecureForTests?: true;
}

/** One HTTPS connection to the host, with its session cookie once there is one. */
export interface Transport {
  send(request: {
    method: 'GET' | 'PUT' | 'POST';
    path: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
  }): Promise<{
    status: number;
    text: string;
  }>;
  close(): Promise<void>;
}

const timeoutMs = 60_000;

export function openTransport(endpoint: HostEndpoint): Transport {
  const client = new Client(`https://${endpoint.address}:${endpoint.port}`, {
    connect: pinned(endpoint),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  let cookie: string | undefined;
  return {
    async send({ method, path, headers = {}, body }) {
      try {
        const answer = await client.request({
          method,
          path,
          headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) },
          body: body ?? null,
        });
        const given = [answer.headers['set-cookie'] ?? []]
          .flat()
          .find((line) => line.startsWith('vmware_soap_session='));
        if (given !== undefined) cookie = given.split(';')[0];
        return { status: answer.statusCode, text: await answer.body.text() };
      } catch (error) {
        if (error instanceof VeeamJobError) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        const where = `${endpoint.address}:${endpoint.port}`;
        throw new VeeamJobError(`The host at ${where} cannot be reached: ${reason}`, 'ConnectionFailed', {
          cause: error,
        });
      }
    },
    close: () => client.close(),
  };
}

/** Hands a connection out only when it shows the certificate that is expected. */
function pinned(endpoint: HostEndpoint): buildConnector.connector {
  const expected = endpoint.certificateSha256?.replaceAll(':', '').toLowerCase();
  if (expected === undefined && endpoint.insecureForTests !== true) {
    throw new VeeamJobError(`The certificate of ${endpoint.address} is not known.`, 'CertificateUnknown');
  }
  const connect = buildConnector({ rejectUnauthorized: false, timeout: timeoutMs });
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error) return callback(error, null);
      // An https: origin gives a TLSSocket; undici's type covers plain sockets too.
      const shown = (socket as TLSSocket).getPeerCertificate().fingerprint256?.replaceAll(':', '').toLowerCase();
      if (expected === undefined || shown === expected) return callback(null, socket);
      socket.destroy();
      const message = `The host at ${endpoint.address} shows another certificate than the one that was accepted.`;
      callback(new VeeamJobError(message, 'CertificateMismatch'), null);
    });
}
