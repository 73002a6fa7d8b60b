import { Agent, request } from 'undici';
import { Faults } from '../../faults.ts';
import { Journal } from '../../journal.ts';
import { LabClock } from '../../clock.ts';
import type { NfsFile } from '../../nfs.ts';
import { startNexentaStor, type NexentaStor, type NexentaStorOptions } from '../nexentastor.ts';

export interface RawAnswer {
  status: number;
  // The answers are read as tests need them: whatever JSON came.
  body: Record<string, unknown>;
  headers: Record<string, string | string[] | undefined>;
}

export interface RawClient {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RawAnswer>;
  /** Sends, and follows a job to its end. */
  finish(method: string, path: string, body?: unknown): Promise<RawAnswer>;
  close(): Promise<void>;
}

/** A client that knows nothing but HTTP: signs in once, sends what it is told. */
export async function rawClient(appliance: NexentaStor, node = 0): Promise<RawClient> {
  const at = appliance.nodes[node];
  if (!at) throw new Error(`The appliance has no node ${node}.`);
  const dispatcher = new Agent({ connect: { ca: [at.certificate.cert] } });
  const exchange = async (method: string, path: string, body: unknown, headers: Record<string, string>) => {
    const answer = await request(at.url + path, {
      dispatcher,
      method: method as 'GET', // undici's own union; tests send any method
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: answer.statusCode, body: parsed, headers: answer.headers };
  };
  const { userName, password } = appliance.credentials;
  const signedIn = await exchange('POST', '/auth/login', { username: userName, password }, {});
  const bearer = { authorization: `Bearer ${String(signedIn.body['token'])}` };
  const client: RawClient = {
    send: (method, path, body, headers = bearer) => exchange(method, path, body, headers),
    async finish(method, path, body) {
      let answer = await client.send(method, path, body);
      for (let polls = 0; answer.status === 202; polls += 1) {
        if (polls > 500) throw new Error(`${method} ${path} does not end.`);
        const links = answer.body['links'] as { rel: string; href: string }[]; // the appliance's own shape
        answer = await client.send('GET', links.find((link) => link.rel === 'monitor')?.href ?? '');
      }
      return answer;
    },
    close: () => dispatcher.close(),
  };
  return client;
}

/** Starts an appliance for one test file, on free ports of its own address. */
export async function startForTest(
  address: string,
  options: Partial<NexentaStorOptions> = {},
): Promise<NexentaStor & { faults: Faults; journal: Journal }> {
  const faults = new Faults();
  const journal = new Journal();
  const appliance = await startNexentaStor({
    address,
    port: 0,
    dataAddress: '10.9.9.9',
    faults,
    journal,
    clock: new LabClock(0.001),
    ...options,
  });
  return { ...appliance, faults, journal };
}

export function file(sizeBytes: number, text = ''): NfsFile {
  return { content: Buffer.from(text), sizeBytes, modifiedAt: new Date(0) };
}
