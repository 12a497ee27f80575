import { randomUUID, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A server certificate, its key, and where the authority that signed it is stored. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
  /** PEM file for `NODE_EXTRA_CA_CERTS`. */
  readonly authorityPath: string;
}

const VALID_YEARS = 10;
const RENEW_BEFORE_MS = 30 * 24 * 3600 * 1000;
const OWNER_ONLY = 0o600;

/**
 * Reads the emulator's certificate from its state directory, and makes one when there is none or it is about to expire.
 * The authority's own key is thrown away once it has signed, so that trusting it is safe.
 */
export async function ensureCertificate(stateDirectory: string): Promise<ServerCertificate> {
  mkdirSync(stateDirectory, { recursive: true });
  const authorityPath = join(stateDirectory, 'authority.pem');
  const certificatePath = join(stateDirectory, 'server.pem');
  const keyPath = join(stateDirectory, 'server-key.pem');
  if (!isUsable(authorityPath, certificatePath)) {
    const made = await makeCertificate();
    writeFileSync(keyPath, made.key, { mode: OWNER_ONLY });
    writeFileSync(certificatePath, made.certificate);
    writeFileSync(authorityPath, made.authority);
  }
  return { certificate: readFileSync(certificatePath, 'utf8'), key: readFileSync(keyPath, 'utf8'), authorityPath };
}

function isUsable(authorityPath: string, certificatePath: string): boolean {
  try {
    const authority = new X509Certificate(readFileSync(authorityPath));
    const server = new X509Certificate(readFileSync(certificatePath));
    return server.verify(authority.publicKey) && server.validToDate.getTime() > Date.now() + RENEW_BEFORE_MS;
  } catch {
    return false;
  }
}

async function makeCertificate(): Promise<{ authority: string; certificate: string; key: string }> {
  const notAfterDate = new Date();
  notAfterDate.setFullYear(notAfterDate.getFullYear() + VALID_YEARS);
  const common = { algorithm: 'sha256', keyType: 'ec', curve: 'P-256', notAfterDate } as const;
  // Whoever trusts two authorities of one name, as a process with two stacks does, may check with the wrong one's key.
  const name = `Local Cosmos DB emulator authority ${randomUUID().slice(0, 8)}`;
  const authority = await generate([{ name: 'commonName', value: name }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { authority: authority.cert, certificate: server.cert, key: server.private };
}
