import { labClients, startIdentity } from '@bulkhead/lab';
import { programFile, startProgram } from '../runner/program.ts';
import type { Run } from '../runner/run.ts';
import { defineWorkload, type Contender } from '../runner/workload.ts';
import type { CheckName, Realm } from './checks.ts';

interface World {
  realm: Realm;
  tokens: readonly string[];
  /** One more, with which a check gets its keys. */
  first: string;
}

/** Passes over the same tokens where they are remembered, so that a round lasts long enough to be measured. */
const passes = { miss: 1, hit: 8 };

function contender(title: string, name: CheckName): Contender<World> {
  return {
    title,
    async open({ realm, tokens, first }, run) {
      const checker = await startProgram(programFile('./checker', import.meta.url));
      run.defer(() => checker.stop());
      await checker.ask('load', { name, realm, tokens });
      const expected = tokens.length;
      let digest: string | undefined;
      const pass = async (times: number) => {
        const read = await checker.ask<string>('pass', times);
        digest ??= read;
        if (read !== digest) throw new Error(`${name} read other subjects than before.`);
      };
      // Twice through everything: the code is compiled before it is measured.
      for (let warm = 0; warm < 2; warm += 1) {
        await checker.ask('forget', first);
        await pass(2);
      }
      return {
        async measure(caseName) {
          const times = passes[caseName as keyof typeof passes];
          await checker.ask('forget', first);
          if (caseName === 'hit') await pass(1);
          const before = await checker.meter();
          await pass(times);
          const after = await checker.meter();
          return { cpu: (after.cpuMicroseconds - before.cpuMicroseconds) / (times * expected) };
        },
      };
    },
  };
}

async function realmWithTokens(run: Run): Promise<World> {
  // They live longer than Keycloak's, so that all rounds see them alive.
  const identity = await startIdentity({ accessTokenSeconds: 3600 });
  run.defer(() => identity.stop());
  const { issuer, jwksUrl } = identity;
  const clients = labClients.map(({ clientId, kind, maxRole, allowsProviderRoles }) => ({
    azp: clientId,
    kind,
    maxRole,
    allowsProviderRoles,
  }));
  const access = { issuers: [{ url: issuer }], clients };
  const count = run.isQuick ? 100 : 2000;
  const base = await identity.token('ada');
  const sized = { padding: 'x'.repeat(Math.max(0, Math.round((1536 - base.length) * 0.75))) };
  const tokens: string[] = [];
  for (let n = 0; n < count; n += 1)
    tokens.push(await identity.token('ada', { claims: { ...sized, jti: `bench-${n}` } }));
  run.note('tokens', count);
  run.note('bytes each', tokens[0]?.length ?? 0);
  return { realm: { access, issuer, audience: 'bulkhead-api', jwksUrl }, tokens, first: base };
}

export const token = defineWorkload<World>({
  name: 'token',
  title: 'Checking an access token',
  about:
    'RS256 tokens of 1.5 KiB, one after the other, in a process for each contender. A miss is a token that was not seen before; a hit comes again within a minute, as a string of its own. Peers remember keys, not tokens.',
  metrics: { cpu: { title: 'CPU per check', unit: 'µs', digits: 1 } },
  cases: ['miss', 'hit'],
  prepare: realmWithTokens,
  product: contender('Bulkhead’s TokenVerifier', 'bulkhead'),
  peers: {
    'keycloak-connect': contender('keycloak-connect as shipped (`GrantManager.validateToken`)', 'keycloakConnect'),
    jose: contender('jose (`jwtVerify`, remote key set)', 'jose'),
    signature: contender('the RS256 signature alone (floor)', 'signature'),
  },
  goals: [
    { metric: 'cpu', case: 'miss', compare: 'at-most', value: 70 },
    { metric: 'cpu', case: 'hit', compare: 'at-most', value: 11 },
    { metric: 'cpu', compare: 'at-most', value: 1, of: 'keycloak-connect' },
  ],
});
