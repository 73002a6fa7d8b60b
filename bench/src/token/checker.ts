// Checks tokens in a process of its own, one after the other, as requests bring them: each as a new string from bytes.
import { ready } from '../runner/answers.ts';
import { checks, digestOf, type Check, type CheckName, type Realm } from './checks.ts';

let tokens: Buffer[] = [];
let realm: Realm | undefined;
let make: (realm: Realm) => Promise<Check>;
let check: Check;

async function pass(times: number): Promise<string> {
  const subjects: string[] = [];
  for (let time = 0; time < times; time += 1)
    for (const token of tokens) subjects.push(await check(token.toString('latin1')));
  return digestOf(subjects.slice(-tokens.length));
}

ready({
  load: (given: { name: CheckName; realm: Realm; tokens: string[] }) => {
    tokens = given.tokens.map((token) => Buffer.from(token, 'latin1'));
    realm = given.realm;
    make = checks[given.name];
  },
  /** A check that has its keys, and has not seen any of the tokens. */
  forget: async (first: string) => {
    if (!realm) throw new Error('Load first.');
    check = await make(realm);
    await check(first);
  },
  pass,
});
