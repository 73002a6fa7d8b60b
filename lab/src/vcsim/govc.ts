import { execFile } from 'node:child_process';
import { buildVcsim } from './build.ts';

/** Where govc signs in. It trusts exactly the certificate in the file. */
export interface GovcEndpoint {
  url: string;
  certificateFile: string;
  credentials: { userName: string; password: string };
}

/** Runs govmomi's command line client and returns what it prints. Throws with its complaint when it fails. */
export async function govc(endpoint: GovcEndpoint, args: readonly string[]): Promise<string> {
  const { govcx } = await buildVcsim();
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    GOVC_URL: endpoint.url,
    GOVC_USERNAME: endpoint.credentials.userName,
    GOVC_PASSWORD: endpoint.credentials.password,
    GOVC_TLS_CA_CERTS: endpoint.certificateFile,
    GOVC_PERSIST_SESSION: 'false',
  };
  return new Promise((resolve, reject) => {
    execFile(govcx, [...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`govc ${args.join(' ')}: ${(stderr || error.message).trim()}`));
      else resolve(stdout);
    });
  });
}
