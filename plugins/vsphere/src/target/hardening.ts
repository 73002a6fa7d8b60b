import type { PluginCall } from '@bulkhead/plugin-sdk';
import { booleanAt, textAt } from '../soap/element.ts';
import type { VimSession } from '../session/session.ts';
import { firewallOf, nestedHost, servicesOf, type NestedHost } from './nested-host.ts';

/** SSH and the local shell. */
const shells = ['TSM-SSH', 'TSM'];
const shellRuleset = 'sshServer';

export interface ShellState {
  /** What is still open, for operators; empty when nothing is. */
  open: string[];
}

/** Switches SSH and the local shell off, now and at every start, and closes the firewall's door to them. */
export async function ensureTargetHardened(session: VimSession, call: PluginCall): Promise<void> {
  const host = await nestedHost(session, call);
  const services = host.service('serviceSystem');
  for (const service of await servicesOf(host, call)) {
    const id = textAt(service, 'key');
    if (id === undefined || !shells.includes(id)) continue;
    if (booleanAt(service, 'running')) await session.call('StopService', services, { id }, call);
    if (textAt(service, 'policy') !== 'off')
      await session.call('UpdateServicePolicy', services, { id, policy: 'off' }, call);
  }
  const ssh = (await firewallOf(host, call)).find((ruleset) => textAt(ruleset, 'key') === shellRuleset);
  if (booleanAt(ssh, 'enabled'))
    await session.call('DisableRuleset', host.service('firewallSystem'), { id: shellRuleset }, call);
}

/** What of the shells is open. Read only. */
export async function observeShells(host: NestedHost, call: PluginCall): Promise<ShellState> {
  const open: string[] = [];
  for (const service of await servicesOf(host, call)) {
    const id = textAt(service, 'key') ?? '';
    if (!shells.includes(id)) continue;
    if (booleanAt(service, 'running')) open.push(`${id} runs`);
    if (textAt(service, 'policy') !== 'off') open.push(`${id} starts by policy ${textAt(service, 'policy')}`);
  }
  for (const ruleset of await firewallOf(host, call))
    if (textAt(ruleset, 'key') === shellRuleset && booleanAt(ruleset, 'enabled')) open.push('the firewall lets SSH in');
  return { open };
}
