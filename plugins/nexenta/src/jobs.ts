import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { Settings } from './config.ts';
import { Interruption, isRefusal } from './faults.ts';
import type { Session } from './session.ts';

const longestPauseMilliseconds = 3000;
/** Polls in a row that may go without an answer before the job is given up as unknown. */
const tolerated = 5;

/**
 * Follows a job on the node that accepted it until it is done. Giving up does not stop the job: it ends as `timeout` or
 * `unknown-outcome`, never as a failure. @throws Refusal with the job's own failure
 */
export async function followJob(
  session: Session,
  about: string,
  accepted: unknown,
  settings: Settings,
  call: PluginCall,
): Promise<void> {
  const jobId = jobIn(accepted, about);
  const begun = Date.now();
  const giveUpAt = begun + settings.jobTimeoutSeconds * 1000;
  for (let failures = 0; ;) {
    try {
      const { status, data } = await session.send(
        `GET /jobStatus/${jobId}`,
        (client, init) => client.GET('/jobStatus/{jobId}', { params: { path: { jobId } }, ...init }),
        call.signal,
      );
      if (status !== 202) return;
      failures = 0;
      if (data?.progress !== undefined) call.progress({ percent: data.progress });
    } catch (error) {
      // Either the job failed for want of its object, or the node has forgotten the job, as after a take-over. Only the
      // object itself can tell.
      if (isRefusal(error, 'ENOENT'))
        throw new Interruption('unknown-outcome', `${about}: job ${jobId}: ${error.message}`);
      if (!(error instanceof Interruption)) throw error;
      failures += 1;
      if (call.signal.aborted) throw new Interruption('timeout', `${about}: job ${jobId} goes on`);
      if (failures > tolerated) throw new Interruption('unknown-outcome', `${about}: job ${jobId}: ${error.message}`);
    }
    if (Date.now() > giveUpAt) throw new Interruption('timeout', `${about}: job ${jobId} goes on`);
    // A short job's end is seen soon, and a long one's at most a fifth of its time later.
    const pause = Math.max(settings.retryPauseMilliseconds / 4, (Date.now() - begun) / 5);
    await sleep(Math.min(pause, longestPauseMilliseconds), undefined, { signal: call.signal }).catch(() => {
      throw new Interruption('timeout', `${about}: job ${jobId} goes on`);
    });
  }
}

function jobIn(accepted: unknown, about: string): string {
  const links: unknown = typeof accepted === 'object' && accepted !== null ? Reflect.get(accepted, 'links') : undefined;
  for (const link of Array.isArray(links) ? (links as unknown[]) : []) {
    const { rel, href } = (link ?? {}) as { rel?: unknown; href?: unknown }; // checked in the next line
    const id = rel === 'monitor' && typeof href === 'string' ? /\/jobStatus\/([^/?]+)$/.exec(href)?.[1] : undefined;
    if (id !== undefined) return decodeURIComponent(id);
  }
  throw new Interruption('unknown-outcome', `${about}: accepted without a job to follow`);
}
