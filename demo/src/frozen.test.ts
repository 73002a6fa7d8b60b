import { afterAll, beforeAll, test } from 'vitest';
import { workersConfiguration } from './test-support/freeze.ts';
import { freezeAndWake } from './test-support/frozen-story.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

// With the heartbeat as it is shipped: frozen.long.test.ts.

let workshop: Workshop;

beforeAll(async () => {
  workshop = await openWorkshop({ worker: false });
});
afterAll(() => workshop?.close());

test('a frozen worker is taken over, and does no harm when it wakes', { timeout: 400_000 }, async () => {
  const configuration = await workersConfiguration(workshop, { everySeconds: 1, limitSeconds: 6 });
  await freezeAndWake(workshop, configuration, { frozenMs: 35_000, killedMs: 10_000 });
});
