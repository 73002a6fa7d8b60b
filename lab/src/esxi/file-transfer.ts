import type { IncomingMessage, ServerResponse } from 'node:http';
import { asVimFault } from '../vim25/fault.ts';
import { readBuffer } from '../vim25/soap-server.ts';
import type { Route } from '../vim25/soap-server.ts';
import { isDescriptor, readDescriptor } from './disks.ts';
import { openFromAnywhere } from './house.ts';
import type { House } from './house.ts';
import type { Store } from './store.ts';

/**
 * `/folder/<path>?dcPath=…&dsName=…`: files of a datastore over HTTPS, with the session's cookie or basic authentication.
 * The name of a disk's descriptor stands for the disk's blocks, unless what is sent is itself a descriptor.
 */
export function fileTransferRoute(house: House): Route {
  return async (request, response, url, cookie) => {
    const userName = signedIn(house, request, cookie);
    if (userName === undefined) {
      response.setHeader('WWW-Authenticate', 'Basic realm="VMware HTTP server"');
      return answer(response, 401, 'Unauthorized');
    }
    const path = decodeURIComponent(url.pathname).replace(/^\/folder\/?/, '');
    const name = url.searchParams.get('dsName') ?? '';
    const datastore = [...house.datastores.values()].find((each) => each.name === name);
    if (!datastore || path === '' || path.split('/').includes('..')) return answer(response, 404, 'Not found');
    const isWriting = request.method === 'PUT' || request.method === 'DELETE';
    const privilege = isWriting ? 'Datastore.FileManagement' : 'Datastore.Browse';
    if (!house.endpoint.authorization.privilegesOf(userName, datastore.ref).has(privilege)) {
      return answer(response, 403, 'Forbidden');
    }
    const method = request.method ?? '';
    const about = `${name} ${path}`;
    const { backend, instance, faults, journal } = house.endpoint.options;
    const rule = faults.match(backend, `${method} /folder`, 'before', about);
    if (rule?.what === 'cut') return void request.socket.destroy();
    if (rule?.what === 'hang') return;
    if (rule?.what === 'error') return answer(response, 500, 'Internal server error');
    try {
      const store = openFromAnywhere(house, datastore);
      if (method === 'PUT') {
        const isNew = put(store, path, await readBuffer(request));
        journal.record({ backend, instance, call: 'PUT /folder', about, principal: userName, changed: true });
        house.endpoint.objects.touch(datastore.ref);
        return answer(response, isNew ? 201 : 200, '');
      }
      const target = blocksOf(store, path);
      const file = store.find(target);
      if (!file) return answer(response, 404, 'Not found');
      if (method === 'DELETE') {
        store.remove(path);
        journal.record({ backend, instance, call: 'DELETE /folder', about, principal: userName, changed: true });
        return answer(response, 204, '');
      }
      if (method !== 'GET' && method !== 'HEAD') return answer(response, 405, 'Method not allowed');
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': file.content.length });
      response.end(method === 'HEAD' ? undefined : file.content);
    } catch (error) {
      const fault = asVimFault(error);
      answer(response, fault.type === 'NoDiskSpace' ? 507 : 500, fault.message);
    }
  };
}

function put(store: Store, path: string, body: Buffer): boolean {
  const target = isDescriptor(body) ? path : blocksOf(store, path);
  const before = store.find(target);
  // A disk's file keeps the size that it claims; what is uploaded is its content.
  store.write(target, body, target.endsWith('-flat.vmdk') ? before?.sizeBytes : undefined);
  return before === undefined;
}

function blocksOf(store: Store, path: string): string {
  const file = store.find(path);
  return file && path.endsWith('.vmdk') && isDescriptor(file.content) ? readDescriptor(store, path).extent : path;
}

function signedIn(house: House, request: IncomingMessage, cookie: string | undefined): string | undefined {
  const session = house.endpoint.sessions.find(cookie);
  if (session) return session.userName;
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) return undefined;
  const [userName = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  const account = house.endpoint.sessions.findAccount(userName);
  return account && account.password === password.join(':') ? account.name : undefined;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  response.end(text);
}
