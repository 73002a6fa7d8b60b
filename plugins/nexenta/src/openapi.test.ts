import { readFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, test } from 'vitest';

test('the generated types are those of openapi.yaml', async () => {
  const committed = await readFile(new URL('openapi.generated.ts', import.meta.url), 'utf8');
  const generated = astToString(await openapiTS(new URL('../openapi.yaml', import.meta.url)));
  expect(committed.slice(committed.indexOf('export interface paths'))).toBe(generated);
});
