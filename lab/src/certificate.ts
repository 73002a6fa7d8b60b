import { createHash, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** A self-signed certificate, as every appliance and host brings one. */
export interface HostCertificate {
  key: string;
  cert: string;
  /** SHA-256 of the certificate, lower-case hex. */
  sha256: string;
}

/** Makes the certificate of one simulated host, for its address. */
export async function makeCertificate(address: string): Promise<HostCertificate> {
  const pair = await generate([{ name: 'commonName', value: address }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: address }] },
    ],
  });
  const sha256 = createHash('sha256').update(new X509Certificate(pair.cert).raw).digest('hex');
  return { key: pair.private, cert: pair.cert, sha256 };
}
