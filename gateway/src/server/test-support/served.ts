import type { PluginLog } from '@bulkhead/plugin-sdk';
import type { Principal } from '../../access/principal.ts';
import { TokenError } from '../../access/errors.ts';
import { memoryDirectory } from '../../access/test-support/memory-directory.ts';
import type { GatewayServices } from '../../graphql/context.ts';
import { startServer } from '../server.ts';
import { smallSchema, type World } from './small-schema.ts';

export interface Served {
  url: string;
  world: World;
  /** Everything that was logged, as text. */
  logged: string[];
  /** What readiness finds. */
  findings: string[];
  close(): Promise<void>;
}

const directory = memoryDirectory(
  ['acme', 'globex'].map((name) => ({
    organizationId: `org_${name}`,
    identityId: name,
    kind: 'TENANT' as const,
    state: 'ACTIVE' as const,
  })),
);

/**
 * The server with the small schema. A token is `<organization>` or `<organization>/<seconds that it lives>`; every other
 * is refused.
 */
export async function serve(options: { requestDeadlineMs?: number; allowedOrigins?: string[] } = {}): Promise<Served> {
  const { schema, world } = smallSchema();
  const logged: string[] = [];
  const findings: string[] = [];
  const keep = (fields: Record<string, unknown>, message: string) => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log: PluginLog = { debug: keep, info: keep, warn: keep, error: keep };
  const { requestDeadlineMs, allowedOrigins = [] } = options;
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    allowedOrigins,
    schema,
    signIn: { verifier: { verify: async (token) => principalOf(token) }, directory },
    // The small schema asks none of them.
    services: {} as GatewayServices,
    log,
    readiness: async () => findings,
    ...(requestDeadlineMs === undefined ? {} : { requestDeadlineMs }),
  });
  return { url: server.url, world, logged, findings, close: () => server.close() };
}

function principalOf(token: string): Principal {
  const [organization = '', seconds = '300'] = token.split('/');
  if (!['acme', 'globex'].includes(organization)) throw new TokenError('SIGNATURE', 'canary-token-detail');
  return {
    subject: `somebody of ${organization}`,
    displayName: 'Somebody',
    kind: 'PERSON',
    clientId: 'portal',
    issuer: 'https://identity.example/realms/dr',
    expiresAt: new Date(Date.now() + Number(seconds) * 1000),
    providerRoles: [],
    grants: [{ identityId: organization, role: 'VIEWER' }],
  };
}
