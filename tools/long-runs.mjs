// The recorded results of `pnpm test:long`, in docs/long-runs: one file per part, committed by whoever ran it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'docs/long-runs';
const day = 86_400_000;

const git = (...args) => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim();

/** The commit that runs, and whether files were changed since: a result of a changed tree proves nothing about the commit. */
export function currentCommit() {
  return {
    commit: git('rev-parse', 'HEAD'),
    hasChanges: git('status', '--porcelain', '--', '.', `:!${folder}`, ':!bench/results') !== '',
  };
}

export function recordLongRun(result) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${result.part}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}

/** A line for each part: how it ended, when, and how far main has gone since. */
export function longRunLines(parts) {
  const recorded = existsSync(folder) ? readdirSync(folder) : [];
  return parts.map((part) => {
    if (!recorded.includes(`${part}.json`)) return `${part}: never recorded`;
    const { isOk, summary, minutes, commit, hasChanges, date } = JSON.parse(
      readFileSync(join(folder, `${part}.json`), 'utf8'),
    );
    const age = Math.floor((Date.now() - Date.parse(date)) / day);
    const behind = git('rev-list', '--count', `${commit}..HEAD`);
    return [
      `${part}: ${isOk ? 'ok' : 'FAILED'}, ${summary}, ${minutes.toFixed(0)} min`,
      `${date.slice(0, 10)} (${age} ${age === 1 ? 'day' : 'days'} ago)`,
      `commit ${commit.slice(0, 9)}${hasChanges ? ' with changes' : ''}${behind === '' ? ', which this clone does not know' : `, ${behind} commits behind`}`,
    ].join(', ');
  });
}
