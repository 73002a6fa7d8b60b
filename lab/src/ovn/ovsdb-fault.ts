/** An error as the database answers it: `{ error, details }`. */
export class OvsdbFault extends Error {
  constructor(
    readonly error: string,
    readonly details: string,
  ) {
    super(`${error}: ${details}`);
  }

  toJson(): { error: string; details: string } {
    return { error: this.error, details: this.details };
  }
}
