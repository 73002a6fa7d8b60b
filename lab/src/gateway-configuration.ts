import { labClients, labOrganizations } from './identity/people.ts';
import type { Lab } from './lab.ts';

/** The lab's one site, as the gateway's configuration file and catalogue name it. */
export const labSiteId = 'harbor-1';

/**
 * What the gateway's configuration file has to say to work on this lab: plain data, ready to be written as YAML. Times are
 * short, since the lab's are.
 */
export function gatewayConfiguration(
  lab: Lab,
  listen: { host: string; port: number } = { host: '127.0.0.1', port: 4000 },
) {
  const { block, vcenter, nexentastor, ovn, identity } = lab;
  const { names, credentials } = vcenter;
  const datastores = productionDatastores(lab);
  return {
    listen,
    access: {
      issuers: [{ url: identity.issuer }],
      clients: labClients.map(({ clientId, kind, maxRole, allowsProviderRoles }) => ({
        azp: clientId,
        kind,
        maxRole,
        allowsProviderRoles,
      })),
    },
    sites: [
      {
        id: labSiteId,
        name: 'Harbor One',
        location: 'Loopback',
        compute: {
          plugin: '@bulkhead/plugin-vsphere',
          config: {
            vcenter: {
              url: new URL(vcenter.url).origin,
              ...credentials.service,
              certificateSha256: vcenter.certificate.sha256,
            },
            datacenter: names.datacenter,
            distributedSwitch: names.distributedSwitch,
            templateCredential: credentials.templateRoot,
            targetPort: lab.esxiPort,
          },
        },
        storage: {
          plugin: '@bulkhead/plugin-nexenta',
          config: {
            nodes: nexentastor.nodes.map(({ url, certificate }) => ({ url, certificateSha256: certificate.sha256 })),
            ...nexentastor.credentials,
            rootDataset: nexentastor.rootDataset,
            dataAddress: nexentastor.dataAddress,
          },
        },
        network: {
          plugin: '@bulkhead/plugin-network',
          config: {
            ovsdb: { addresses: [ovn.url] },
            management: { logicalSwitch: ovn.logicalSwitch, trunkPort: ovn.trunkPort, portGroup: ovn.portGroup },
            dhcp: { serverMac: '00:50:56:3f:ff:01', serverId: block.managementGateway },
          },
        },
        policy: {
          targetHosts: {
            cluster: names.cluster,
            datastore: datastores[0],
            folder: names.targetFolder,
            template: names.template,
          },
          failover: {
            clusters: [names.cluster],
            folder: names.failoverFolder,
            role: names.tenantRole,
            storageClasses: { standard: datastores },
          },
          management: {
            cidr: block.managementCidr,
            gateway: block.managementGateway,
            first: `127.${block.octet}.66.10`,
            last: `127.${block.octet}.66.250`,
            vlans: { first: 2101, last: 2400 },
            macBlock: { first: '00:50:56:20:00:00', last: '00:50:56:2f:ff:ff' },
          },
          infrastructure: [`${block.vcenter}/32`, `${block.nfs}/32`],
          dnsServers: [`127.${block.octet}.0.53`],
          ntpServers: [`127.${block.octet}.0.123`],
          domainName: 'harbor.test',
          limits: { powerOnsPerHost: 8, relocationsPerDatastore: 2 },
        },
      },
    ],
    workflows: {
      retry: { attempts: 5, firstPauseMs: 100, factor: 2 },
      pollIntervalMs: 50,
      observeEverySeconds: 2,
    },
    log: { level: 'warn' },
  };
}

/** Names of the LUNs that relocation may use. */
export function productionDatastores(lab: Lab): string[] {
  const names = new Set(
    lab.vcenter
      .snapshotOfWorld()
      .hosts.flatMap(({ datastores }) => datastores.filter(({ kind }) => kind === 'VMFS').map(({ name }) => name)),
  );
  return [...names].sort();
}

/** The customer, by the organization's alias, that each simulated customer network belongs to. */
export const labCustomers = { acme: 1, globex: 2, initech: 3 } as const;

/**
 * The provider's catalogue for this lab, as `bulkhead apply` takes it: the organizations of its sign-in, two networks for
 * each tenant, a plan, and each tenant's production account.
 */
export function gatewayCatalogue(lab: Lab) {
  const { block } = lab;
  const tenants = Object.entries(labCustomers);
  return {
    organizations: labOrganizations.map((organization) => ({
      key: organization.alias,
      name: organization.name,
      kind: organization.kind,
      ...('parent' in organization ? { parent: organization.parent } : {}),
      identityId: organization.identityId,
    })),
    networks: tenants.flatMap(([organization, n]) => {
      const replication = block.customer(n);
      const servers = block.customer(n + 4);
      const first = (cidr: string, host: number) => cidr.replace(/\.0\/24$/, `.${host}`);
      return [
        {
          organization,
          site: labSiteId,
          name: 'Replication',
          ...replication,
          targetAddresses: { first: first(replication.cidr, 230), last: first(replication.cidr, 249) },
        },
        { organization, site: labSiteId, name: 'Servers', ...servers },
      ];
    }),
    targetPlans: [
      {
        site: labSiteId,
        name: 'Standard 2 TB',
        description: 'For up to 25 machines.',
        cpuCount: 4,
        memory: '16 GiB',
        storage: '2 TB',
        storageClass: 'standard',
        maxProtectedVms: 25,
      },
    ],
    productionPrincipals: tenants.map(([organization, n]) => ({
      organization,
      site: labSiteId,
      account: `LAB\\VPSUSER100${n}`,
    })),
  };
}
