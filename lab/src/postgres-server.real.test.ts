import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startPostgresServer } from './postgres-server.ts';

const run = promisify(execFile);

test('a private server of the distribution answers with its password, and is gone when stopped', async () => {
  const server = await startPostgresServer();
  const { port, password } = new URL(server.url);
  const psql = async (secret: string, sql: string) => {
    const args = ['-h', '127.0.0.1', '-p', port, '-U', 'postgres', '-At', '-c', sql];
    return (
      await run(join(server.programs, 'psql'), args, { env: { ...process.env, PGPASSWORD: secret } })
    ).stdout.trim();
  };
  expect(server.version).toMatch(/PostgreSQL\) 1[5-9]/);
  expect(Number(await psql(password, 'show server_version_num'))).toBeGreaterThanOrEqual(150_000);
  expect(await psql(password, 'show listen_addresses')).toBe('127.0.0.1');
  expect(await psql(password, 'show password_encryption')).toBe('scram-sha-256');
  await expect(psql('wrong', 'select 1')).rejects.toThrow(/password authentication failed/);

  await server.stop();
  await expect(psql(password, 'select 1')).rejects.toThrow(/refused/);
});
