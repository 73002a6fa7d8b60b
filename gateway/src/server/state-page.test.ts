import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { printStatePage } from './state-page.ts';

test('the published page is the printed one', async () => {
  const file = new URL('../../../docs/states.md', import.meta.url);
  const printed = printStatePage();
  if (process.env.BULKHEAD_PRINT) await writeFile(file, printed);
  expect(await readFile(file, 'utf8')).toBe(printed);
});
