import { startDemoKeycloak, type DemoKeycloak, type labOrganizations } from '@bulkhead/lab';
import { ApiError, createClient, type Client } from '@bulkhead/sdk';
import { openWorkshop, type Workshop } from '../workshop.ts';

type OrganizationName = (typeof labOrganizations)[number]['name'];

/** A gateway whose issuer is a real Keycloak with the lab's people in it, and clients that ask it who they are. */
export interface IdentityHouse {
  keycloak: DemoKeycloak;
  workshop: Workshop;
  withToken(token: string): Client;
  /** A client that signs in by the SDK's own client credentials. */
  machine(clientId: string, clientSecret: string): Client;
  /** What becomes of an order for a target: `ORDERED`, or the refusal's code. */
  order(client: Client, organization: OrganizationName): Promise<string>;
  /** Of which of Acme, Globex and Initech the caller sees networks. */
  networksOf(client: Client): Promise<OrganizationName[]>;
  /** What the gateway says to a token: `accepted`, or the error's code. */
  answerTo(token: string): Promise<string>;
  close(): Promise<void>;
}

export async function openIdentityHouse(): Promise<IdentityHouse> {
  const keycloak = await startDemoKeycloak();
  const workshop = await openWorkshop({
    // What is ordered stays queued: nothing here is about the datacentre.
    worker: false,
    adjust: ({ access }) => ({
      access: {
        issuers: [{ url: keycloak.issuer, clockToleranceSeconds: 1 }],
        clients: [...access.clients, { azp: 'reporting', kind: 'PERSON', maxRole: 'viewer' }],
      },
    }),
  }).catch(async (error: unknown) => {
    await keycloak.stop();
    throw error;
  });
  const withToken = (token: string) =>
    createClient({ url: workshop.url, auth: { token }, clientName: 'bulkhead-real-test' });
  const pat = async () => withToken(await keycloak.token('pat'));
  const known = await (await pat()).listOrganizations({}).toArray({ limit: 50 });
  const idOf = (name: OrganizationName) => {
    const found = known.find((organization) => organization.name === name);
    if (!found) throw new Error(`There is no organization ${name}.`);
    return found.id;
  };

  return {
    keycloak,
    workshop,
    withToken,
    machine: (clientId, clientSecret) =>
      createClient({ url: workshop.url, auth: { clientId, clientSecret, tokenUrl: keycloak.tokenUrl } }),

    async order(client, organization) {
      const provider = await pat();
      const organizationId = idOf(organization);
      const [plan] = await provider.listTargetPlans();
      const networks = await provider.listNetworks({ organizationId }).toArray({ limit: 10 });
      const network = networks.find(({ name }) => name === 'Replication');
      if (!plan || !network) throw new Error(`The catalogue has no plan, or no network of ${organization}.`);
      const name = `t-${crypto.randomUUID().slice(0, 8)}`;
      const input = { organizationId, siteId: plan.site.id, planId: plan.id, networkId: network.id, name };
      const answer = client.provisionReplicationTarget(input).then((payload) => {
        if (payload?.operation) return 'ORDERED';
        return String(payload?.userErrors.map(({ code }) => code).join());
      });
      return answer.catch(codeOf);
    },

    async networksOf(client) {
      const seen: OrganizationName[] = [];
      for (const name of ['Acme GmbH', 'Globex Corp', 'Initech Ltd'] as const) {
        const asked = client.listNetworks({ organizationId: idOf(name) }).toArray({ limit: 10 });
        const found = await asked.catch((error: unknown) => {
          if (error instanceof ApiError) return [];
          throw error;
        });
        if (found.length > 0) seen.push(name);
      }
      return seen;
    },

    answerTo: (token) =>
      withToken(token)
        .me()
        .then(() => 'accepted', codeOf),

    async close() {
      await workshop.close();
      await keycloak.stop();
    },
  };
}

function codeOf(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  return /expired/.test(error.message) ? `${error.code}, expired` : error.code;
}

/** Who a client is to the gateway, with its roles by the organization's name. */
export async function whoAmI(client: Client) {
  const { displayName, kind, providerRoles, memberships } = await client.me();
  const roles = Object.fromEntries(memberships.map(({ organization, role }) => [organization.name, role]));
  return { displayName, kind, providerRoles, roles };
}
