import { isDataType, isSubtype } from './schema.ts';
import type { MoRef, VimObject, VimValue } from './value.ts';

/** A vim25 fault on its way to the client: as a SOAP fault, or as the error of a task. */
export class VimFault extends Error {
  readonly type: string;
  readonly detail: VimObject;

  constructor(type: string, detail: VimObject = {}, message = `${type}.`) {
    super(message);
    this.name = 'VimFault';
    this.type = type;
    this.detail = detail;
  }

  /** Faults that the call itself answers with, even where it starts a task. */
  get isRuntimeFault(): boolean {
    return isSubtype(this.type, 'RuntimeFault');
  }

  /** As a task carries it. */
  toLocalized(): VimObject {
    return { fault: { $type: this.type, ...this.detail }, localizedMessage: this.message };
  }
}

export function asVimFault(error: unknown): VimFault {
  if (error instanceof VimFault) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new VimFault('SystemError', { reason }, `A general system error occurred: ${reason}`);
}

/** The fault that a rule names; one that the schema does not know is a mistake of the test. */
export function namedFault(name: string, receiver: MoRef): VimFault {
  if (!isDataType(name) || !isSubtype(name, 'MethodFault')) throw new Error(`vim25 has no fault ${name}.`);
  const detail: Record<string, VimValue> = {};
  if (name === 'ManagedObjectNotFound') detail['obj'] = receiver;
  if (name === 'SystemError') detail['reason'] = 'injected';
  if (isSubtype(name, 'NoPermission')) Object.assign(detail, { object: receiver, privilegeId: 'System.Read' });
  if (isSubtype(name, 'FileFault')) detail['file'] = '';
  return new VimFault(name, detail, `${name} (injected by a fault rule).`);
}

export const invalidRequest = (text: string) => new VimFault('InvalidRequest', {}, text);
export const invalidArgument = (invalidProperty: string) =>
  new VimFault('InvalidArgument', { invalidProperty }, `A specified parameter was not correct: ${invalidProperty}`);
export const notFoundObject = (obj: MoRef) =>
  new VimFault(
    'ManagedObjectNotFound',
    { obj },
    `The object 'vim.${obj.moType}:${obj.id}' has already been deleted or has not been completely created`,
  );
export const invalidPowerState = (requestedState: string, existingState: string) =>
  new VimFault(
    'InvalidPowerState',
    { requestedState, existingState },
    `The attempted operation cannot be performed in the current state (${existingState}).`,
  );
export const notSupported = () => new VimFault('NotSupported', {}, 'The operation is not supported on the object.');
export const fileNotFound = (file: string) => new VimFault('FileNotFound', { file }, `File ${file} was not found`);
