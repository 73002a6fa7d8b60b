import { readFile, writeFile } from 'node:fs/promises';
import { demoRealm, type RealmFile } from './demo-realm.ts';

// Prints deploy/keycloak/realm-demo.json: the provider's realm with the lab's people in it.
const folder = new URL('../../../deploy/keycloak/', import.meta.url);
// The file beside it, which we wrote; Keycloak judges it in test:real.
const realm = JSON.parse(await readFile(new URL('realm.json', folder), 'utf8')) as RealmFile;
await writeFile(new URL('realm-demo.json', folder), `${JSON.stringify(demoRealm(realm), null, 2)}\n`);
