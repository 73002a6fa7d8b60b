import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { makeCertificate } from '@bulkhead/lab';

/** What a method answers: XML inside its response element, a fault's name, or a misbehaviour of the connection. */
export type Answer = { xml: string } | { fault: string; xml?: string } | 'cut' | 'hang' | 'unavailable';

export interface SoapEndpoint {
  host: string;
  port: number;
  sha256: string;
  certificate: string;
  /** Methods in the order they came, e.g. `Login`. */
  readonly asked: string[];
  /** Texts of the bodies, for looking for what must not be in them. */
  readonly bodies: string[];
  readonly actions: string[];
  /** The server forgets every session. */
  forgetSessions(): void;
  /** What a method answers from now on. */
  answer(method: string, ...answers: Answer[]): void;
  close(): Promise<void>;
}

const content =
  '<returnval><rootFolder type="Folder">group-d1</rootFolder>' +
  '<propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>' +
  '<about><name>Test</name><fullName>Test 1</fullName><version>8.0</version><apiType>VirtualCenter</apiType></about>' +
  '<sessionManager type="SessionManager">SessionManager</sessionManager></returnval>';

/** A server of a few methods that does as it is told: for what a real one does only on a bad day. */
export async function startSoapEndpoint(password: string, versions = ''): Promise<SoapEndpoint> {
  const host = '127.0.0.1';
  const made = await makeCertificate(host);
  const asked: string[] = [];
  const bodies: string[] = [];
  const actions: string[] = [];
  const answers = new Map<string, Answer[]>();
  const sessions = new Set<string>();
  const sockets = new Set<Duplex>();
  let lastSession = 0;

  const respond = (method: string, body: string, cookie: string): { answer: Answer; cookie?: string } => {
    const queue = answers.get(method);
    const told = queue && queue.length > 1 ? queue.shift() : queue?.[0];
    if (told) return { answer: told };
    if (method === 'RetrieveServiceContent') return { answer: { xml: content } };
    if (method === 'Login') {
      if (!body.includes(`<password>${password}</password>`)) return { answer: { fault: 'InvalidLogin' } };
      const made = `vmware_soap_session="s${(lastSession += 1)}"`;
      sessions.add(made);
      return { answer: { xml: '<returnval><key>1</key></returnval>' }, cookie: made };
    }
    if (!sessions.has(cookie)) return { answer: { fault: 'NotAuthenticated' } };
    return { answer: { xml: '' } };
  };

  const server = createServer({ key: made.key, cert: made.cert }, (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      if (request.method === 'GET') {
        response.writeHead(versions === '' ? 404 : 200).end(versions);
        return;
      }
      const method = /<soapenv:Body><(\w+)/.exec(body)?.[1] ?? '';
      asked.push(method);
      bodies.push(body);
      actions.push(String(request.headers['soapaction']));
      const { answer, cookie } = respond(method, body, request.headers.cookie ?? '');
      if (answer === 'hang') return;
      if (answer === 'cut') {
        request.socket.destroy();
        return;
      }
      if (answer === 'unavailable') {
        response.writeHead(503).end('busy');
        return;
      }
      if (cookie !== undefined) response.setHeader('set-cookie', `${cookie}; Path=/; HttpOnly; Secure`);
      const inner =
        'fault' in answer
          ? `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>no</faultstring><detail>` +
            `<${answer.fault}Fault xmlns="urn:vim25" xsi:type="${answer.fault}">${answer.xml ?? ''}</${answer.fault}Fault></detail></soapenv:Fault>`
          : `<${method}Response xmlns="urn:vim25">${answer.xml}</${method}Response>`;
      response.writeHead('fault' in answer ? 500 : 200, { 'content-type': 'text/xml' });
      response.end(
        '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
          `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${inner}</soapenv:Body></soapenv:Envelope>`,
      );
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the endpoint has no port');
  return {
    host,
    port: address.port,
    sha256: made.sha256,
    certificate: made.cert,
    asked,
    bodies,
    actions,
    forgetSessions: () => sessions.clear(),
    answer: (method, ...told) => void answers.set(method, told),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
