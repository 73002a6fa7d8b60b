import { createServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { HostCertificate } from '../certificate.ts';
import { encodeField } from './encode.ts';
import type { Endpoint } from './endpoint.ts';
import { TransportFault } from './endpoint.ts';
import { asVimFault, invalidRequest } from './fault.ts';
import type { VimFault } from './fault.ts';
import { childOf, escapeXml, parseXml } from './xml.ts';

/** A further path that the same server answers, such as `/folder`. */
export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  cookie: string | undefined,
) => Promise<void>;

export interface SoapServer {
  listen(address: string, port: number): Promise<void>;
  /** Stops answering on one address. */
  close(address: string): Promise<void>;
  addresses(): string[];
  stop(): Promise<void>;
}

const COOKIE = 'vmware_soap_session';
const MAX_BODY = 64 * 1024 * 1024;

const VERSIONS = `<?xml version="1.0" encoding="UTF-8"?>
<namespaces version="1.0"><namespace><name>urn:vim25</name><version>8.0.3.0</version><priorVersions>${[
  '8.0.2.0',
  '8.0.1.0',
  '8.0.0.1',
  '7.0.3.2',
  '7.0.3.1',
  '7.0.3.0',
  '7.0.2.0',
  '7.0.1.1',
  '7.0.0.0',
  '6.9.1',
  '6.8.7',
  '6.7.3',
  '6.7.2',
  '6.7.1',
  '6.7',
  '6.5',
  '6.0',
  '5.5',
  '5.1',
  '5.0',
  '4.1',
  '4.0',
]
  .map((version) => `<version>${version}</version>`)
  .join('')}</priorVersions></namespace></namespaces>`;

/** Serves one endpoint over HTTPS on one or more addresses; `isReachable` says whether frames reach one of them now. */
export function createSoapServer(
  endpoint: Endpoint,
  certificate: HostCertificate,
  routes: Readonly<Record<string, Route>> = {},
  isReachable: (address: string) => boolean = () => true,
): SoapServer {
  const servers = new Map<string, Server>();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (!isReachable(request.socket.localAddress ?? '')) request.socket.destroy();
    else void serve(endpoint, routes, request, response).catch(() => request.socket.destroy());
  };
  return {
    listen: (address, port) =>
      new Promise((resolve, reject) => {
        if (servers.has(address)) return resolve();
        const server = createServer({ key: certificate.key, cert: certificate.cert, keepAlive: true }, answer);
        server.keepAliveTimeout = 60_000;
        // Asked at each request, too: an address that lost its lock answers nobody, old connections included.
        server.on('connection', (socket) => void (isReachable(address) || socket.destroy()));
        server.once('error', reject);
        server.listen(port, address, () => {
          servers.set(address, server);
          resolve();
        });
      }),
    close: async (address) => {
      const server = servers.get(address);
      servers.delete(address);
      if (server) await closeServer(server);
    },
    addresses: () => [...servers.keys()],
    stop: async () => {
      await Promise.all([...servers.values()].map(closeServer));
      servers.clear();
    },
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  endpoint: Endpoint,
  routes: Readonly<Record<string, Route>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://host');
  const path = url.pathname.replace(/\/+$/, '');
  const cookie = readCookie(request.headers.cookie);
  const route = routes[path.split('/')[1] ?? ''];
  if (route) return route(request, response, url, cookie);
  if (request.method === 'GET' && path === '/sdk/vimServiceVersions.xml') {
    return end(response, 200, VERSIONS);
  }
  if (path !== '/sdk') return end(response, 404, 'Not found', 'text/plain');
  if (request.method !== 'POST') return end(response, 405, 'Method not allowed', 'text/plain');

  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const body = await readBody(request);
  try {
    const { text, headers } = await respond(endpoint, body, cookie, gone.signal);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    end(response, 200, text);
  } catch (error) {
    if (error instanceof TransportFault) {
      // A hanging request is left alone: the client gives up, or the server stops.
      if (error.what === 'cut') request.socket.destroy();
      return;
    }
    if (gone.signal.aborted) return;
    end(response, 500, envelope(faultBody(asVimFault(error))));
  }
}

async function respond(endpoint: Endpoint, body: string, cookie: string | undefined, signal: AbortSignal) {
  const element = readMethod(body);
  const headers: Record<string, string> = {};
  const { method, value } = await endpoint.invoke(element, cookie, signal, (set) => {
    headers['Set-Cookie'] =
      set === null
        ? `${COOKIE}=""; Path=/; HttpOnly; Secure; Max-Age=0`
        : `${COOKIE}="${set}"; Path=/; HttpOnly; Secure`;
  });
  const { type, isArray } = method.result;
  const inner = type === 'void' ? '' : encodeField('returnval', value, type, isArray);
  return { text: envelope(`<${method.name}Response xmlns="urn:vim25">${inner}</${method.name}Response>`), headers };
}

function readMethod(body: string) {
  let root;
  try {
    root = parseXml(body);
  } catch (error) {
    throw invalidRequest(`XML document is not well-formed: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  const soapBody = root.name === 'Envelope' ? childOf(root, 'Body') : undefined;
  const [element, ...more] = soapBody?.children ?? [];
  if (!element || more.length > 0) throw invalidRequest('A SOAP body with exactly one method is expected.');
  if (element.uri !== 'urn:vim25') throw invalidRequest(`Namespace "${element.uri}" is not served; use urn:vim25.`);
  return element;
}

function envelope(body: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"' +
    ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"' +
    ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n${body}\n</soapenv:Body>\n</soapenv:Envelope>`
  );
}

function faultBody(fault: VimFault): string {
  const detail = encodeField(`${fault.type}Fault`, { $type: fault.type, ...fault.detail }, fault.type, false).replace(
    `<${fault.type}Fault`,
    `<${fault.type}Fault xmlns="urn:vim25" xsi:type="${fault.type}"`,
  );
  return (
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${escapeXml(fault.message)}</faultstring>` +
    `<detail>${detail}</detail></soapenv:Fault>`
  );
}

function readCookie(header: string | undefined): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [name, ...value] = part.trim().split('=');
    if (name === COOKIE) return value.join('=').replace(/^"|"$/g, '');
  }
  return undefined;
}

export async function readBuffer(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) throw new Error('The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readBody(request: IncomingMessage): Promise<string> {
  return (await readBuffer(request)).toString('utf8');
}

function end(response: ServerResponse, status: number, text: string, type = 'text/xml; charset=utf-8'): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
