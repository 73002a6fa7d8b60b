import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepStrike } from './schedule.ts';

/** A strike that a worker has met: at which step, and who it was. */
export interface MetStrike extends StepStrike {
  unit: string;
  pid: number;
  at: string;
}

/** The folder from which workers read at which steps they are to get which signals (gateway: workflows/failpoint.ts). */
export interface Armoury {
  readonly folder: string;
  arm(strikes: readonly StepStrike[]): Promise<void>;
  /** Takes back what nobody has met. */
  disarm(): Promise<void>;
  /** Calls back for each strike soon after it was met, until it is closed. */
  watch(onMet: (met: MetStrike) => void): { close(): Promise<void> };
}

export async function openArmoury(folder: string): Promise<Armoury> {
  for (const name of ['armed', 'taken', 'met']) await mkdir(join(folder, name), { recursive: true });
  let count = 0;
  return {
    folder,
    async arm(strikes) {
      for (const strike of strikes) {
        count += 1;
        const name = String(count).padStart(6, '0');
        const making = join(folder, `${name}.making`);
        await writeFile(making, JSON.stringify({ ...strike, unit: '*' }));
        await rename(making, join(folder, 'armed', name));
      }
    },
    async disarm() {
      // A worker may take one at this very moment: then it is met, and nothing is left to be removed.
      for (const name of await readdir(join(folder, 'armed'))) await rm(join(folder, 'armed', name), { force: true });
    },
    watch(onMet) {
      const seen = new Set<string>();
      const closing = new AbortController();
      const look = async () => {
        for (const name of (await readdir(join(folder, 'met'))).toSorted()) {
          if (seen.has(name)) continue;
          seen.add(name);
          const file = join(folder, 'met', name);
          // Written by a worker's failpoint, under another name first.
          onMet(JSON.parse(await readFile(file, 'utf8')) as MetStrike);
          await rm(file);
        }
      };
      const looking = (async () => {
        while (!closing.signal.aborted) {
          await look();
          await sleep(25);
        }
        await look();
      })();
      return {
        async close() {
          closing.abort();
          await looking;
        },
      };
    },
  };
}
