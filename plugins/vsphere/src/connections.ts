import { readFileSync } from 'node:fs';
import { PluginError, type Credential, type TargetEndpoint, type TargetSession } from '@bulkhead/plugin-sdk';
import type { Limits, VsphereConfig } from './config.ts';
import { VimSession } from './session/session.ts';
import { openTransport, type Transport } from './session/transport.ts';
import { normalizeFingerprint, type Trust } from './session/trust.ts';

/** The sessions of one plugin instance: one with vCenter, and one for each nested host and account in use. */
export interface Connections {
  readonly production: VimSession;
  /** The kept session of a nested host. */
  target(session: TargetSession): VimSession;
  /** A session that its user closes. */
  openTarget(endpoint: TargetEndpoint, credential: Credential): VimSession;
  /** A connection that carries nothing secret, to see whether a host answers and which certificate it shows. */
  openUnknown(endpoint: TargetEndpoint): Transport;
  dispose(): Promise<void>;
}

export function openConnections(config: VsphereConfig, limits: Limits): Connections {
  const timing = { answerTimeoutMs: limits.requestSeconds * 1000, connectTimeoutMs: limits.connectSeconds * 1000 };
  const port = config.targetPort ?? 443;
  const loginTimeoutMs = Math.min(limits.requestSeconds, 20) * 1000;
  const url = new URL(config.vcenter.url);
  const production = new VimSession({
    open: () =>
      openTransport({
        host: url.hostname,
        port: Number(url.port || 443),
        trust: vcenterTrust(config.vcenter),
        ...timing,
      }),
    credential: { userName: config.vcenter.userName, password: config.vcenter.password },
    loginTimeoutMs,
  });
  const kept = new Map<string, VimSession>();

  const openTarget = (endpoint: TargetEndpoint, credential: Credential, onIdle?: () => void) =>
    new VimSession({
      open: () => openTransport({ host: endpoint.address, port, trust: targetTrust(endpoint), ...timing }),
      credential,
      loginTimeoutMs,
      ...(onIdle ? { idleMs: limits.targetIdleSeconds * 1000, onIdle } : {}),
    });

  return {
    production,
    target({ endpoint, credential }) {
      const key = `${endpoint.address} ${endpoint.certificateSha256 ?? ''} ${credential.userName}`;
      const existing = kept.get(key);
      if (existing?.credential.password === credential.password) return existing;
      // Another password: whoever still holds the old session finishes with it.
      void existing?.close();
      const session: VimSession = openTarget(endpoint, credential, () => {
        if (kept.get(key) === session) kept.delete(key);
      });
      kept.set(key, session);
      return session;
    },
    openTarget,
    openUnknown: (endpoint) => openTransport({ host: endpoint.address, port, trust: { kind: 'anyone' }, ...timing }),
    async dispose() {
      const open = [production, ...kept.values()];
      kept.clear();
      await Promise.allSettled(open.map((session) => session.close()));
    },
  };
}

function vcenterTrust(vcenter: VsphereConfig['vcenter']): Trust {
  const sha256 = vcenter.certificateSha256 === undefined ? undefined : normalizeFingerprint(vcenter.certificateSha256);
  if (vcenter.caFile === undefined) {
    if (sha256 === undefined) throw new Error('the schema lets no vCenter pass without a certificate to believe');
    return { kind: 'pinned', sha256 };
  }
  return { kind: 'signed', ca: readCertificates(vcenter.caFile), ...(sha256 === undefined ? {} : { sha256 }) };
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PluginError(
      'unavailable',
      'The provider’s equipment cannot be reached; it is tried again.',
      `the file with vCenter's authorities cannot be read`,
      { cause },
    );
  }
}

function targetTrust(endpoint: TargetEndpoint): Trust {
  if (endpoint.certificateSha256 === undefined)
    throw new PluginError(
      'invalid',
      'The target’s identity is not known yet; it has to be observed first.',
      `no certificate is pinned for ${endpoint.address}: observeTargetHost tells it`,
    );
  return { kind: 'pinned', sha256: normalizeFingerprint(endpoint.certificateSha256) };
}
