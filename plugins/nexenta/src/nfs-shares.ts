import type { PluginCall } from '@bulkhead/plugin-sdk';
import { isRefusal } from './faults.ts';
import { unlessMissing } from './filesystems.ts';
import type { Nef } from './nef.ts';
import type { NefSchemas } from './session.ts';

export type NfsShare = NefSchemas['NfsShare'];
type ShareBody = NefSchemas['NfsShareUpdate'];

const one = '/nas/nfs/{share}';

export async function findShare(nef: Nef, share: string, call: PluginCall): Promise<NfsShare | null> {
  const params = { path: { share } };
  return nef.find(`GET /nas/nfs/${share}`, (client, init) => client.GET(one, { params, ...init }), call);
}

/** Creates the share, or replaces what it says: whichever of the two the appliance lets happen. */
export async function putShare(
  nef: Nef,
  share: string,
  body: ShareBody,
  exists: boolean,
  call: PluginCall,
): Promise<void> {
  const create = () =>
    nef.change(
      `POST /nas/nfs ${share}`,
      (client, init) => client.POST('/nas/nfs', { body: { filesystem: share, ...body }, ...init }),
      call,
    );
  const replace = () =>
    nef.change(
      `PUT /nas/nfs/${share}`,
      (client, init) => client.PUT(one, { params: { path: { share } }, body, ...init }),
      call,
    );
  try {
    await (exists ? replace() : create());
  } catch (error) {
    if (!isRefusal(error, exists ? 'ENOENT' : 'EEXIST')) throw error;
    await (exists ? create() : replace());
  }
}

/**
 * Absent is success. Looks first: a job that fails because the share is gone cannot be told from a job that is gone
 * itself.
 */
export async function deleteShare(nef: Nef, share: string, call: PluginCall): Promise<void> {
  if (!(await findShare(nef, share, call))) return;
  const params = { path: { share } };
  await unlessMissing(
    nef.change(`DELETE /nas/nfs/${share}`, (client, init) => client.DELETE(one, { params, ...init }), call),
  );
}

/** Exactly these hosts, each by its address, for writing and as root. */
export function shareFor(hosts: readonly string[], anon: string): ShareBody {
  const rules = hosts.map((entity) => ({ allow: true, etype: 'fqdn' as const, entity }));
  return { anon, securityContexts: [{ securityModes: ['sys'], readWriteList: rules, root: rules }] };
}

/**
 * The hosts that a share lets in, sorted; null when it says anything else than "exactly these, for writing and as
 * root": a bare context is open to everybody, a subnet or a name is more than it shows.
 */
export function hostsOf(share: NfsShare, anon: string): string[] | null {
  const [context, ...more] = share.securityContexts ?? [];
  if (!context || more.length > 0 || share.anon !== anon) return null;
  if (context.securityModes.join() !== 'sys' || context.readOnlyList || context.none) return null;
  const readWrite = addressesOf(context.readWriteList);
  const root = addressesOf(context.root);
  return readWrite && root && readWrite.join() === root.join() ? readWrite : null;
}

/** Order, a spelled-out `allow` and an empty mask make no difference. */
function addressesOf(rules: NefSchemas['NfsRules'] | undefined): string[] | null {
  if (!rules || rules.length === 0) return null;
  const isExact = rules.every((rule) => rule.etype === 'fqdn' && rule.allow !== false && !rule.mask);
  return isExact ? [...new Set(rules.map((rule) => rule.entity))].toSorted() : null;
}
