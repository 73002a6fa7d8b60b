import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Lets pages of any origin on this machine call the realm with credentials, as `keycloak-js` does. The provider's own
 * answers step aside as soon as one of these headers is set, so all of them come from here. True when it has answered.
 */
export function answerCrossOrigin(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('vary', 'Origin');
  if (request.method !== 'OPTIONS') return false;
  response.setHeader('access-control-allow-methods', 'GET, POST, OPTIONS');
  response.setHeader(
    'access-control-allow-headers',
    request.headers['access-control-request-headers'] ?? 'authorization, content-type',
  );
  response.setHeader('access-control-max-age', '3600');
  response.writeHead(204).end();
  return true;
}
