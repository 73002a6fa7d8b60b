import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { labClients } from '@bulkhead/lab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkshop, type Workshop } from './workshop.ts';
import { orderTarget, protectedVms, pushReplicas } from './story.ts';
import { watchOperation } from '@bulkhead/sdk/subscriptions';

const readme = fileURLToPath(new URL('../../sdk/client/README.md', import.meta.url));
const scratch = fileURLToPath(new URL('./readme-example.generated.ts', import.meta.url));

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(async () => {
  await rm(scratch, { force: true });
  await workshop?.close();
});

test("the SDK's README lists, starts and watches a failover in under 20 lines", { timeout: 180_000 }, async () => {
  const nora = workshop.as('nora');
  const ada = workshop.as('ada');
  const { targetId, operationId } = await orderTarget(nora);
  for await (const event of watchOperation(nora, operationId)) expect(event.problem).toBeNull();
  await pushReplicas(workshop, ada, targetId, () => undefined);
  await protectedVms(ada, targetId, 3);

  const text = await readFile(readme, 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  expect(example.trim().split('\n').length).toBeLessThan(20);
  const [imports, body] = example.split(/\n(?=const client)/);
  // The example's free names become parameters; everything else is run as it stands.
  const names = "Record<'url' | 'clientId' | 'clientSecret' | 'tokenUrl' | 'organizationId', string>";
  const parameters = `{ url, clientId, clientSecret, tokenUrl, organizationId }: ${names}, console: { log(...a: unknown[]): void }`;
  await writeFile(scratch, `${imports}\nexport async function example(${parameters}) {\n${body}\n}\n`);
  const { example: run } = (await import(scratch)) as {
    example(names: object, console: { log(...a: unknown[]): void }): Promise<void>;
  };
  const msp = labClients.find((client) => client.clientId === 'msp-northwind');
  const [acme] = (await nora.listOrganizations({}).toArray({ limit: 20 })).filter(({ name }) =>
    name.startsWith('Acme'),
  );
  const lines: unknown[][] = [];
  await run(
    {
      organizationId: acme?.id,
      url: workshop.url,
      clientId: msp?.clientId,
      clientSecret: msp && 'secret' in msp ? msp.secret : '',
      tokenUrl: workshop.lab.identity.tokenUrl,
    },
    { log: (...line) => void lines.push(line) },
  );
  expect(lines.map(([sequence]) => sequence)).toEqual(lines.map((_, index) => index + 1));
  expect(lines.length).toBeGreaterThan(10);
});
