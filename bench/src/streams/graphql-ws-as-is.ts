// Peer: graphql-ws as its own guide sets it up, with the gateway's schema: one execution per subscriber and event.
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { gatewaySchema } from '@bulkhead/gateway/internal/server/schema';
import type { OperationEventRow } from '@bulkhead/gateway/internal/workflows/event-feed';
import { ready } from '../runner/answers.ts';
import { fieldName } from './subscription.ts';

const rows: OperationEventRow[] = [];
const waiting = new Set<() => void>();
const schema = await gatewaySchema();
const field = schema.getSubscriptionType()?.getFields()[fieldName];
if (!field) throw new Error(`The schema has no subscription ${fieldName}.`);
// Sign-in, the log and the limits are left out: what remains is what graphql-ws does for each subscriber.
field.subscribe = follow;

async function* follow(): AsyncGenerator<OperationEventRow> {
  for (let next = 0; ; next += 1) {
    while (next >= rows.length) {
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
      });
    }
    const row = rows[next];
    if (row) yield row;
  }
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await once(server, 'listening');
useServer({ schema }, server);

ready({
  // A server that listens on TCP has an address with a port.
  url: () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
  publish: (row: OperationEventRow) => {
    // Dates do not survive the way between processes.
    rows.push({ ...row, at: new Date(row.at) });
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake();
  },
});
