import { execFileSync } from 'node:child_process';

/**
 * How long it took from the command that a person typed (`npx pnpm demo`) to this process: fetching pnpm, installing,
 * launching. Undefined where the machine does not tell.
 */
export function secondsSinceCommand(): number | undefined {
  let oldest: number | undefined;
  let pid = process.ppid;
  for (let depth = 0; depth < 8 && pid > 1; depth += 1) {
    const seen = look(pid);
    if (!seen) break;
    // Between them are shells; the one above them all has been there for longer than the command.
    if (/\b(npx|npm|pnpm)\b/.test(seen.command)) oldest = seen.seconds;
    pid = seen.parent;
  }
  return oldest;
}

function look(pid: number): { parent: number; seconds: number; command: string } | undefined {
  try {
    const [parent = '', seconds = '', ...command] = execFileSync(
      'ps',
      ['-o', 'ppid=,etimes=,args=', '-p', String(pid)],
      {
        encoding: 'utf8',
      },
    )
      .trim()
      .split(/\s+/);
    return { parent: Number(parent), seconds: Number(seconds), command: command.join(' ') };
  } catch {
    return undefined;
  }
}
