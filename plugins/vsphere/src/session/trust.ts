import { checkServerIdentity, connect as tlsConnect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { isIP } from 'node:net';

/** Whom to believe at the other end. */
export type Trust =
  /** Exactly this certificate (SHA-256, lower-case hex), whoever signed it. */
  | { kind: 'pinned'; sha256: string }
  /** Signed by these authorities and made for this name; with a fingerprint, that certificate and no other. */
  | { kind: 'signed'; ca: string; sha256?: string }
  /** Anyone: only to learn which certificate a host shows. Nothing secret is ever sent over it. */
  | { kind: 'anyone' };

export type ConnectFailure = 'unreachable' | 'untrusted';

/** No connection came about, so nothing was sent. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';

  constructor(
    readonly failure: ConnectFailure,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * Opens one TLS connection and hands it out only once its certificate is believed. Sessions are never resumed: a
 * resumed one shows no certificate.
 */
export function openTrusted(
  target: { host: string; port: number; trust: Trust; timeoutMs: number; onCertificate: (sha256: string) => void },
  callback: (error: Error | null, socket: TLSSocket | null) => void,
): void {
  const { host, port, trust } = target;
  const socket = tlsConnect({
    host,
    port,
    ...(isIP(host) ? {} : { servername: host }),
    ALPNProtocols: ['http/1.1'],
    // Without an authority there is nothing to verify against: the fingerprint is compared below, before any use.
    rejectUnauthorized: trust.kind === 'signed',
    ...(trust.kind === 'signed' ? { ca: trust.ca } : {}),
    checkServerIdentity: (name, certificate) =>
      trust.kind === 'signed' && trust.sha256 !== undefined
        ? refuseOther(trust.sha256, certificate)
        : checkServerIdentity(name, certificate),
  });
  socket.setNoDelay(true).setKeepAlive(true, 30_000);
  let isAnswered = false;
  const answer = (error: Error | null) => {
    if (isAnswered) return;
    isAnswered = true;
    clearTimeout(timer);
    if (error) socket.destroy();
    callback(error, error ? null : socket);
  };
  const timer = setTimeout(
    () => answer(new NotConnected('unreachable', `${host}:${port} did not accept a connection in time`)),
    target.timeoutMs,
  );
  socket.once('secureConnect', () => {
    const certificate = socket.getPeerCertificate();
    const shown = fingerprint(certificate);
    target.onCertificate(shown);
    const refused = trust.kind === 'pinned' ? refuseOther(trust.sha256, certificate) : undefined;
    answer(refused ? new NotConnected('untrusted', `${host}:${port}: ${refused.message}`) : null);
  });
  // Stays attached: an error after the hand-over is the client's to see, and must not end the process.
  socket.on('error', (cause) => {
    const failure = isAboutTrust(cause) ? 'untrusted' : 'unreachable';
    answer(new NotConnected(failure, `${host}:${port}: ${cause.message}`, { cause }));
  });
  socket.once('close', () => answer(new NotConnected('unreachable', `${host}:${port} closed the connection`)));
}

function refuseOther(sha256: string, certificate: PeerCertificate): Error | undefined {
  const shown = fingerprint(certificate);
  return shown === sha256 ? undefined : new CertificateDiffers(`it shows certificate ${shown}, ${sha256} is expected`);
}

class CertificateDiffers extends Error {}

function fingerprint(certificate: PeerCertificate): string {
  return certificate.fingerprint256 ? normalizeFingerprint(certificate.fingerprint256) : '';
}

/** `AA:BB:…` or `aabb…` to lower-case hex. */
export function normalizeFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}

function isAboutTrust(error: Error): boolean {
  if (error instanceof CertificateDiffers) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /CERT|SIGNATURE|ISSUER|ALTNAME|SELF_SIGNED/.test(code);
}
