import {
  createPublicKey,
  generateKeyPair as generateKeyPairCallback,
  randomUUID,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';

const generateKeyPair = promisify(generateKeyPairCallback);

/** A key as the realm keeps it: for signing with, or only to be published. */
export interface RealmKey {
  kid: string;
  use: 'sig' | 'enc';
  alg: string;
  privateKey: KeyObject;
}

/** A fresh key of the realm. Keycloak publishes one for encryption beside the signing key, and so does the lab. */
export async function makeRealmKey(use: RealmKey['use']): Promise<RealmKey> {
  const { privateKey } = await generateKeyPair('rsa', { modulusLength: 2048 });
  return { kid: randomUUID(), use, alg: use === 'sig' ? 'RS256' : 'RSA-OAEP', privateKey };
}

interface RealmJwk extends JsonWebKey {
  kid: string;
  use: string;
  alg: string;
}

export function toPrivateJwk({ kid, use, alg, privateKey }: RealmKey): RealmJwk {
  return { ...privateKey.export({ format: 'jwk' }), kid, use, alg };
}

export function toPublicJwk({ kid, use, alg, privateKey }: RealmKey): RealmJwk {
  return { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, use, alg };
}
