import { and, eq } from 'drizzle-orm';
import { expect } from 'vitest';
import { effect } from '../../operations/table.ts';
import { commitFailover, undoFailover } from '../control.ts';
import { accepted, every, failoverStage, key, shown, type Fixture } from './fixture.ts';

const machines = ['web01', 'db01'];

export type Ending = 'commit' | 'undo';

/**
 * Runs a failover of two machines and commits or undoes it, dies once on the way where that is asked for, goes on, and expects
 * what a run without a death gives.
 */
export async function runToTheEnd(fixture: Fixture, ending: Ending, dieAt?: { n: number; when: 'before' | 'after' }) {
  const stage = failoverStage(fixture);
  const { target } = await stage.site(machines);
  const failoverId = accepted(await stage.start(stage.all(target)));
  const start = stage.mortal.count;
  if (dieAt) stage.mortal.dieAt(dieAt.n, dieAt.when);
  let deaths = 0;
  const settle = async () => {
    await stage.engine.settle();
    while (stage.mortal.isDead()) {
      deaths += 1;
      await stage.engine.settle();
    }
  };
  await settle();
  const end = ending === 'commit' ? commitFailover : undoFailover;
  accepted(await end(fixture, fixture.ada, { idempotencyKey: key(), failoverId }, 'req'));
  await settle();
  const state = await stage.stateOf(failoverId);
  const isCommit = ending === 'commit';
  expect(state.run).toMatchObject({ phase: isCommit ? 'COMMITTED' : 'ROLLED_BACK', outcome: 'FULL' });
  expect(shown(state)).toEqual(every(isCommit ? 'SETTLED/RECOVERED' : 'BACK/PROTECTED', machines));
  await stage.expectShareGivenBack(target.id);
  expect(stage.productionVms()).toHaveLength(isCommit ? machines.length : 0);
  expect(stage.productionVms().flatMap(({ snapshots }) => snapshots)).toEqual([]);
  const replicas = stage.nestedHost(target.id).replicas.map(({ name }) => name);
  expect(replicas.toSorted()).toEqual(isCommit ? [] : machines.toSorted());
  const events = await stage.eventsOf(failoverId);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(new Set(events.map((event) => event.key)).size).toBe(events.length);
  expect(events.at(-1)?.type).toBe('FINISHED');
  const open = await fixture.database.asMaintenance((tx) =>
    tx
      .select()
      .from(effect)
      .where(and(eq(effect.operationId, failoverId), eq(effect.state, 'intent'))),
  );
  expect(open.map((row) => row.key)).toEqual([]);
  return { transactions: stage.mortal.count - start, deaths };
}
