/** A job that failed, told as its history would tell it: what was tried on what, and why it was refused. */
export class VeeamJobError extends Error {
  override readonly name = 'VeeamJobError';

  constructor(
    message: string,
    /** The host's fault by its type (`NoPermission`, `InvalidLogin`), or what happened to the connection. */
    readonly fault: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
