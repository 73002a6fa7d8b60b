import { randomBytes } from 'node:crypto';
import { NefFault } from './nef-fault.ts';

/** Sessions of one node. Several tokens of one account are valid at once. */
export class Tokens {
  private readonly valid = new Map<string, { userName: string; until: number }>();

  constructor(
    private readonly credentials: { userName: string; password: string },
    private readonly lifetimeMs: number,
  ) {}

  issue(userName: string, password: string): string {
    if (userName !== this.credentials.userName || password !== this.credentials.password) {
      throw new NefFault('EAUTH', 'Invalid username or password');
    }
    const token = randomBytes(24).toString('base64url');
    this.valid.set(token, { userName, until: Date.now() + this.lifetimeMs });
    return token;
  }

  /** The account behind an `Authorization` header. */
  requireUser(authorization: string | undefined): string {
    const session = this.valid.get(tokenIn(authorization));
    if (!session || session.until <= Date.now()) throw new NefFault('EAUTH', 'Token is missing or has expired');
    return session.userName;
  }

  revoke(authorization: string | undefined): void {
    this.valid.delete(tokenIn(authorization));
  }

  expireAll(): void {
    this.valid.clear();
  }

  get count(): number {
    return this.valid.size;
  }
}

function tokenIn(authorization: string | undefined): string {
  return authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : '';
}
