import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operation } from '../operations/table.ts';
import { protectedVm } from '../protected-vms/table.ts';
import type { ProtectedVmState } from '../protected-vms/protected-vm.ts';
import {
  cancelFailover,
  commitFailover,
  pauseFailover,
  resumeFailover,
  retryFailover,
  skipVms,
  undoFailover,
} from './control.ts';
import type { FailoverPhase, FailoverType, FailoverVmState, PauseReason } from './failover.ts';
import { runMutations, runVerdicts, type RunMutation } from './guards.ts';
import { countFailoverVms, findFailover } from './store.ts';
import { cleanUpTestFailover, extendTestFailover } from './test-control.ts';
import { failover, failoverVm } from './table.ts';
import { accepted, failoverFixture, failoverStage, key, type Fixture } from './test-support/fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await failoverFixture();
});
afterAll(() => fixture.drop());

const mutations: Readonly<Record<RunMutation, typeof commitFailover>> = {
  cancelFailover,
  commitFailover,
  pauseFailover,
  resumeFailover,
  retryFailover,
  skipVms,
  undoFailover,
  cleanUpTestFailover,
  extendTestFailover: (services, scope, input, requestId) =>
    extendTestFailover(services, scope, { ...input, keepForSeconds: 3600 }, requestId),
};

interface Part {
  state: FailoverVmState;
  hasRun: boolean;
  vm: ProtectedVmState;
}

const part = (state: FailoverVmState, hasRun: boolean, vm: ProtectedVmState): Part => ({ state, hasRun, vm });
const parts = {
  waiting: part('WAITING', false, 'FAILING_OVER'),
  starting: part('STARTING', false, 'FAILING_OVER'),
  pausedBelow: part('PAUSED', false, 'FAILOVER_FAILED'),
  live: part('LIVE', true, 'FAILED_OVER'),
  relocating: part('RELOCATING', true, 'FAILED_OVER'),
  settled: part('SETTLED', true, 'FAILED_OVER'),
  pausedAbove: part('PAUSED', true, 'FAILED_OVER'),
  goingBack: part('GOING_BACK', true, 'ROLLING_BACK'),
  goingBackBelow: part('GOING_BACK', false, 'ROLLING_BACK'),
  back: part('BACK', true, 'PROTECTED'),
  skipped: part('SKIPPED', false, 'PROTECTED'),
};
const { waiting, live, relocating, settled, back, skipped, goingBack, goingBackBelow, pausedAbove, pausedBelow } =
  parts;
const isOn = [live, relocating, settled, back, skipped];

const copies = {
  waiting: part('WAITING', false, 'PROTECTED'),
  starting: part('STARTING', false, 'PROTECTED'),
  live: part('LIVE', true, 'PROTECTED'),
  failed: part('FAILED', false, 'PROTECTED'),
  goingBack: part('GOING_BACK', true, 'PROTECTED'),
};

/** In which phases a run can be, with which machines. */
const phases: readonly {
  type?: FailoverType;
  phase: FailoverPhase;
  pauseReason?: PauseReason;
  of: readonly Part[];
  isBegun?: boolean;
}[] = [
  { phase: 'QUEUED', of: [waiting] },
  { phase: 'PREFLIGHT', of: [waiting] },
  { phase: 'RUNNING', of: Object.values(parts) },
  { phase: 'PAUSING', of: Object.values(parts) },
  { phase: 'CANCELLING', of: Object.values(parts) },
  ...(['USER', 'ERROR', 'CAPACITY'] as const).map((pauseReason) => ({
    phase: 'PAUSED' as const,
    pauseReason,
    of: [waiting, pausedBelow, pausedAbove, goingBack, goingBackBelow, ...isOn],
  })),
  { phase: 'PAUSED', pauseReason: 'ERROR', of: [settled, back, skipped], isBegun: true },
  { phase: 'LIVE', of: isOn },
  { phase: 'COMMITTING', of: isOn },
  { phase: 'ROLLING_BACK', of: [goingBack, goingBackBelow, ...isOn] },
  { phase: 'COMMITTED', of: [settled, back, skipped], isBegun: true },
  { phase: 'ROLLED_BACK', of: [back, skipped] },
  { phase: 'CANCELLED', of: [skipped] },
  { phase: 'REJECTED', of: [skipped] },
  ...(['QUEUED', 'PREFLIGHT', 'CANCELLING'] as const).map((phase) => ({
    type: 'TEST' as const,
    phase,
    of: [copies.waiting],
  })),
  { type: 'TEST', phase: 'RUNNING', of: Object.values(copies) },
  { type: 'TEST', phase: 'TEST_LIVE', of: [copies.live] },
  { type: 'TEST', phase: 'CLEANING_UP', of: Object.values(copies) },
  { type: 'TEST', phase: 'CLEANUP_FAILED', of: [copies.goingBack] },
  { type: 'TEST', phase: 'CLEANED_UP', of: [back, skipped] },
];

test('what is said to be allowed is accepted, and what is said to be refused is refused, in every state of a run', async () => {
  const { database, ada } = fixture;
  const stage = failoverStage(fixture);
  const { target } = await stage.site(['web01', 'db01']);
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  const { vms } = await stage.stateOf(failoverId);
  let tried = 0;
  let allowed = 0;
  for (const { type = 'UNPLANNED', phase, pauseReason = null, of, isBegun = false } of phases) {
    for (const [index, first] of of.entries()) {
      for (const second of of.slice(index)) {
        for (const name of runMutations) {
          await bringAbout([first, second]);
          const facts = await database.inScope(ada, async (tx) => {
            const run = await findFailover(tx, ada, failoverId);
            const seen = await countFailoverVms(tx, ada, [failoverId]);
            if (!run) throw new Error('The run is gone.');
            return {
              type: run.type,
              phase: run.phase,
              pauseReason: run.pauseReason,
              isCommitBegun: run.commitBegunAt !== null,
              parts: seen,
            };
          });
          const [verdict] = await runVerdicts(facts, async () => true, [name]);
          const outcome = await mutations[name]({ database }, ada, { idempotencyKey: key(), failoverId }, 'req');
          const told = `${name} of a run that is ${type} ${phase} ${pauseReason ?? ''} with ${first.state}, ${second.state}`;
          expect({ told, isAccepted: 'failoverId' in outcome }).toEqual({ told, isAccepted: verdict?.allowed });
          if ('refusals' in outcome) {
            expect({ told, ...outcome.refusals[0] }).toMatchObject({
              told,
              code: verdict?.code,
              message: verdict?.reason,
            });
          } else {
            allowed += 1;
          }
          tried += 1;
        }
      }
    }

    async function bringAbout(wanted: readonly Part[]): Promise<void> {
      await database.asMaintenance(async (tx) => {
        await tx
          .update(failover)
          .set({ type, phase, pauseReason, commitBegunAt: isBegun ? new Date() : null, liveAt: new Date() })
          .where(eq(failover.id, failoverId));
        await tx.update(operation).set({ status: 'WAITING' }).where(eq(operation.id, failoverId));
        for (const [place, { part: row, vm }] of vms.entries()) {
          const { state, hasRun, vm: vmState } = wanted[place] ?? waiting;
          const poweredOnAt = hasRun ? new Date() : null;
          await tx.update(failoverVm).set({ state, poweredOnAt }).where(eq(failoverVm.id, row.id));
          const seen = phase === 'COMMITTING' && vmState === 'FAILED_OVER' ? 'COMMITTING' : vmState;
          await tx.update(protectedVm).set({ state: seen }).where(eq(protectedVm.id, vm.id));
        }
      });
    }
  }
  expect(tried).toBeGreaterThan(1500);
  expect(allowed).toBeGreaterThan(tried / 10);
});
