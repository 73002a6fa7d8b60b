import { all, at, textAt, type XmlElement } from '../soap/element.ts';

/** A fault as the server stated it, from an answer or from a task. */
export class VimFault extends Error {
  override readonly name = 'VimFault';

  constructor(
    /** Its type, e.g. `InvalidPowerState`. */
    readonly fault: string,
    message: string,
    /** The fault's properties. */
    readonly properties: XmlElement | undefined,
    /** The call or task that it answers. */
    readonly of: string,
  ) {
    super(message);
  }

  /** The fault behind this one, which often names the real reason. */
  get reason(): VimFault | undefined {
    const inner = at(this.properties, 'faultCause.fault');
    return inner?.xsiType
      ? new VimFault(inner.xsiType, textAt(this.properties, 'faultCause.localizedMessage') ?? '', inner, this.of)
      : undefined;
  }

  is(...faults: string[]): boolean {
    return faults.includes(this.fault);
  }
}

export function isFault(error: unknown, ...faults: string[]): error is VimFault {
  return error instanceof VimFault && error.is(...faults);
}

/** Reads a SOAP fault: `detail` holds one element whose `xsi:type` names the fault. */
export function readSoapFault(fault: XmlElement, of: string): VimFault {
  const detail = at(fault, 'detail')?.children[0];
  const name = detail?.xsiType ?? detail?.name.replace(/Fault$/, '') ?? 'UnnamedFault';
  return new VimFault(name, messageOf(textAt(fault, 'faultstring'), detail), detail, of);
}

/** Reads a `LocalizedMethodFault`, as in `TaskInfo.error` and in `missingSet`. */
export function readLocalizedFault(error: XmlElement, of: string): VimFault {
  const fault = at(error, 'fault');
  return new VimFault(fault?.xsiType ?? 'UnnamedFault', messageOf(textAt(error, 'localizedMessage'), fault), fault, of);
}

function messageOf(text: string | undefined, fault: XmlElement | undefined): string {
  const more = all(fault, 'faultMessage.message').flatMap((message) => textAt(message) ?? []);
  const reason = textAt(fault, 'reason') ?? textAt(fault, 'text');
  return [...new Set([text, reason, ...more])].filter((part) => part !== undefined).join(' | ') || 'no text';
}
