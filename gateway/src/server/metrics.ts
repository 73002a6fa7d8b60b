import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** What operators watch. Labels hold no tenant and no name. */
export interface Metrics {
  registry: Registry;
  requests: Counter<'operation' | 'code'>;
  duration: Histogram<'operation'>;
  sockets: Gauge;
  subscriptions: Gauge;
}

/** A registry of its own per server, so that two in one process do not meet. */
export function makeMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'bulkhead_' });
  const registers = [registry];
  return {
    registry,
    requests: new Counter({
      name: 'bulkhead_graphql_requests_total',
      help: 'GraphQL requests by kind of operation and result code.',
      labelNames: ['operation', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: 'bulkhead_graphql_request_seconds',
      help: 'Time from request to answer.',
      labelNames: ['operation'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    sockets: new Gauge({ name: 'bulkhead_sockets', help: 'Open WebSockets.', registers }),
    subscriptions: new Gauge({ name: 'bulkhead_subscriptions', help: 'Running subscriptions.', registers }),
  };
}
