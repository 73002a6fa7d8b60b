import { fileURLToPath } from 'node:url';
import {
  claimBlock,
  Faults,
  Journal,
  LabClock,
  startNexentaStor,
  startOvn,
  startVcenter,
  type AddressBlock,
  type LabOvn,
  type NexentaStor,
  type Vcenter,
} from '@bulkhead/lab';
import { loadSites } from '../sites/load.ts';
import type { SiteConfiguration, Sites } from '../sites/site.ts';
import { silentLog } from './silent-log.ts';

/** A simulated datacentre with the three real plugins against it. */
export interface LabSite {
  configuration: SiteConfiguration;
  sites: Sites;
  block: AddressBlock;
  vcenter: Vcenter;
  storage: NexentaStor;
  ovn: LabOvn;
  faults: Faults;
  journal: Journal;
  stop(): Promise<void>;
}

const [vcenterPort, esxiPort, nefPort] = [18_443, 19_443, 18_444];

export async function startLabSite(): Promise<LabSite> {
  const block = await claimBlock();
  const [faults, journal, clock] = [new Faults(), new Journal(), new LabClock(0.01)];
  const storage = await startNexentaStor({
    address: block.nexentastor,
    port: nefPort,
    dataAddress: block.nfs,
    faults,
    journal,
    clock,
  });
  const infrastructure = [`${block.vcenter}/32`, `${block.nfs}/32`];
  const ovn = await startOvn({
    address: block.ovn,
    port: 0,
    managementCidr: block.managementCidr,
    managementGateway: block.managementGateway,
    infrastructure,
    faults,
    journal,
    clock,
  });
  const { nfs } = storage;
  const { fabric } = ovn;
  const vcenter = await startVcenter({ block, vcenterPort, esxiPort, nfs, fabric, faults, journal, clock });
  const { names } = vcenter;
  const at = (last: number) => block.managementGateway.replace(/\.\d+$/, `.${last}`);
  const configuration: SiteConfiguration = {
    id: 'lab1',
    name: 'The lab',
    compute: {
      plugin: '@bulkhead/plugin-vsphere',
      config: {
        vcenter: {
          url: new URL(vcenter.url).origin,
          ...vcenter.credentials.service,
          certificateSha256: vcenter.certificate.sha256,
        },
        datacenter: names.datacenter,
        distributedSwitch: names.distributedSwitch,
        templateCredential: vcenter.credentials.templateRoot,
        targetPort: esxiPort,
        limits: { requestSeconds: 5, shutdownSeconds: 2, fileLockSeconds: 5 },
      },
    },
    storage: {
      plugin: '@bulkhead/plugin-nexenta',
      config: {
        nodes: storage.nodes.map(({ url, certificate }) => ({ url, certificateSha256: certificate.sha256 })),
        ...storage.credentials,
        rootDataset: storage.rootDataset,
        dataAddress: storage.dataAddress,
        retryPauseMilliseconds: 10,
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
        datastore: 'lun-1',
        folder: names.targetFolder,
        template: names.template,
      },
      failover: {
        clusters: [names.cluster],
        folder: names.failoverFolder,
        role: names.tenantRole,
        storageClasses: { standard: ['lun-1', 'lun-2'] },
      },
      management: {
        cidr: block.managementCidr,
        gateway: block.managementGateway,
        first: at(10),
        last: at(250),
        vlans: { first: 2001, last: 2200 },
        macBlock: { first: '00:50:56:20:00:00', last: '00:50:56:20:ff:ff' },
      },
      infrastructure,
      dnsServers: [block.managementGateway],
      ntpServers: [block.managementGateway],
      domainName: 'targets.example.net',
      quarantineSeconds: 3600,
      limits: { powerOnsPerHost: 8, relocationsPerDatastore: 2 },
    },
  };
  const configFile = fileURLToPath(import.meta.url);
  const sites = await loadSites([configuration], { configFile, log: silentLog });
  return {
    configuration,
    sites,
    block,
    vcenter,
    storage,
    ovn,
    faults,
    journal,
    async stop() {
      await sites.dispose();
      await vcenter.stop();
      await ovn.stop();
      await storage.stop();
      await block.release();
    },
  };
}
