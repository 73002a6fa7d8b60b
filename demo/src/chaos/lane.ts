// One of the processes that play schedules side by side, each on a stage of its own. `main.ts` starts it and sends it
// seeds; it answers each with how that run ended.
import { openStage, type Stage } from './stage.ts';
import { runSeed, type RunOutcome } from './run.ts';

export type ToLane = { seed: number } | { end: true };
export type FromLane = { outcome: RunOutcome; runbooks: { name: string; steps: string[] }[] } | { isReady: true };

/** A stage gets fuller with each run: slower, and at last without addresses. */
const runsPerStage = 25;

const [, , ...command] = process.argv;
let stage: Stage | undefined;
let runs = 0;

process.on('message', (message) => {
  // Only main.ts talks to us.
  const order = message as ToLane;
  void ('seed' in order ? playSeed(order.seed) : end()).catch(async (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    await stage?.close().catch(() => undefined);
    process.exit(1);
  });
});
// Whoever started us is gone, and with it every reason to go on.
process.on('disconnect', () => void end());
// As in `bulkhead serve`: the database's client asks on its own account, and nobody waits for that answer when the
// database is restarted. What else nobody waited for is told with the run in which it came.
const unhandled: string[] = [];
process.on('unhandledRejection', (error) => {
  const text = error instanceof Error ? `${error.stack}` : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^(ECONN|EPIPE|CONNECTION_|57P0)/.test(code)) unhandled.push(`Nobody waited for this: ${text}`);
});

const tell = (message: FromLane) => process.send?.(message);
tell({ isReady: true });

async function playSeed(seed: number): Promise<void> {
  if (stage && runs >= runsPerStage) await leaveStage();
  stage ??= await openStage(command);
  runs += 1;
  const outcome = await runSeed(stage, seed);
  outcome.violations.push(...unhandled.splice(0));
  const runbooks = stage.workshop.gateway.workflows.map(({ name, steps = [], undoSteps = [] }) => ({
    name,
    steps: [...steps, ...undoSteps].map((step) => step.name),
  }));
  // What went wrong would go on to be wrong in the next run.
  if (outcome.violations.length > 0) await leaveStage();
  tell({ outcome, runbooks });
}

async function leaveStage(): Promise<void> {
  await stage?.close();
  stage = undefined;
  runs = 0;
}

async function end(): Promise<void> {
  await leaveStage();
  process.exit(0);
}
