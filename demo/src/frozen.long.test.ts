import { afterAll, beforeAll, test } from 'vitest';
import { workersConfiguration } from './test-support/freeze.ts';
import { freezeAndWake } from './test-support/frozen-story.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;

beforeAll(async () => {
  workshop = await openWorkshop({ worker: false });
});
afterAll(() => workshop?.close());

test(
  'as shipped, a killed worker is taken over within 10 s and a frozen one within 35 s, and does no harm when it wakes',
  { timeout: 600_000 },
  async () => {
    const configuration = await workersConfiguration(workshop);
    await freezeAndWake(workshop, configuration, { frozenMs: 35_000, killedMs: 10_000 });
  },
);
