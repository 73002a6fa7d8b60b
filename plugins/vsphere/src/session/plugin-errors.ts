import { PluginError, type PluginErrorKind } from '@bulkhead/plugin-sdk';
import { textAt } from '../soap/element.ts';
import { kindOfFault } from './fault-kinds.ts';
import { Unanswered } from './transport.ts';
import { NotConnected } from './trust.ts';
import { VimFault } from './vim-fault.ts';

/** How each kind is told to a tenant, after "Could not …". */
const tenantTexts: Readonly<Record<PluginErrorKind, string>> = {
  invalid: 'the provider’s equipment does not accept what was asked for; the provider has to look into it.',
  denied: 'the provider’s equipment refuses it; the provider has to grant the right.',
  'not-found': 'something that it needs is gone; the provider has to look into it.',
  conflict: 'something stands in the way; the provider has to look into it.',
  exhausted: 'there is no room for it at the moment; the provider has to make room.',
  busy: 'it is in use by other work at the moment; it is tried again.',
  unavailable: 'the provider’s equipment cannot be reached; it is tried again.',
  timeout: 'no answer came in time; it is checked and tried again.',
  'unknown-outcome': 'the connection broke before the answer; it is checked and tried again.',
  unimplemented: 'the provider’s equipment is not capable of it.',
};

/**
 * Runs one call of the contract and turns whatever goes wrong below into a PluginError. `what` completes the sentence
 * "Could not …" for the tenant.
 */
export async function told<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toPluginError(what, error);
  }
}

export function toPluginError(what: string, error: unknown): Error {
  if (PluginError.is(error)) return error;
  if (error instanceof VimFault) return failed(kindOfFault(error), what, describe(error), error);
  if (error instanceof NotConnected)
    return failed(error.failure === 'untrusted' ? 'denied' : 'unavailable', what, error.message, error);
  if (error instanceof Unanswered) return failed(kindOfSilence(error), what, error.message, error);
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError'))
    return failed('timeout', what, 'the call ended before it was done', error);
  return error instanceof Error ? error : new Error(String(error));
}

function failed(kind: PluginErrorKind, what: string, detail: string, cause: unknown): PluginError {
  return new PluginError(kind, `Could not ${what}: ${tenantTexts[kind]}`, detail, { cause });
}

function kindOfSilence(error: Unanswered): PluginErrorKind {
  if (error.ofWrite) return 'unknown-outcome';
  return error.reason === 'cut' ? 'unavailable' : 'timeout';
}

/** The fault with the few properties that tell an operator where to look. */
export function describe(fault: VimFault): string {
  const named = [
    'privilegeId',
    'object',
    'obj',
    'name',
    'file',
    'invalidProperty',
    'existingState',
    'remoteHost',
    'remotePath',
    'datastorePath',
  ]
    .flatMap((property) => {
      const value = textAt(fault.properties, property);
      return value === undefined ? [] : [`${property}=${value}`];
    })
    .join(' ');
  const reason = fault.reason ? `; because of ${describe(fault.reason)}` : '';
  return `${fault.of}: ${fault.fault}${named && ` (${named})`}: ${fault.message}${reason}`;
}
