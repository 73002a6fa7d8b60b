import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { unwrap, UserInputFailure, type Client } from '@bulkhead/sdk';
import type { OperationEvent } from '@bulkhead/sdk/subscriptions';
import { followOperation, type OperationLog } from './operation-log.ts';
import type { Act, Schedule } from './schedule.ts';
import { insist, protectedIds, pushMachines, readCatalogue, type Catalogue } from './tenant.ts';

/** What the play needs from whoever directs the disturbances. */
export interface Director {
  /** Disturbs an act while it is played; settles when both are over. */
  during<T>(act: Act, play: () => Promise<T>): Promise<T>;
  /** What the backends do to one of those who play side by side. */
  watchFaults(): FaultWatch;
  /** Nothing of this run moves: the target stands, the tenant's own software has pushed, the runs are committed. */
  atRest(moment: 'provisioned' | 'pushed' | 'committed'): Promise<void>;
  /** Lets one worker leave, and another one come in its place. */
  renewWorker(): void;
  /** Something that must never be. */
  violated(what: string): void;
}

export interface FaultWatch {
  /** Removes what stands in the way. @returns how many faults were shown since the last time, or since the watch began */
  clear(): number;
}

const mostTries = 4;
const retentionSeconds = 1;

/** Plays one schedule through the API as the tenant's administrator does, and follows every operation to its end. */
export async function play(client: Client, schedule: Schedule, director: Director): Promise<OperationLog[]> {
  const logs: OperationLog[] = [];
  const player: Player = {
    client,
    schedule,
    director,
    catalogue: await insist(() => readCatalogue(client, schedule.tenant)),
    follow(operationId) {
      const log = followOperation(client, operationId);
      logs.push(log);
      return log;
    },
  };
  try {
    await playAll(player);
  } finally {
    await Promise.all(logs.map((log) => log.close()));
  }
  return logs;
}

interface Player {
  client: Client;
  schedule: Schedule;
  director: Director;
  catalogue: Catalogue;
  follow(operationId: string): OperationLog;
}

async function playAll(player: Player): Promise<void> {
  const { client, schedule, director } = player;
  const target = await director.during('provision', () => provision(player));
  await director.atRest('provisioned');
  const names = await pushMachines(client, target.id, schedule);
  await director.atRest('pushed');
  const vmIds = await insist(() => protectedIds(client, target.id, names));
  const { firstWave, machines, isSecondLater } = schedule;
  const waves: [Act, string[]][] = [['failover', vmIds.slice(0, firstWave)]];
  if (firstWave < machines) waves.push(['second-failover', vmIds.slice(firstWave)]);
  const start = ([act, ids]: [Act, string[]]) => director.during(act, () => failOver(player, act, target.name, ids));
  const runs: OperationLog[] = [];
  if (isSecondLater) for (const wave of waves) runs.push(await start(wave));
  else runs.push(...(await Promise.all(waves.map(start))));
  await director.during('commit', () => Promise.all(runs.map((run) => end(player, run))));
  if (schedule.removal === 'none') return;
  await director.atRest('committed');
  await director.during('deprovision', () => deprovision(player, target, schedule.removal === 'retained'));
}

interface Target {
  id: string;
  name: string;
}

/** Orders a target until there is one: what failed has to have left nothing behind, and is ordered anew. */
async function provision(player: Player): Promise<Target> {
  const { client, schedule, director, catalogue } = player;
  const faults = director.watchFaults();
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const name = `chaos-${schedule.seed}-${attempt}`;
    const { organizationId, siteId, planId, replicationNetworkId: networkId } = catalogue;
    const order = { organizationId, siteId, planId, name, networkId, idempotencyKey: randomUUID() };
    const operation = unwrap(await insist(() => client.provisionReplicationTarget(order)), 'operation');
    const target = { id: operation.target.id, name };
    const end = await finished(player.follow(operation.id));
    if (end.status === 'SUCCEEDED') return target;
    expectReason(director, operation.id, end);
    if (faults.clear() === 0) director.violated(`${operation.id} failed although no backend did: ${end.message}`);
    const seen = await insist(() => client.getReplicationTarget(target.id));
    if (seen?.state !== 'FAILED') director.violated(`${target.id} is ${seen?.state} after its provisioning failed.`);
    if (seen?.conditions.some(({ type }) => type === 'CLEANUP_INCOMPLETE')) await deprovision(player, target, false);
  }
  throw new Error(`No target could be provisioned in ${mostTries} attempts.`);
}

/** Starts a failover and goes on until it is LIVE: a rejected one is started anew, a paused one is retried. */
async function failOver(player: Player, act: Act, targetName: string, vmIds: readonly string[]): Promise<OperationLog> {
  const { client, schedule, director, catalogue } = player;
  const faults = director.watchFaults();
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const selection = { vms: vmIds.map((vmId) => ({ vmId })), networkId: catalogue.serverNetworkId };
    const { relocation } = schedule;
    const checked = attempt === 1 ? await checkFirst(player, selection) : {};
    const input = { selection, confirm: targetName, relocation, idempotencyKey: randomUUID(), ...checked };
    const failover = unwrap(await insist(() => client.startFailover(input)), 'failover');
    const log = player.follow(failover.id);
    const isInterrupted = attempt === 1 && act === 'failover' && (await interrupt(player, log, faults));
    if (isInterrupted === 'cancelled') continue;
    const end = await phaseFrom(log, 0, ['LIVE', 'PAUSED', 'REJECTED']);
    if (end.phase === 'LIVE' || isInterrupted === 'resumed') return log;
    expectReason(director, failover.id, end);
    const shown = faults.clear();
    if (shown === 0) director.violated(`${failover.id} is ${end.phase} although no backend failed: ${end.message}`);
    if (end.phase === 'PAUSED') {
      const isLive = schedule.isLeftOut && (await leaveOut(player, log, end.sequence));
      if (!isLive) await retryUntilLive(player, log, log.events.length, faults);
      return log;
    }
  }
  throw new Error(`The failover was rejected ${mostTries} times.`);
}

/** Leaves out whoever is paused and was never on. @returns whether the run has come to LIVE by it */
async function leaveOut({ client, director }: Player, log: OperationLog, pausedAt: number): Promise<boolean> {
  const failoverId = log.operationId;
  const run = await insist(() => client.getFailover(failoverId));
  const paused = (run?.vms.nodes ?? []).filter(({ state, poweredOnAt }) => state === 'PAUSED' && poweredOnAt === null);
  if (paused.length === 0) return false;
  const input = { failoverId, idempotencyKey: randomUUID(), vmIds: paused.flatMap(({ vm }) => vm?.id ?? []) };
  unwrap(await insist(() => client.skipVms(input)), 'failover');
  const end = await phaseFrom(log, pausedAt, ['LIVE', 'PAUSED']);
  if (end.phase === 'LIVE') return true;
  expectReason(director, failoverId, end);
  return false;
}

/** Has the readiness checked before a start, and binds the start to what was checked, if the check could be made. */
async function checkFirst(
  player: Player,
  selection: { vms: { vmId: string }[]; networkId: string },
): Promise<{ planHash?: string; confirm?: string }> {
  const { client, director } = player;
  const input = { type: 'UNPLANNED' as const, selection, idempotencyKey: randomUUID() };
  const check = unwrap(await insist(() => client.runReadinessCheck(input)), 'operation');
  const end = await finished(player.follow(check.id));
  if (end.status !== 'SUCCEEDED') {
    expectReason(director, check.id, end);
    return {};
  }
  const report = (await insist(() => client.getReadinessCheck(check.id)))?.report;
  if (!report) {
    director.violated(`${check.id} has succeeded without a report.`);
    return {};
  }
  if (!report.isReady) director.violated(`${check.id} finds in the way: ${JSON.stringify(report.findings?.nodes)}`);
  return { planHash: report.planHash, confirm: report.confirmation };
}

/**
 * A person cancels a run while its machines are being started, or pauses it and goes on.
 * @returns what has become of it; false when it was too late for that
 */
async function interrupt(
  player: Player,
  log: OperationLog,
  faults: FaultWatch,
): Promise<'cancelled' | 'resumed' | false> {
  const { client, schedule } = player;
  const { interruption } = schedule;
  if (!interruption) return false;
  await sleep(interruption.afterMs);
  const failoverId = log.operationId;
  const input = () => ({ failoverId, idempotencyKey: randomUUID() });
  const isPause = interruption.what === 'pause';
  const isTaken = await allowed(() => (isPause ? client.pauseFailover(input()) : client.cancelFailover(input())));
  if (!isTaken) return false;
  const from = log.events.length;
  if (!isPause) {
    await goBackUntil(player, log, 0, faults, ['CANCELLED', 'ROLLED_BACK', 'REJECTED'], 'CANCELLING');
    return 'cancelled';
  }
  const paused = await phaseFrom(log, 0, ['LIVE', 'PAUSED']);
  if (paused.phase === 'LIVE') return 'resumed';
  const run = await insist(() => client.getFailover(failoverId));
  if (run?.pauseReason === 'USER') {
    unwrap(await insist(() => client.resumeFailover(input())), 'failover');
    const end = await phaseFrom(log, from, ['LIVE', 'PAUSED'], 'RUNNING');
    if (end.phase === 'LIVE') return 'resumed';
  }
  faults.clear();
  await retryUntilLive(player, log, log.events.length, faults);
  return 'resumed';
}

/** Asks for what a run may have become too far gone for. @returns whether it was accepted */
async function allowed(ask: () => ReturnType<Client['pauseFailover']>): Promise<boolean> {
  try {
    unwrap(await insist(ask), 'failover');
    return true;
  } catch (error) {
    if (error instanceof UserInputFailure && error.userErrors[0].code === 'NOT_ALLOWED_IN_PHASE') return false;
    throw error;
  }
}

async function end(player: Player, log: OperationLog): Promise<void> {
  const { ending } = player.schedule;
  if (ending !== 'commit' && (await undo(player, log, ending === 'undo-one'))) return;
  await commit(player, log);
}

/** Takes a run back, or one of its machines. @returns whether nothing of it is left to be made final */
async function undo(player: Player, log: OperationLog, isOne: boolean): Promise<boolean> {
  const { client, director } = player;
  const faults = director.watchFaults();
  const failoverId = log.operationId;
  const run = await insist(() => client.getFailover(failoverId));
  const away = (run?.vms.nodes ?? []).filter(({ state }) => state !== 'SKIPPED');
  const [first] = away;
  // Everybody was left out: a run without machines is made final.
  if (!first) return false;
  const from = log.events.length;
  const vmIds = isOne && first.vm ? { vmIds: [first.vm.id] } : {};
  unwrap(await insist(() => client.undoFailover({ failoverId, idempotencyKey: randomUUID(), ...vmIds })), 'failover');
  const end = await goBackUntil(player, log, from, faults, ['ROLLED_BACK', 'LIVE'], 'ROLLING_BACK');
  return end.phase === 'ROLLED_BACK';
}

/** Follows a run on its way back; where it pauses, the cause is taken away and it is retried. */
async function goBackUntil(
  player: Player,
  log: OperationLog,
  after: number,
  faults: FaultWatch,
  wanted: readonly string[],
  through: string,
): Promise<OperationEvent> {
  const { client, director } = player;
  const failoverId = log.operationId;
  let end = await phaseFrom(log, after, [...wanted, 'PAUSED'], after === 0 ? undefined : through);
  for (let attempt = 1; end.phase === 'PAUSED'; attempt += 1) {
    if (attempt > mostTries) throw new Error(`${failoverId} does not come back in ${mostTries} retries.`);
    expectReason(director, failoverId, end);
    if (faults.clear() === 0) director.violated(`${failoverId} paused although no backend failed: ${end.message}`);
    unwrap(await insist(() => client.retryFailover({ failoverId, idempotencyKey: randomUUID() })), 'failover');
    end = await phaseFrom(log, end.sequence, [...wanted, 'LIVE', 'PAUSED']);
  }
  return end;
}

/** From a pause whose cause is gone: it must come to LIVE. */
async function retryUntilLive(player: Player, log: OperationLog, pausedAt: number, faults: FaultWatch): Promise<void> {
  const { client, director } = player;
  const failoverId = log.operationId;
  let from = pausedAt;
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    await expectCauses(player, failoverId);
    const input = { failoverId, idempotencyKey: randomUUID() };
    unwrap(await insist(() => client.retryFailover(input)), 'failover');
    const end = await phaseFrom(log, from, ['LIVE', 'PAUSED']);
    if (end.phase === 'LIVE') return;
    expectReason(director, failoverId, end);
    if (faults.clear() === 0) {
      director.violated(`${failoverId} paused again although its cause was removed: ${end.message}`);
    }
    from = end.sequence;
  }
  throw new Error(`${failoverId} does not come to LIVE in ${mostTries} retries.`);
}

/** Commits; a run that pauses on the way is retried, and committed again. */
async function commit(player: Player, log: OperationLog): Promise<void> {
  const { client, director } = player;
  const faults = director.watchFaults();
  const failoverId = log.operationId;
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const from = log.events.length;
    const input = { failoverId, idempotencyKey: randomUUID() };
    try {
      unwrap(await insist(() => client.commitFailover(input)), 'failover');
    } catch (error) {
      // A move that failed behind its back has paused the run meanwhile.
      const isPaused = error instanceof UserInputFailure && error.userErrors[0].code === 'NOT_ALLOWED_IN_PHASE';
      if (!isPaused) throw error;
      faults.clear();
      await retryUntilLive(player, log, from, faults);
      continue;
    }
    const end = await phaseFrom(log, from, ['COMMITTED', 'PAUSED'], 'COMMITTING');
    if (end.phase === 'COMMITTED') {
      const last = await finished(log);
      if (last.status !== 'SUCCEEDED') director.violated(`${failoverId} is COMMITTED and ${last.status}.`);
      return;
    }
    expectReason(director, failoverId, end);
    if (faults.clear() === 0) director.violated(`${failoverId} paused although no backend failed: ${end.message}`);
    await retryUntilLive(player, log, end.sequence, faults);
  }
  throw new Error(`${failoverId} could not be committed in ${mostTries} attempts.`);
}

async function deprovision(player: Player, target: Target, isRetained: boolean): Promise<void> {
  const { client, director } = player;
  const faults = director.watchFaults();
  const retention = isRetained ? { retainFor: `PT${retentionSeconds}S` } : {};
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const input = { targetId: target.id, confirm: target.name, ...retention, idempotencyKey: randomUUID() };
    const operation = unwrap(await insist(() => client.deprovisionReplicationTarget(input)), 'operation');
    const end = await finished(player.follow(operation.id));
    if (end.status === 'SUCCEEDED') return isRetained ? destroyed(player, target) : undefined;
    expectReason(director, operation.id, end);
    if (faults.clear() === 0) director.violated(`${operation.id} failed although no backend did: ${end.message}`);
  }
  throw new Error(`${target.id} could not be given up in ${mostTries} attempts.`);
}

/** Waits until what was retained is removed: a worker that starts looks at once whose time has run out. */
async function destroyed(player: Player, { id }: Target): Promise<void> {
  const { client, director } = player;
  await sleep(retentionSeconds * 1000);
  director.renewWorker();
  for (let waited = 0; waited < 90_000; waited += 100) {
    const seen = await insist(() => client.getReplicationTarget(id));
    const operationId = seen?.currentOperation?.id;
    if (seen?.state === 'DEPROVISIONED') return;
    if (operationId === undefined) {
      await sleep(100);
      continue;
    }
    const end = await finished(player.follow(operationId));
    if (end.status !== 'SUCCEEDED') director.violated(`${operationId} failed although no backend did: ${end.message}`);
    return;
  }
  throw new Error(`What was retained of ${id} was not removed.`);
}

function finished(log: OperationLog): Promise<OperationEvent> {
  return log.until('its end', (events) => events.find(({ type }) => type === 'FINISHED'));
}

/** The first of these phases after an event; with `through`, only once that one has been seen. */
function phaseFrom(
  log: OperationLog,
  after: number,
  wanted: readonly string[],
  through?: string,
): Promise<OperationEvent> {
  return log.until(wanted.join(' or '), (events) => {
    const later = events.filter(({ sequence }) => sequence > after);
    const start = through === undefined ? 0 : later.findIndex(({ phase }) => phase === through);
    if (start < 0) return undefined;
    return later.slice(start).find(({ phase }) => typeof phase === 'string' && wanted.includes(phase));
  });
}

/** Whoever is told that something stopped is told why, and what to do. */
function expectReason(director: Director, operationId: string, { problem, message }: OperationEvent): void {
  if (!problem?.message || !problem.remedy) {
    director.violated(`${operationId} stopped without cause or remedy: ${message}`);
  }
}

async function expectCauses({ client, director }: Player, failoverId: string): Promise<void> {
  const run = await insist(() => client.getFailover(failoverId));
  for (const { name, state, problem } of run?.vms.nodes ?? []) {
    if (state === 'PAUSED' && !(problem?.message && problem.remedy)) {
      director.violated(`${name} of ${failoverId} is paused without cause or remedy.`);
    }
  }
}
