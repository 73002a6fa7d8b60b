import { request as httpsRequest } from 'node:https';

export interface ApplianceAccess {
  url: string;
  /** PEM. */
  certificate: string;
  userName: string;
  password: string;
}

export interface SeenShare {
  filesystem: string;
  state: string;
  /** Hosts that may write, sorted. */
  readWrite: string[];
  root: string[];
}

interface Rule {
  entity: string;
}

interface ShareAnswer {
  filesystem: string;
  shareState: string;
  securityContexts?: { readWriteList?: Rule[]; root?: Rule[] }[];
}

/** Reads every NFS share of the appliance by plain requests. */
export async function readShares(access: ApplianceAccess): Promise<SeenShare[]> {
  const { token } = (await send(access, 'POST', '/auth/login', '', {
    username: access.userName,
    password: access.password,
  })) as { token: string };
  const shares: SeenShare[] = [];
  let next: string | undefined = '/nas/nfs';
  while (next) {
    const page = (await send(access, 'GET', next, token)) as {
      data: ShareAnswer[];
      links?: { rel: string; href: string }[];
    };
    for (const share of page.data) {
      const entities = (list: 'readWriteList' | 'root') =>
        [
          ...new Set(
            (share.securityContexts ?? []).flatMap((context) => (context[list] ?? []).map((rule) => rule.entity)),
          ),
        ].sort();
      shares.push({
        filesystem: share.filesystem,
        state: share.shareState,
        readWrite: entities('readWriteList'),
        root: entities('root'),
      });
    }
    next = page.links?.find(({ rel }) => rel === 'next')?.href;
  }
  return shares;
}

function send(access: ApplianceAccess, method: string, path: string, token: string, body?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      new URL(path, access.url),
      {
        method,
        ca: access.certificate,
        agent: false,
        headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      },
      (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (received += chunk));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200)
            return reject(new Error(`The appliance answered ${response.statusCode} to ${method} ${path}.`));
          resolve(JSON.parse(received));
        });
      },
    );
    request.on('error', reject);
    request.end(body ? JSON.stringify(body) : undefined);
  });
}
