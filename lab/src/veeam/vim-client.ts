import { setTimeout as sleep } from 'node:timers/promises';
import { VeeamJobError } from './job-error.ts';
import type { Transport } from './transport.ts';
import { at, childrenOf, escapeXml, parseXml, textAt, type XmlElement } from './xml.ts';

/** A managed object on the host. */
export interface MoRef {
  type: string;
  value: string;
}

/** Properties of one object, by path. */
export interface ObjectProperties {
  ref: MoRef;
  properties: Map<string, XmlElement>;
}

/** The calls that replication makes; the parameters are XML in schema order. */
export interface VimClient {
  call(method: string, self: MoRef, parameters?: string): Promise<XmlElement[]>;
  /** Calls, waits for the task, and returns its result. */
  runTask(method: string, self: MoRef, parameters?: string): Promise<XmlElement | undefined>;
  read(types: Record<string, readonly string[]>): Promise<ObjectProperties[]>;
}

export interface ServiceContent {
  rootFolder: MoRef;
  propertyCollector: MoRef;
  sessionManager: MoRef;
  viewManager: MoRef;
}

const xmlns = [
  'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"',
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
  'xmlns:xsd="http://www.w3.org/2001/XMLSchema"',
].join(' ');
const taskLimitMs = 120_000;

export function refElement(name: string, ref: MoRef): string {
  return `<${name} type="${escapeXml(ref.type)}">${escapeXml(ref.value)}</${name}>`;
}

export function refOf(found: XmlElement | undefined): MoRef {
  const type = found?.attributes['type'];
  if (!found || type === undefined)
    throw new VeeamJobError('The host answered without an object reference.', 'BadAnswer');
  return { type, value: found.text };
}

export async function retrieveServiceContent(transport: Transport): Promise<ServiceContent> {
  const [content] = await call(transport, 'RetrieveServiceContent', {
    type: 'ServiceInstance',
    value: 'ServiceInstance',
  });
  const get = (name: string) => refOf(at(content, name));
  return {
    rootFolder: get('rootFolder'),
    propertyCollector: get('propertyCollector'),
    sessionManager: get('sessionManager'),
    viewManager: get('viewManager'),
  };
}

export function vimClient(transport: Transport, content: ServiceContent): VimClient {
  const client: VimClient = {
    call: (method, self, parameters) => call(transport, method, self, parameters),
    async runTask(method, self, parameters) {
      const [task] = await client.call(method, self, parameters);
      return waitForTask(client, content, refOf(task), method);
    },
    async read(types) {
      const kinds = Object.keys(types)
        .map((type) => `<type>${type}</type>`)
        .join('');
      const container = `${refElement('container', content.rootFolder)}${kinds}<recursive>true</recursive>`;
      const view = refOf((await client.call('CreateContainerView', content.viewManager, container))[0]);
      try {
        return await retrieve(client, content, viewFilter(view, types));
      } finally {
        await client.call('DestroyView', view);
      }
    },
  };
  return client;
}

async function call(transport: Transport, method: string, self: MoRef, parameters = ''): Promise<XmlElement[]> {
  const answer = await transport.send({
    method: 'POST',
    path: '/sdk',
    headers: { 'content-type': 'text/xml; charset="utf-8"', soapaction: '"urn:vim25/6.5"' },
    body:
      `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope ${xmlns}><soapenv:Body>` +
      `<${method} xmlns="urn:vim25">${refElement('_this', self)}${parameters}</${method}>` +
      '</soapenv:Body></soapenv:Envelope>',
  });
  const body = at(parsed(answer.text, method, answer.status), 'Body');
  const fault = at(body, 'Fault');
  if (fault) {
    const detail = at(fault, 'detail')?.children[0];
    throw refused(method, detail?.type ?? 'SystemError', textAt(fault, 'faultstring'), detail);
  }
  return childrenOf(at(body, `${method}Response`), 'returnval');
}

function parsed(text: string, method: string, status: number): XmlElement {
  try {
    return parseXml(text);
  } catch (error) {
    throw new VeeamJobError(`${method} was answered with HTTP ${status} and no SOAP message.`, 'BadAnswer', {
      cause: error,
    });
  }
}

/** One sentence that an administrator of the job understands, with the privilege that is missing. */
function refused(method: string, fault: string, text: string, detail: XmlElement | undefined): VeeamJobError {
  const single = textAt(detail, 'privilegeId');
  const several = childrenOf(detail, 'missingPrivileges').flatMap((missing) => childrenOf(missing, 'privilegeIds'));
  const privileges = [...new Set([single, ...several.map((one) => one.text)])].filter((id) => id !== '');
  const missing = privileges.length > 0 ? ` (missing privilege ${privileges.join(', ')})` : '';
  const said = text === '' || text === fault ? '' : `: ${text}`;
  return new VeeamJobError(`${method} was refused by the host with ${fault}${missing}${said}`, fault);
}

async function waitForTask(
  client: VimClient,
  content: ServiceContent,
  task: MoRef,
  method: string,
): Promise<XmlElement | undefined> {
  const limit = Date.now() + taskLimitMs;
  const filter =
    `<specSet><propSet><type>Task</type><pathSet>info.state</pathSet><pathSet>info.error</pathSet>` +
    `<pathSet>info.result</pathSet></propSet><objectSet>${refElement('obj', task)}</objectSet></specSet>`;
  for (;;) {
    const properties = (await retrieve(client, content, filter))[0]?.properties;
    const state = properties?.get('info.state')?.text;
    if (state === 'success') return properties?.get('info.result');
    if (state === 'error') {
      const error = properties?.get('info.error');
      const fault = at(error, 'fault');
      throw refused(method, fault?.type ?? 'SystemError', textAt(error, 'localizedMessage'), fault);
    }
    if (Date.now() > limit) throw new VeeamJobError(`${method} is still running after two minutes.`, 'Timeout');
    await sleep(100);
  }
}

async function retrieve(client: VimClient, content: ServiceContent, filter: string): Promise<ObjectProperties[]> {
  const found: ObjectProperties[] = [];
  let [page] = await client.call('RetrievePropertiesEx', content.propertyCollector, `${filter}<options/>`);
  while (page) {
    for (const object of childrenOf(page, 'objects')) {
      const properties = childrenOf(object, 'propSet').flatMap((set) => {
        const value = at(set, 'val');
        return value ? [[textAt(set, 'name'), value] as const] : [];
      });
      found.push({ ref: refOf(at(object, 'obj')), properties: new Map(properties) });
    }
    const token = textAt(page, 'token');
    if (token === '') break;
    const next = `<token>${escapeXml(token)}</token>`;
    [page] = await client.call('ContinueRetrievePropertiesEx', content.propertyCollector, next);
  }
  return found;
}

function viewFilter(view: MoRef, types: Record<string, readonly string[]>): string {
  const sets = Object.entries(types).map(
    ([type, paths]) =>
      `<propSet><type>${type}</type>${paths.map((path) => `<pathSet>${path}</pathSet>`).join('')}</propSet>`,
  );
  return (
    `<specSet>${sets.join('')}<objectSet>${refElement('obj', view)}<skip>true</skip>` +
    `<selectSet xsi:type="TraversalSpec"><name>view</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet>` +
    `</objectSet></specSet>`
  );
}
