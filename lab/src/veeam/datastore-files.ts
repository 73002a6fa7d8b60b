import { VeeamJobError } from './job-error.ts';
import type { Transport } from './transport.ts';

/** A file on a datastore, as the host serves it beside its API. */
export interface DatastoreFile {
  datacenter: string;
  datastore: string;
  /** Behind the datastore's name: `web01/web01-flat.vmdk`. */
  path: string;
}

/** Null when there is no such file. */
export async function readFile(transport: Transport, file: DatastoreFile): Promise<string | null> {
  const answer = await transport.send({ method: 'GET', path: url(file) });
  if (answer.status === 404) return null;
  expectSuccess('Reading', file, answer.status);
  return answer.text;
}

export async function writeFile(transport: Transport, file: DatastoreFile, content: string): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await transport.send({ method: 'PUT', path: url(file), headers, body: Buffer.from(content) });
  expectSuccess('Writing', file, answer.status);
}

function url({ datacenter, datastore, path }: DatastoreFile): string {
  const query = new URLSearchParams({ dcPath: datacenter, dsName: datastore });
  return `/folder/${path.split('/').map(encodeURIComponent).join('/')}?${query.toString()}`;
}

function expectSuccess(what: string, file: DatastoreFile, status: number): void {
  if (status >= 200 && status < 300) return;
  const place = `[${file.datastore}] ${file.path}`;
  if (status === 401 || status === 403) {
    throw new VeeamJobError(
      `${what} ${place} was refused by the host: the account may not (HTTP ${status}).`,
      'NoPermission',
    );
  }
  throw new VeeamJobError(`${what} ${place} was answered with HTTP ${status}.`, `HTTP ${status}`);
}
