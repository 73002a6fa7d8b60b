import { readdir, readFile } from 'node:fs/promises';
import postgres from 'postgres';

/**
 * Tells the processor time of a PostgreSQL server on this machine, in microseconds: of the server and of all the processes
 * that it has and had. Linux only; elsewhere there is no `/proc` and it throws.
 */
export async function databaseMeter(url: string): Promise<() => Promise<number>> {
  const admin = postgres(url, { max: 1, onnotice: () => undefined });
  const [row] = await admin<{ file: string }[]>`select current_setting('data_directory') || '/postmaster.pid' as file`;
  await admin.end();
  const [pid = ''] = (await readFile(row?.file ?? '', 'utf8')).split('\n');
  return async () => {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const stats = await Promise.all(ids.map((id) => statOf(id)));
    let ticks = 0;
    for (const stat of stats) {
      if (stat?.id === pid) ticks += stat.ownTicks + stat.endedChildrensTicks;
      else if (stat?.parent === pid) ticks += stat.ownTicks;
    }
    return ticks * microsecondsPerTick;
  };
}

/** `_SC_CLK_TCK` is 100 on every Linux that Node runs on. */
const microsecondsPerTick = 10_000;

async function statOf(id: string) {
  // It may be gone by now.
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => undefined);
  // The command stands in parentheses and may hold anything, even parentheses.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!fields) return undefined;
  const ticks = (...places: number[]) => places.reduce((sum, place) => sum + Number(fields[place]), 0);
  return { id, parent: fields[1], ownTicks: ticks(11, 12), endedChildrensTicks: ticks(13, 14) };
}
