import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** What a sealed secret belongs to: it opens there and nowhere else. */
export interface SealedFor {
  tenantId: string;
  /** The row: a target, an endpoint. */
  ownerId: string;
  /** `ROOT`, `REPLICATION`. */
  kind: string;
}

/** Seals secrets for the database. It holds the master key; nothing else of the gateway does. */
export interface Sealer {
  seal(secret: string, owner: SealedFor): string;
  /** @throws Error when the text was changed, belongs to something else, or was sealed under a key that we do not have. */
  open(sealed: string, owner: SealedFor): string;
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const version = 'v1';

/**
 * Envelope encryption: each secret has a key of its own, which is sealed under the master key. Changing the master key
 * later re-seals the small keys only. The text is `v1.<master key's id>.<sealed key>.<sealed secret>`.
 */
export function createSealer(masterKey: Buffer): Sealer {
  if (masterKey.length !== 32) throw new Error('The master key must be exactly 32 bytes long.');
  // Names the key without telling anything of it.
  const keyId = createHash('sha256').update('bulkhead master key id').update(masterKey).digest('hex').slice(0, 12);
  return {
    seal(secret, owner) {
      const dataKey = randomBytes(32);
      const bound = boundTo(owner, keyId);
      const parts = [encrypt(masterKey, dataKey, `key|${bound}`), encrypt(dataKey, Buffer.from(secret, 'utf8'), bound)];
      return [version, keyId, ...parts.map((part) => part.toString('base64url'))].join('.');
    },
    open(sealed, owner) {
      const [stated, usedKeyId, sealedKey, sealedSecret, ...rest] = sealed.split('.');
      if (stated !== version || sealedKey === undefined || sealedSecret === undefined || rest.length > 0) {
        throw new Error(`The sealed ${owner.kind} secret of ${owner.ownerId} is not in the form that we write.`);
      }
      if (usedKeyId !== keyId) {
        throw new Error(
          `The ${owner.kind} secret of ${owner.ownerId} was sealed under another master key (${usedKeyId}); configured is ${keyId}.`,
        );
      }
      const bound = boundTo(owner, keyId);
      try {
        const dataKey = decrypt(masterKey, Buffer.from(sealedKey, 'base64url'), `key|${bound}`);
        return decrypt(dataKey, Buffer.from(sealedSecret, 'base64url'), bound).toString('utf8');
      } catch (cause) {
        throw new Error(`The sealed ${owner.kind} secret of ${owner.ownerId} does not open: it was changed or moved.`, {
          cause,
        });
      }
    },
  };
}

function boundTo({ tenantId, ownerId, kind }: SealedFor, keyId: string): string {
  return [version, tenantId, ownerId, kind, keyId].join('|');
}

function encrypt(key: Buffer, plain: Buffer, bound: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(bound, 'utf8'));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, sealed: Buffer, bound: string): Buffer {
  if (sealed.length < ivBytes + tagBytes) throw new Error('Too short.');
  const iv = sealed.subarray(0, ivBytes);
  const tag = sealed.subarray(ivBytes, ivBytes + tagBytes);
  // Without the length Node accepts a tag of four bytes.
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(bound, 'utf8')).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
}
