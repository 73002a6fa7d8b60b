import { startDemoKeycloak, type DemoKeycloak } from '@bulkhead/lab';
import { afterAll } from 'vitest';
import { probeIsolation } from './test-support/isolation/probes.ts';
import { openWorld } from './test-support/isolation/world.ts';

// The probes of isolation.test.ts, with tokens of a real Keycloak that our realm file was imported into: each person goes
// through its login pages.

let keycloak: DemoKeycloak | undefined;
afterAll(() => keycloak?.stop(), 60_000);

probeIsolation(async () => {
  keycloak = await startDemoKeycloak();
  process.stdout.write(`isolation.real: ${keycloak.version}\n`);
  return openWorld(keycloak);
});
