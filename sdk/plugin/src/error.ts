/**
 * What went wrong at a backend, in the few kinds a caller can act upon. The host acts by kind alone:
 *
 * | kind | means | host does |
 * |---|---|---|
 * | `invalid` | the argument can never work | fails the step; a person must change the input |
 * | `denied` | the backend refuses our credential or role | pauses for the operator |
 * | `not-found` | a thing that must exist is gone | pauses, shows what |
 * | `conflict` | another owner, another size, a state that forbids it | pauses, shows what stands in the way |
 * | `exhausted` | no room, quota, slot, address, licence | pauses (CAPACITY); retried when freed or by a person |
 * | `busy` | the object is in another task | retries with back-off |
 * | `unavailable` | cannot be reached, 5xx, session lost | retries with back-off, then pauses |
 * | `timeout` | no answer in time; the effect may have happened | probes, then retries |
 * | `unknown-outcome` | cut after sending; the effect may have happened | probes, then retries |
 * | `unimplemented` | capability not declared | never retries; a bug of the caller |
 */
export const pluginErrorKinds = [
  'invalid',
  'denied',
  'not-found',
  'conflict',
  'exhausted',
  'busy',
  'unavailable',
  'timeout',
  'unknown-outcome',
  'unimplemented',
] as const;

export type PluginErrorKind = (typeof pluginErrorKinds)[number];

const retriedKinds: ReadonlySet<PluginErrorKind> = new Set(['busy', 'unavailable', 'timeout', 'unknown-outcome']);

/**
 * The only error a plugin throws on purpose. Anything else that escapes a plugin is a bug of the plugin: the host
 * pauses the step for the operator.
 *
 * `message` is read by the tenant: what failed, on what, and what to do, without host names, paths or vendor words.
 * `detail` is read by the operator. The backend's own fault goes into `cause`. Neither may hold a secret.
 */
export class PluginError extends Error {
  override readonly name = 'PluginError';

  constructor(
    readonly kind: PluginErrorKind,
    message: string,
    readonly detail: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  /** Whether the same call, unchanged, may succeed later without a person. */
  get isRetryable(): boolean {
    return retriedKinds.has(this.kind);
  }

  /**
   * Recognises an error of any copy of this package: a plugin is loaded by name and may bring its own copy, so
   * `instanceof` would miss it.
   */
  static is(error: unknown): error is PluginError {
    return (
      error instanceof Error &&
      error.name === 'PluginError' &&
      pluginErrorKinds.includes((error as PluginError).kind) &&
      typeof (error as PluginError).detail === 'string'
    );
  }
}
