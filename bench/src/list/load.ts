// Asks a server the same thing again and again over a few connections, in a process of its own.
import { createHash } from 'node:crypto';
import { Pool } from 'undici';
import { ready } from '../runner/answers.ts';

export interface Load {
  url: string;
  token: string;
  body: string;
  connections: number;
  requests: number;
}

export interface LoadOutcome {
  /** Of the answer's text; all answers of one load have to be the same. */
  digest: string;
  answer: string;
  /** In order of arrival. */
  milliseconds: number[];
}

async function load({ url, token, body, connections, requests }: Load): Promise<LoadOutcome> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` };
  const milliseconds: number[] = [];
  let first: string | undefined;
  let left = requests;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const started = performance.now();
      const response = await pool.request({ path: pathname, method: 'POST', headers, body });
      const text = (await response.body.text()).trimEnd();
      milliseconds.push(performance.now() - started);
      first ??= text;
      if (response.statusCode !== 200 || text !== first)
        throw new Error(`Status ${response.statusCode}: ${text.slice(0, 500)}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, one));
  } finally {
    await pool.close();
  }
  const answer = first ?? '';
  return { digest: createHash('sha256').update(answer).digest('hex'), answer, milliseconds };
}

ready({ load });
