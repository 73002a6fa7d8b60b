import { PluginError, type Credential, type PluginCall } from '@bulkhead/plugin-sdk';
import type { VimSession } from '../session/session.ts';
import { isFault } from '../session/vim-fault.ts';

/**
 * Replaces the template's password by ours. A crash may have left either in force, so ours is tried first and then the
 * template's, each once: a host locks the account after a few failures.
 */
export async function ensureTargetCredential(
  sessions: { own: VimSession; open: (credential: Credential) => VimSession },
  template: Credential,
  call: PluginCall,
): Promise<void> {
  const wanted = sessions.own.credential;
  if (await canSignIn(sessions.own, call)) return;
  const asTemplate = sessions.open({ userName: wanted.userName, password: template.password });
  try {
    if (!(await canSignIn(asTemplate, call)))
      throw new PluginError(
        'denied',
        'The target does not accept the provider’s credential; the provider has to look into it.',
        `${asTemplate.address}: neither the target's own root password nor the template's is accepted`,
      );
    const user = { id: wanted.userName, password: wanted.password };
    await asTemplate.callService('accountManager', 'UpdateUser', { user }, call);
  } finally {
    await asTemplate.close();
  }
  // The refusal of a moment ago concerns the old state, and is not to be waited out.
  const renewed = sessions.open(wanted);
  try {
    await renewed.signIn(call);
  } finally {
    await renewed.close();
  }
  sessions.own.forgiveRefusal();
}

export async function canSignIn(session: VimSession, call: PluginCall): Promise<boolean> {
  try {
    await session.signIn(call);
    return true;
  } catch (error) {
    if (isFault(error, 'InvalidLogin')) return false;
    throw error;
  }
}
