import type { ReplicationHealth } from './protected-vm.ts';

/** A first replica has no rhythm yet: a day and a bit passes before anybody worries. */
const firstWorrySeconds = 26 * 3600;
/** Faster than this no rhythm is taken to be: a burst of points is not a promise. */
const shortestRhythmSeconds = 600;

/**
 * How replication of one machine goes, judged by its own rhythm: the customer's software does not tell us its schedule.
 * `points` are the times of its restore points, oldest first.
 */
export function replicationHealthOf(points: readonly Date[], now: Date, isPaused: boolean): ReplicationHealth {
  const last = points.at(-1);
  if (!last) return 'INITIAL';
  if (isPaused) return 'PAUSED';
  const ageSeconds = (now.getTime() - last.getTime()) / 1000;
  const gaps = points.slice(1).map((point, index) => (point.getTime() - (points[index]?.getTime() ?? 0)) / 1000);
  const sorted = [...gaps].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) return ageSeconds <= firstWorrySeconds ? 'ON_TARGET' : 'STALLED';
  const rhythm = Math.max(median, shortestRhythmSeconds);
  if (ageSeconds <= 2 * rhythm) return 'ON_TARGET';
  return ageSeconds <= 5 * rhythm ? 'LAGGING' : 'STALLED';
}
