import { readConfiguration } from '../configuration.ts';
import { gatewayLog, startGateway } from '../gateway.ts';
import { isConnectionLost } from '../workflows/persistently.ts';
import { chain } from '../workflows/problem.ts';

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

/** Serves until it is told to stop, then lets running work end. A second signal ends it at once. */
export async function run(configFile: string, parts: { api: boolean; worker: boolean }): Promise<number> {
  const configuration = await readConfiguration(configFile);
  const log = gatewayLog(configuration);
  // The database's client asks for array types on its own account at each connection, and nobody waits for that: a server
  // that restarts in this moment must not end the process. Anything else that nobody waited for is a bug and does.
  process.on('unhandledRejection', (error) => {
    if (!isConnectionLost(error)) throw error;
    log.warn({ error: chain(error) }, 'A connection to the database was lost.');
  });
  // Heard from the beginning: the API may be in use while the worker still starts. What is begun by then is begun wholly,
  // and closed.
  const stopping = new Promise<void>((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const other of stopSignals) process.off(other, stop).once(other, () => process.exit(1));
      log.info({ signal }, 'Stopping.');
      resolve();
    };
    for (const signal of stopSignals) process.once(signal, stop);
  });
  const gateway = await startGateway({ configuration, log, ...parts });
  await stopping;
  await gateway.close();
  log.info('Stopped.');
  return 0;
}
