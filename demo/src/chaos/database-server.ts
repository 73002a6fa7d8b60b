import { mkdir, readFile, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedServer } from '@bulkhead/gateway';

/** A PostgreSQL server that is restarted while everybody works on it. */
export interface DatabaseServer {
  /** The administrative login; it stays the same. */
  url: string;
  /** `fast` ends all sessions and shuts down; `immediate` is a crash: what is not in the log is lost. */
  restart(mode: 'fast' | 'immediate'): Promise<void>;
  stop(): Promise<void>;
}

export async function startDatabaseServer(): Promise<DatabaseServer> {
  // As root the server runs as another user: it gets a folder that this user can reach.
  const directory = join(tmpdir(), `bulkhead-chaos-postgres-${randomBytes(4).toString('hex')}`);
  await mkdir(directory, { mode: 0o755 });
  // What was committed is in the operating system's hands: a crash of the server, unlike a power cut, loses nothing of it.
  const options = { directory, unsafe: true, settings: ['synchronous_commit=on'] };
  let server = await startEmbeddedServer(options);
  const { url } = server;
  return {
    url,
    async restart(mode) {
      if (mode === 'immediate') {
        const [pid = ''] = (await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8')).split('\n');
        process.kill(Number(pid), 'SIGQUIT');
      }
      await server.stop();
      server = await startEmbeddedServer(options);
      if (server.url !== url) throw new Error(`The database came back as ${server.url} instead of ${url}.`);
    },
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
