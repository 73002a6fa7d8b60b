import { readFile } from 'node:fs/promises';
import { labPassword } from '../identity/people.ts';
import { signIn, type SignedIn, type SignInOptions } from './sign-in.ts';
import { startKeycloak, type Keycloak } from './start.ts';

const realmFile = new URL('../../../deploy/keycloak/realm-demo.json', import.meta.url);
export const demoRealmName = 'dr';

/** A Keycloak with our realm file and the lab's people, organizations and machines in it. */
export interface DemoKeycloak extends Keycloak {
  issuer: string;
  tokenUrl: string;
  /** Signs one of the lab's people in through the login pages, afresh. */
  signIn(who: string, options?: Partial<SignInOptions>): Promise<SignedIn>;
  /** The access token of such a sign-in. */
  token(who: string): Promise<string>;
}

/** @throws Error as `startKeycloak` does, and from an installed package, which does not bring the realm file. */
export async function startDemoKeycloak(): Promise<DemoKeycloak> {
  const text = await readFile(realmFile, 'utf8').catch((cause: unknown) => {
    throw new Error('Keycloak is started with deploy/keycloak of the repository, which an installed package lacks.', {
      cause,
    });
  });
  const keycloak = await startKeycloak({ realms: [realmOf(text)] });
  const issuer = keycloak.issuerOf(demoRealmName);
  const enter: DemoKeycloak['signIn'] = (who, options) =>
    signIn({ issuer, userName: who, password: labPassword, ...options });
  return {
    ...keycloak,
    issuer,
    tokenUrl: `${issuer}/protocol/openid-connect/token`,
    signIn: enter,
    token: async (who) => (await enter(who)).accessToken,
  };
}

function realmOf(text: string): object {
  const realm: unknown = JSON.parse(text);
  if (typeof realm !== 'object' || realm === null) throw new Error('deploy/keycloak/realm-demo.json is not a realm.');
  return realm;
}
