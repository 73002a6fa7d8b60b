/** The appliance's error codes that the lab gives, with the HTTP status under which they were seen. */
const statusOf = {
  EAUTH: 401,
  ELICENSE: 401,
  ENOENT: 404,
  EEXIST: 409,
  EBADARG: 400,
  EINVAL: 400,
  EBUSY: 500,
  ENOSPC: 500,
} as const;

export type NefCode = keyof typeof statusOf;

export function isNefCode(text: string): text is NefCode {
  return text in statusOf;
}

/** A refusal in the appliance's own words: clients decide on `code` alone. */
export class NefFault extends Error {
  override readonly name: string = 'NefFault';

  constructor(
    readonly code: NefCode,
    message: string,
    /** `rest` where the request itself was malformed. */
    readonly source: 'rest' | 'nef' = 'nef',
  ) {
    super(message);
  }

  get status(): number {
    return statusOf[this.code];
  }

  get body(): Record<string, unknown> {
    return {
      name: this.source === 'rest' ? 'NefValidateError' : 'NefError',
      code: this.code,
      message: this.message,
      source: this.source,
      ...(this.source === 'rest' ? { errors: [{ message: this.message }] } : {}),
    };
  }
}
