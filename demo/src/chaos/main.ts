import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { FromLane, ToLane } from './lane.ts';
import { countKills } from './kill-count.ts';
import { writeReport } from './report.ts';
import type { RunOutcome } from './run.ts';

const usage = `chaos --seed N [--runs M] [--lanes L] [--report FILE] [--from dist|source]

Plays M random schedules (seeds N, N+1, …) of kills, freezes, backend faults and database
restarts on provisioning, failover, commit and removal, and judges the datacentre and the
records after each. A seed decides its schedule alone: a failing one fails again.
`;

/** From so many runs on, a step at which nobody was ever struck is a hole in the proof. */
const runsThatReachEveryStep = 1000;

const commands = {
  source: ['--import', './tools/source.mjs', 'gateway/src/cli.ts'],
  dist: ['--conditions=bulkhead-dist', 'gateway/dist/cli.js'],
} as const;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      runs: { type: 'string', default: '1' },
      lanes: { type: 'string' },
      report: { type: 'string' },
      from: { type: 'string', default: 'dist' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.seed === undefined) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  const [seed, runs] = [wholeNumber('seed', values.seed), wholeNumber('runs', values.runs)];
  const lanes = Math.min(runs, values.lanes === undefined ? 2 : wholeNumber('lanes', values.lanes));
  if (values.from !== 'source' && values.from !== 'dist') throw new Error('--from is source or dist.');
  // What is judged is what is packed: a build from before the last change would be judged in its place.
  if (values.from === 'dist') execFileSync('npx', ['tsc', '-b'], { stdio: 'inherit' });
  const started = new Date();
  const played = await playAll({ seed, runs, lanes, command: commands[values.from] });
  const { outcomes } = played;
  const failed = [
    ...played.died,
    ...outcomes.filter(({ violations }) => violations.length > 0).map((each) => each.seed),
  ];
  const kills = countKills(outcomes, played.runbooks);
  const minutes = (Date.now() - started.getTime()) / 60_000;
  process.stdout.write(`\n${kills.lines.join('\n')}\n`);
  process.stdout.write(
    `\n${outcomes.length + played.died.length} schedules in ${minutes.toFixed(1)} minutes on ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}: ${failed.length} with violated invariants${failed.length === 0 ? '' : ` (seeds ${failed.join(', ')})`}.\n`,
  );
  if (values.report !== undefined)
    await writeReport(values.report, { died: played.died, seed, runs, lanes, started, minutes, outcomes, kills });
  const isWithHoles = runs >= runsThatReachEveryStep && kills.untouched.length > 0;
  if (isWithHoles) process.stdout.write(`Nobody was struck at: ${kills.untouched.join(', ')}.\n`);
  return failed.length > 0 || outcomes.length < runs || isWithHoles ? 1 : 0;
}

interface Played {
  outcomes: RunOutcome[];
  /** Seeds in which a lane ended. */
  died: number[];
  runbooks: { name: string; steps: string[] }[];
}

/** Lanes take the next seed as they become free. */
async function playAll(options: {
  seed: number;
  runs: number;
  lanes: number;
  command: readonly string[];
}): Promise<Played> {
  const played: Played = { outcomes: [], died: [], runbooks: [] };
  let next = options.seed;
  const end = options.seed + options.runs;
  const children: ChildProcess[] = [];
  const playLane = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const lane = fork(fileURLToPath(new URL('lane.ts', import.meta.url)), options.command, {
        execArgv: process.execArgv,
      });
      children.push(lane);
      let current: number | undefined;
      const order = (message: ToLane) => void lane.send(message);
      const proceed = () => {
        current = next < end ? next++ : undefined;
        order(current === undefined ? { end: true } : { seed: current });
      };
      lane.on('message', (message) => {
        // Only lane.ts answers here.
        const answer = message as FromLane;
        if ('outcome' in answer) {
          played.outcomes.push(answer.outcome);
          played.runbooks = answer.runbooks;
          tell(answer.outcome);
        }
        proceed();
      });
      lane.once('error', reject);
      lane.once('exit', (code) => {
        if (code === 0) return resolve();
        if (current === undefined) return reject(new Error(`A lane ended with ${code} before it played anything.`));
        // The API runs in the lane's process: what ended it stands above. The others' seeds are not to suffer from it.
        process.stdout.write(`seed ${current}: VIOLATED: the API's process ended with ${code}\n`);
        process.stdout.write(`  Again: npx -y pnpm@12 chaos --seed ${current}\n`);
        played.died.push(current);
        resolve(next < end ? playLane() : undefined);
      });
    });
  const stop = () => {
    for (const child of children) if (child.connected) child.disconnect();
    process.exit(130);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const ended = await Promise.allSettled(Array.from({ length: options.lanes }, playLane));
  for (const each of ended) {
    if (each.status === 'rejected') process.stderr.write(`${String(each.reason)}\n`);
  }
  return played;
}

function tell({ seed, told, seconds, met, faultsShown, violations, journal }: RunOutcome): void {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  say(`seed ${seed}: ${told}`);
  const struck = `${met.length} struck at steps, ${faultsShown.length} faults shown`;
  say(`seed ${seed}: ${violations.length === 0 ? 'held' : 'VIOLATED'} in ${seconds.toFixed(1)} s; ${struck}`);
  if (violations.length === 0) return;
  for (const violation of violations) say(`  ✘ ${violation}`);
  say('  The journal ends with:');
  for (const line of journal) say(`    ${line}`);
  say(`  Again: npx -y pnpm@12 chaos --seed ${seed}`);
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || text.trim() === '')
    throw new Error(`--${option}: ${text} is not a whole number.`);
  return value;
}

process.exitCode = await main();
