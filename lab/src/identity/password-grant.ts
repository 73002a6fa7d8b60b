import { randomUUID } from 'node:crypto';
import type { default as Provider, errors as providerErrors, ResourceServer } from 'oidc-provider';
import { findPerson, profileClaims, type RealmDirectory } from './directory.ts';
import { labPassword } from './people.ts';

interface PasswordParameters {
  username?: string;
  password?: string;
}

/**
 * Keycloak's direct access grant: `grant_type=password` with a name and a password. OAuth has given it up and the
 * provider does not bring it; demos and tests want a person's token without a browser.
 */
export function addPasswordGrant(
  provider: Provider,
  errors: typeof providerErrors,
  directory: RealmDirectory,
  resource: string,
  resourceServerData: ResourceServer,
): void {
  provider.registerGrantType<PasswordParameters>(
    'password',
    async (ctx) => {
      const { client, params } = ctx.oidc;
      const person = findPerson(directory, params.username ?? '');
      // Keycloak answers the same for an unknown person and for a wrong password.
      if (!person || params.password !== labPassword) throw new errors.InvalidGrant('Invalid user credentials');
      const scope = params.scope ?? 'openid';
      const scopes = new Set(scope.split(' '));
      const authTime = Math.floor(Date.now() / 1000);
      const account = { accountId: person.id, client, sid: randomUUID(), gty: 'password' };

      const grant = new provider.Grant({ accountId: person.id, clientId: client.clientId });
      grant.addOIDCScope(scope);
      grant.addResourceScope(resource, scope);
      const grantId = await grant.save();
      ctx.oidc.entity('Grant', grant);

      const refreshToken = new provider.RefreshToken({
        ...account,
        grantId,
        scope,
        resource,
        authTime,
        acr: '1',
        rotations: 0,
      });
      // Before the access token: its customizer takes `auth_time` from here.
      ctx.oidc.entity('RefreshToken', refreshToken);

      const resourceServer = new provider.ResourceServer(resource, resourceServerData);
      const accessToken = new provider.AccessToken({ ...account, grantId });
      accessToken.resourceServer = resourceServer;
      accessToken.scope = [...scopes].filter((name) => resourceServer.scopes.has(name)).join(' ');
      ctx.oidc.entity('AccessToken', accessToken);

      const idToken = new provider.IdToken({ sub: person.id }, { ctx });
      const claims = { ...profileClaims(person, scopes), auth_time: authTime, sid: account.sid };
      for (const [name, value] of Object.entries(claims)) idToken.set(name, value);

      ctx.body = {
        access_token: await accessToken.save(),
        expires_in: accessToken.expiration,
        refresh_token: await refreshToken.save(),
        token_type: 'Bearer',
        scope: accessToken.scope,
        ...(scopes.has('openid') ? { id_token: await idToken.issue({ use: 'idtoken' }) } : {}),
      };
    },
    ['username', 'password', 'scope'],
  );
}
