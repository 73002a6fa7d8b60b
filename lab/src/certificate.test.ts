import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeCertificate } from './certificate.ts';

test('a certificate names its address and carries its own fingerprint', async () => {
  const made = await makeCertificate('127.20.0.10');
  const read = new X509Certificate(made.cert);
  expect(read.subjectAltName).toContain('127.20.0.10');
  expect(read.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(made.sha256);
});
