import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Datacentre } from '../final-state/final-state.ts';

type Ref = readonly [type: string, id: string];

/** The backends, spoken to by hand: requests as text, with nothing of the gateway or its plugins between. */
export interface RawBackends {
  /** One vim25 method, and its task's end where it starts one. Answers with the body's text. */
  vim(method: string, self: Ref, args?: string): Promise<string>;
  /** The appliance: one request, followed to its job's end. */
  nef(method: string, path: string, body?: object): Promise<unknown>;
  /** One transaction on the northbound database. */
  northbound(...operations: object[]): Promise<unknown[]>;
}

export async function rawBackends({ production, appliance, northbound }: Datacentre): Promise<RawBackends> {
  let cookie = '';
  const soap = async (method: string, [type, id]: Ref, args = ''): Promise<string> => {
    const envelope =
      '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
      `<soapenv:Body><${method} xmlns="urn:vim25"><_this type="${type}">${id}</_this>${args}</${method}></soapenv:Body></soapenv:Envelope>`;
    const headers = { 'content-type': 'text/xml', soapaction: 'urn:vim25/7.0', ...(cookie ? { cookie } : {}) };
    const answer = await send('POST', production.url, production.certificate, headers, envelope);
    cookie ||= answer.cookie;
    if (answer.status !== 200) throw new Error(`${method} was refused: ${answer.text}`);
    return answer.text;
  };
  const login = `<userName>${production.userName}</userName><password>${production.password}</password>`;
  await soap('Login', ['SessionManager', 'SessionManager'], login);
  const signIn = { username: appliance.userName, password: appliance.password };
  const json = { 'content-type': 'application/json' };
  const login2 = new URL('/auth/login', appliance.url).href;
  const signedIn = await send('POST', login2, appliance.certificate, json, JSON.stringify(signIn));
  const { token } = JSON.parse(signedIn.text) as { token: string };

  return {
    async vim(method, self, args) {
      const answer = await soap(method, self, args);
      const task = /<returnval type="Task">([^<]+)</.exec(answer)?.[1];
      return task === undefined ? answer : endOfTask(soap, task);
    },
    async nef(method, path, body) {
      const headers = { ...json, authorization: `Bearer ${token}` };
      let answer = await send(
        method,
        new URL(path, appliance.url).href,
        appliance.certificate,
        headers,
        body ? JSON.stringify(body) : undefined,
      );
      while (answer.status === 202) {
        const { links } = JSON.parse(answer.text) as { links: { rel: string; href: string }[] };
        const monitor = links.find(({ rel }) => rel === 'monitor')?.href ?? '';
        answer = await send('GET', new URL(monitor, appliance.url).href, appliance.certificate, headers);
      }
      if (answer.status >= 300) throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.text}`);
      return answer.text === '' ? undefined : JSON.parse(answer.text);
    },
    northbound: (...operations) => transact(northbound, operations),
  };
}

async function endOfTask(soap: (method: string, self: Ref, args?: string) => Promise<string>, task: string) {
  const spec =
    '<specSet><propSet><type>Task</type><pathSet>info</pathSet></propSet>' +
    `<objectSet><obj type="Task">${task}</obj></objectSet></specSet><options/>`;
  const started = Date.now();
  for (;;) {
    const answer = await soap('RetrievePropertiesEx', ['PropertyCollector', 'propertyCollector'], spec);
    if (answer.includes('<state>success</state>')) return answer;
    if (answer.includes('<state>error</state>')) throw new Error(`The task failed: ${answer}`);
    if (Date.now() - started > 30_000) throw new Error(`Task ${task} does not end.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function send(
  method: string,
  url: string,
  certificate: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; text: string; cookie: string }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { method, ca: certificate, agent: false, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text,
          cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

function transact(address: { host: string; port: number }, operations: object[]): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const query = { id: 1, method: 'transact', params: ['OVN_Northbound', ...operations] };
    const socket = connect(address, () => socket.write(JSON.stringify(query)));
    socket.on('error', reject);
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
      let answer: { result?: ({ error?: string } | null)[] };
      try {
        answer = JSON.parse(received) as typeof answer;
      } catch {
        return; // not all of it yet
      }
      socket.end();
      const refusal = answer.result?.find((each) => each?.error !== undefined)?.error;
      if (!answer.result || refusal !== undefined) return reject(new Error(`The database refused: ${refusal}`));
      resolve(answer.result);
    });
  });
}
