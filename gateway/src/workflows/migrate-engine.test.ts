import { randomBytes } from 'node:crypto';
import postgres from '#postgres';
import { expect, inject, test, vi } from 'vitest';
import { migrateEngine } from './dbos.ts';

test('the engine’s tables are made, and made once, without a word on stdout', async () => {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const own = new URL(inject('databaseUrl'));
  const admin = postgres(own.href, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database ${name}`);
  own.pathname = `/${name}`;
  const scratch = postgres(own.href, { max: 1 });
  const spoken = [vi.spyOn(console, 'log'), vi.spyOn(console, 'info'), vi.spyOn(process.stdout, 'write')];
  try {
    await migrateEngine(own.href);
    const versions = () => scratch<{ version: string }[]>`select version from dbos.dbos_migrations`;
    const [made] = await versions();
    expect(Number(made?.version)).toBeGreaterThan(0);
    await migrateEngine(own.href);
    expect([...(await versions())]).toEqual([made]);
    for (const stream of spoken) expect(stream).not.toHaveBeenCalled();
  } finally {
    for (const stream of spoken) stream.mockRestore();
    await scratch.end();
    await admin.unsafe(`drop database ${name} with (force)`);
    await admin.end();
  }
});
