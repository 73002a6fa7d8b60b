import { eq } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import { recorderOf } from '../workflows/event-log.ts';
import { control, type ControlInput } from './control.ts';
import { refused } from './refusal.ts';
import { enterPhase } from './run-state.ts';
import { checkKeepFor } from './start-test.ts';
import type { FailoverAccepted } from './start.ts';
import { failover } from './table.ts';
import { giveUpTest, queueCleanUp } from './test-state.ts';

/** Ends a test and removes everything that it made; one that is still being started stops at its next step. */
export function cleanUpTestFailover(
  services: { database: Database },
  scope: TenantScope,
  input: ControlInput,
  requestId: string,
): Promise<FailoverAccepted> {
  return control(services, scope, input, requestId, {
    mutation: 'cleanUpTestFailover',
    action: 'failover.clean-up',
    summary: 'Ended the test.',
    async apply(tx, narrow, run, vms) {
      const recorder = recorderOf(tx, run.id);
      if (run.phase === 'RUNNING') return giveUpTest(tx, narrow, recorder, run.id);
      await queueCleanUp(tx, narrow, run, vms);
      await enterPhase(tx, narrow, recorder, run.id, 'CLEANING_UP', {
        status: 'QUEUED',
        columns: { deadline: null },
        message: 'The test is over; what it made is removed.',
      });
    },
  });
}

export interface ExtendTestInput extends ControlInput {
  /** From now on. */
  keepForSeconds: number;
}

/** Lets a running test run for longer. */
export function extendTestFailover(
  services: { database: Database },
  scope: TenantScope,
  input: ExtendTestInput,
  requestId: string,
): Promise<FailoverAccepted> {
  const { keepForSeconds } = input;
  return control(services, scope, input, requestId, {
    mutation: 'extendTestFailover',
    action: 'failover.extend',
    summary: `Lets the test run for another ${keepForSeconds} seconds.`,
    async apply(tx, _narrow, run) {
      checkKeepFor(keepForSeconds);
      const deadline = new Date(Date.now() + keepForSeconds * 1000);
      if (run.deadline && deadline < run.deadline) {
        throw refused('INVALID', ['keepFor'], `The test runs longer already, until ${run.deadline.toISOString()}.`);
      }
      await tx.update(failover).set({ deadline }).where(eq(failover.id, run.id));
      await recorderOf(tx, run.id).operation({
        deadline,
        message: `The test runs until ${deadline.toISOString()}.`,
        key: `extended/${deadline.toISOString()}`,
      });
    },
  });
}
