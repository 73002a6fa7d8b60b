import { PluginError, type PluginErrorKind } from '@bulkhead/plugin-sdk';

/** The appliance understood a request and refused it. Clients decide on `code`, never on status or text. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: string,
    readonly status: number,
    /** `POST /storage/filesystems tank/a` */
    readonly request: string,
    text: string,
  ) {
    super(`${request}: ${code} (${status}) ${text}`);
  }
}

/** No usable answer came. `kind` says whether the request may have taken effect. */
export class Interruption extends Error {
  override readonly name = 'Interruption';

  constructor(
    readonly kind: 'unavailable' | 'timeout' | 'unknown-outcome',
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export function isRefusal(error: unknown, ...codes: string[]): error is Refusal {
  return error instanceof Refusal && codes.includes(error.code);
}

const kindOf: Readonly<Record<string, PluginErrorKind>> = {
  EAUTH: 'denied',
  // The host waits for capacity or a person; a licence is both.
  ELICENSE: 'exhausted',
  ENOENT: 'not-found',
  EEXIST: 'conflict',
  EBUSY: 'busy',
  EBADARG: 'invalid',
  EINVAL: 'invalid',
  ENOSPC: 'exhausted',
  EDQUOT: 'exhausted',
};

/** Puts whatever went wrong into the host's terms. `failed` is the tenant's sentence about what could not be done. */
export function asPluginError(error: unknown, failed: string): unknown {
  if (error instanceof Interruption) return new PluginError(error.kind, failed, error.message, { cause: error });
  if (!(error instanceof Refusal)) return error;
  const kind =
    kindOf[error.code] ?? (error.status >= 500 ? 'unavailable' : error.status === 403 ? 'denied' : 'invalid');
  return new PluginError(kind, failed, error.message, { cause: error });
}
