import { Pool, type PoolClient } from 'pg';

export interface EnginePoolOptions {
  url: string;
  /** In `pg_stat_activity`: whoever takes this process's work over ends its sessions by it. */
  applicationName: string;
  size: number;
  onError(error: Error): void;
}

/**
 * The engine's connections, as it would make them itself, with its statements around a step prepared. It sends them as texts,
 * and the database parsed and planned each of them anew, which took longer than to carry them out.
 */
export function openEnginePool({ url, applicationName, size, onError }: EnginePoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: applicationName,
    idle_in_transaction_session_timeout: 60_000,
    max: size,
  });
  pool.on('error', onError);
  pool.on('connect', prepareByText);
  return pool;
}

const names = new Map<string, string>();
const mostTexts = 50;

/**
 * Only what reads or writes the row of one run or of one of its steps: there one plan is right for every value. What looks
 * through a queue is planned for what it looks for. A text that asks for every column would break when a migration adds one.
 */
function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  const isOfOneRun = /workflow_uuid ?= ?\$1\b/.test(text) || /^insert into \S+operation_outputs/i.test(text);
  if (!isOfOneRun || /\*(?! 1000)/.test(text) || names.size >= mostTexts) return undefined;
  const name = `engine-${names.size + 1}`;
  names.set(text, name);
  return name;
}

function prepareByText(client: PoolClient): void {
  // Of its many signatures the engine uses a text with its values, and the pool adds a callback.
  const send = client.query.bind(client) as (...args: unknown[]) => unknown;
  const query = (text: unknown, ...rest: unknown[]): unknown => {
    const [values, ...others] = rest;
    const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
    return name === undefined ? send(text, ...rest) : send({ name, text, values }, ...others);
  };
  client.query = query as typeof client.query;
}
