import type { IncomingMessage, ServerResponse } from 'node:http';
import type { default as Provider } from 'oidc-provider';
import { findPerson, type RealmDirectory } from './directory.ts';
import { escapeHtml, page } from './page.ts';

/** Lists the realm's people; picking one signs in as that person. There is no password: the lab is on loopback. */
export async function serveSignIn(
  provider: Provider,
  directory: RealmDirectory,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response);
  if (request.method === 'POST') {
    const person = findPerson(directory, new URLSearchParams(await bodyOf(request)).get('username') ?? '');
    const result = person
      ? { login: { accountId: person.id, acr: '1' } }
      : { error: 'access_denied', error_description: 'No such person in the lab.' };
    await provider.interactionFinished(request, response, result);
    return;
  }
  const client = directory.clients.find((candidate) => candidate.clientId === interaction.params.client_id);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(pageOf(directory, client?.name ?? 'this application'));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > 10_000) throw new Error('The form is too large.');
  }
  return body;
}

function pageOf(directory: RealmDirectory, clientName: string): string {
  const buttons = directory.people.map((person) => {
    const roles = [
      ...(person.providerRoles ?? []),
      ...Object.entries(person.roles ?? {}).map(([alias, role]) => {
        const organization = directory.organizations.find((candidate) => candidate.alias === alias);
        return `${role} of ${organization?.name ?? alias}`;
      }),
    ];
    const name = `${person.givenName} ${person.familyName}`;
    return `<button name="username" value="${escapeHtml(person.username)}"><b>${escapeHtml(name)}</b> ${escapeHtml(roles.join(', '))}</button>`;
  });
  return page(
    'Sign in to the lab',
    `<p>${escapeHtml(clientName)} asks who you are. These people exist only in this simulated datacentre.</p>
<form method="post">${buttons.join('\n')}</form>`,
  );
}
