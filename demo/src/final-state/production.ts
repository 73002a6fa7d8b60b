import { request as httpsRequest } from 'node:https';
import { SaxesParser } from 'saxes';

/** One element of an answer. */
interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

export interface ProductionAccess {
  url: string;
  /** PEM. */
  certificate: string;
  userName: string;
  password: string;
}

export interface SeenVm {
  name: string;
  powerState: string;
  /** Names of the datastores that hold any file of it. */
  datastores: string[];
  vmxPath: string;
  /** Port groups of its NICs, by name. */
  portGroups: string[];
  /** `principal: role` on the machine itself. */
  grants: string[];
}

export interface SeenProduction {
  vms: SeenVm[];
  /** NFS datastores that production still knows, with how many hosts mount each. */
  nfsDatastores: { name: string; hosts: number }[];
}

/**
 * Reads production as it is, by plain vim25 requests written out here: nothing of the gateway or of its plugins takes
 * part, so that a mistake of theirs cannot hide itself.
 */
export async function readProduction(access: ProductionAccess): Promise<SeenProduction> {
  let cookie = '';
  const call = async (body: string): Promise<Element> => {
    const answer = await post(access, body, cookie);
    cookie ||= answer.cookie;
    return answer.body;
  };
  await call(
    `<Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>${escape(access.userName)}</userName><password>${escape(access.password)}</password></Login>`,
  );
  const view = text(
    await call(
      '<CreateContainerView xmlns="urn:vim25"><_this type="ViewManager">ViewManager</_this><container type="Folder">group-d1</container><type>VirtualMachine</type><type>Datastore</type><type>Network</type><type>DistributedVirtualPortgroup</type><recursive>true</recursive></CreateContainerView>',
    ),
    'returnval',
  );
  const roles = new Map(
    all(
      await call(
        '<RetrieveProperties xmlns="urn:vim25"><_this type="PropertyCollector">propertyCollector</_this><specSet><propSet><type>AuthorizationManager</type><pathSet>roleList</pathSet></propSet><objectSet><obj type="AuthorizationManager">AuthorizationManager</obj></objectSet></specSet></RetrieveProperties>',
      ),
      'AuthorizationRole',
    ).map((role) => [text(role, 'roleId'), text(role, 'name')]),
  );
  const objects = all(
    await call(
      `<RetrieveProperties xmlns="urn:vim25"><_this type="PropertyCollector">propertyCollector</_this><specSet><propSet><type>VirtualMachine</type><pathSet>name</pathSet><pathSet>runtime.powerState</pathSet><pathSet>config.files.vmPathName</pathSet><pathSet>datastore</pathSet><pathSet>network</pathSet></propSet><propSet><type>Datastore</type><pathSet>name</pathSet><pathSet>summary.type</pathSet><pathSet>host</pathSet></propSet><propSet><type>Network</type><pathSet>name</pathSet></propSet><propSet><type>DistributedVirtualPortgroup</type><pathSet>name</pathSet></propSet><objectSet><obj type="ContainerView">${escape(view)}</obj><skip>true</skip><selectSet xsi:type="TraversalSpec"><name>view</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet></specSet></RetrieveProperties>`,
    ),
    'returnval',
  ).map((element) => ({
    type: child(element, 'obj')?.attributes.type ?? '',
    id: text(element, 'obj'),
    properties: new Map(
      element.children.filter((c) => c.name === 'propSet').map((p) => [text(p, 'name'), child(p, 'val')]),
    ),
  }));
  const nameOf = new Map(objects.map(({ id, properties }) => [id, properties.get('name')?.text ?? id]));
  const references = (value: Element | undefined) =>
    (value?.children ?? []).map((entry) => nameOf.get(entry.text) ?? entry.text).sort();

  const vms: SeenVm[] = [];
  for (const { type, id, properties } of objects) {
    if (type !== 'VirtualMachine') continue;
    const permissions = await call(
      `<RetrieveEntityPermissions xmlns="urn:vim25"><_this type="AuthorizationManager">AuthorizationManager</_this><entity type="VirtualMachine">${escape(id)}</entity><inherited>false</inherited></RetrieveEntityPermissions>`,
    );
    vms.push({
      name: properties.get('name')?.text ?? '',
      powerState: properties.get('runtime.powerState')?.text ?? '',
      vmxPath: properties.get('config.files.vmPathName')?.text ?? '',
      datastores: references(properties.get('datastore')),
      portGroups: references(properties.get('network')),
      grants: all(permissions, 'returnval').map(
        (p) => `${text(p, 'principal')}: ${roles.get(text(p, 'roleId')) ?? text(p, 'roleId')}`,
      ),
    });
  }
  const nfsDatastores = objects
    .filter(
      ({ type, properties }) => type === 'Datastore' && (properties.get('summary.type')?.text ?? '').startsWith('NFS'),
    )
    .map(({ properties }) => ({
      name: properties.get('name')?.text ?? '',
      hosts: properties.get('host')?.children.length ?? 0,
    }));
  await call('<Logout xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this></Logout>');
  return { vms, nfsDatastores };
}

function post(access: ProductionAccess, body: string, cookie: string): Promise<{ body: Element; cookie: string }> {
  const envelope = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      access.url,
      {
        method: 'POST',
        ca: access.certificate,
        agent: false,
        headers: {
          'content-type': 'text/xml; charset="utf-8"',
          soapaction: 'urn:vim25/7.0',
          ...(cookie ? { cookie } : {}),
        },
      },
      (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (received += chunk));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200)
            return reject(new Error(`Production answered ${response.statusCode}: ${received.slice(0, 500)}`));
          const set = response.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
          resolve({ body: parse(received), cookie: set });
        });
      },
    );
    request.on('error', reject);
    request.end(envelope);
  });
}

function parse(xml: string): Element {
  const parser = new SaxesParser();
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = {
      name: name.replace(/^.*:/, ''),
      attributes,
      children: [],
      text: '',
    };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (value) => {
    const element = open.at(-1);
    if (element) element.text += value;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(xml).close();
  return root;
}

function all(element: Element, name: string): Element[] {
  return element.children.flatMap((c) => (c.name === name ? [c] : all(c, name)));
}

function child(element: Element, name: string): Element | undefined {
  return element.children.find((c) => c.name === name);
}

function text(element: Element, name: string): string {
  return all(element, name)[0]?.text ?? '';
}

function escape(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
