import { expect, test } from 'vitest';
import { chainStart, hashOf, verifyChain } from './chain.ts';

type Row = Parameters<typeof verifyChain>[0][number];

function chainOf(length: number): Row[] {
  const rows: Row[] = [];
  for (let sequence = 1; sequence <= length; sequence += 1) {
    const row = {
      tenantId: 'org_acme',
      sequence,
      id: `aud_${sequence}`,
      occurredAt: new Date(1_700_000_000_000 + sequence),
      actor: { subject: 'ada', displayName: 'Ada', kind: 'PERSON' as const, isProvider: false },
      clientId: 'portal',
      tokenId: null,
      action: 'target.provision',
      subjectId: 'rt_1',
      subjectName: 'one',
      outcome: 'DONE' as const,
      summary: `entry ${sequence}`,
      reason: null,
      requestId: null,
      previousHash: rows.at(-1)?.hash ?? chainStart,
    };
    rows.push({ ...row, hash: hashOf(row) });
  }
  return rows;
}

test('verifies an untouched chain, whatever the order of keys inside', () => {
  const rows = chainOf(5).map((row) => ({
    ...row,
    actor: { isProvider: false, kind: 'PERSON' as const, displayName: 'Ada', subject: 'ada' },
  }));
  expect(verifyChain(rows)).toEqual({ entries: 5, head: rows[4]?.hash });
});

test('finds an entry that was changed, removed or put in', () => {
  const rows = chainOf(5);
  const changed = rows.map((row) => (row.sequence === 3 ? { ...row, summary: 'something else' } : row));
  expect(verifyChain(changed).brokenAt).toBe(3);
  expect(verifyChain(rows.filter((row) => row.sequence !== 2)).brokenAt).toBe(2);
  expect(verifyChain([...rows.slice(0, 2), ...rows.slice(1)]).brokenAt).toBe(3);
});

test('finds an entry that was changed and hashed anew', () => {
  const rows = chainOf(3);
  const forged = rows.map((row) => {
    if (row.sequence !== 2) return row;
    const changed = { ...row, outcome: 'FAILED' as const };
    return { ...changed, hash: hashOf(changed) };
  });
  expect(verifyChain(forged).brokenAt).toBe(3);
});
