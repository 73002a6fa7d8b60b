import { Agent, request } from 'node:https';
import type { HostCertificate } from '../../certificate.ts';
import { childOf, parseXml } from '../../vim25/xml.ts';
import type { Element } from '../../vim25/xml.ts';

/** A SOAP fault as a client sees it. */
export class SoapFault extends Error {
  constructor(
    readonly type: string,
    readonly detail: Element,
    message: string,
  ) {
    super(`${type}: ${message}`);
  }

  text(name: string): string | undefined {
    return childOf(this.detail, name)?.text;
  }
}

export interface SoapClient {
  /** Sends one method's body and answers with its `returnval` elements. @throws SoapFault */
  call(method: string, self: readonly [type: string, id: string], args?: string): Promise<Element[]>;
  /** Starts a task and waits for its end: its result. @throws SoapFault */
  task(method: string, self: readonly [type: string, id: string], args?: string): Promise<string>;
  /** Waits for a task that was started already. @throws SoapFault */
  finish(task: string): Promise<string>;
  /** One property as text, or undefined when it is unset. */
  read(self: readonly [type: string, id: string], path: string): Promise<string | undefined>;
  property(self: readonly [type: string, id: string], path: string): Promise<Element | undefined>;
  login(userName: string, password: string): Promise<void>;
  http(method: string, path: string, body?: Buffer | string): Promise<{ status: number; body: Buffer }>;
  cookie: string;
}

const SESSION_MANAGER = {
  vcenter: ['SessionManager', 'SessionManager'],
  esxi: ['SessionManager', 'ha-sessionmanager'],
} as const;

/** A client that knows nothing of the simulator but the wire. It trusts exactly this certificate. */
export function soapClient(
  endpoint: { address: string; port: number; certificate: HostCertificate },
  kind: 'vcenter' | 'esxi' = 'vcenter',
): SoapClient {
  const agent = new Agent({ ca: endpoint.certificate.cert, keepAlive: false, checkServerIdentity: () => undefined });
  const send = (method: string, path: string, body: Buffer | string | undefined) =>
    new Promise<{ status: number; body: Buffer; cookies: string[] }>((resolve, reject) => {
      const headers: Record<string, string> = {
        'Content-Type': 'text/xml; charset="utf-8"',
        SOAPAction: 'urn:vim25/8.0.1.0',
      };
      if (client.cookie !== '') headers['Cookie'] = client.cookie;
      const outgoing = request(
        { host: endpoint.address, port: endpoint.port, path, method, headers, agent, timeout: 20_000 },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks),
              cookies: response.headers['set-cookie'] ?? [],
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 20 s')));
      outgoing.end(body);
    });

  const client: SoapClient = {
    cookie: '',
    async call(method, [type, id], args = '') {
      const envelope =
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
        `<soapenv:Body><${method} xmlns="urn:vim25"><_this type="${type}">${id}</_this>${args}</${method}></soapenv:Body></soapenv:Envelope>`;
      const response = await send('POST', '/sdk', envelope);
      const [set] = response.cookies;
      if (set !== undefined) client.cookie = set.split(';')[0] ?? '';
      const body = childOf(parseXml(response.body.toString('utf8')), 'Body')?.children[0];
      if (!body) throw new Error(`no body: ${response.body.toString()}`);
      if (body.name !== 'Fault') return body.children;
      const detail = childOf(body, 'detail')?.children[0];
      if (!detail) throw new Error(`a fault without detail: ${response.body.toString()}`);
      throw new SoapFault(detail.xsiType ?? detail.name, detail, childOf(body, 'faultstring')?.text ?? '');
    },
    async task(method, self, args) {
      const [task] = await client.call(method, self, args);
      return client.finish(task?.text ?? '');
    },
    async finish(id) {
      for (;;) {
        const info = await client.property(['Task', id], 'info');
        const state = info && childOf(info, 'state')?.text;
        if (info && state === 'success') return childOf(info, 'result')?.text ?? '';
        if (info && state === 'error') {
          const error = childOf(info, 'error');
          const fault = error && childOf(error, 'fault');
          if (!error || !fault) throw new Error('a failed task without error');
          throw new SoapFault(fault.xsiType ?? '', fault, childOf(error, 'localizedMessage')?.text ?? '');
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async property([type, id], path) {
      const spec =
        `<specSet><propSet><type>${type}</type><pathSet>${path}</pathSet></propSet>` +
        `<objectSet><obj type="${type}">${id}</obj></objectSet></specSet><options/>`;
      const [result] = await client.call('RetrievePropertiesEx', ['PropertyCollector', 'propertyCollector'], spec);
      const set = result && childOf(result, 'objects') && childOf(childOf(result, 'objects') ?? result, 'propSet');
      return set && childOf(set, 'val');
    },
    async read(self, path) {
      return (await client.property(self, path))?.text;
    },
    async login(userName, password) {
      await client.call(
        'Login',
        SESSION_MANAGER[kind],
        `<userName>${userName}</userName><password>${password}</password>`,
      );
    },
    async http(method, path, body) {
      const { status, body: content } = await send(method, path, body);
      return { status, body: content };
    },
  };
  return client;
}
