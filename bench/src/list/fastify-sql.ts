// The floor: a route of fastify's that runs one statement and answers with what the other servers answer. It reads
// nothing of the query but its name.
import fastify from 'fastify';
import { ready } from '../runner/answers.ts';
import { machineOf, openPeerData, pageOf } from './peer-data.ts';
import { peerOptions } from './peer-options.ts';
import { queries } from './query.ts';

const data = openPeerData(peerOptions());
const app = fastify();

interface Body {
  operationName: string;
  variables: { first: number };
}

app.post<{ Body: Body }>('/graphql', async (request) => {
  const caller = await data.caller(request.headers.authorization);
  const { operationName, variables } = request.body;
  const { first } = variables;
  if (operationName === queries.machines.operationName) {
    const rows = await data.machines(caller, first);
    return { data: { protectedVms: pageOf(rows, first, machineOf) } };
  }
  const rows = await data.machinesAndPoints(caller, first);
  const page = pageOf(rows, first, (row) => ({
    ...machineOf(row),
    latestRestorePoint: row.pointId === null ? null : { id: row.pointId, createdAt: row.pointAt.toISOString() },
  }));
  return { data: { protectedVms: page } };
});

const url = await app.listen({ host: '127.0.0.1', port: 0 });
ready({ url: () => `${url}/graphql` });
