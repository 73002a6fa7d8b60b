import type { ComputePlugin, NetworkPlugin, PluginKind, StoragePlugin } from '@bulkhead/plugin-sdk';

/** Which package serves one half of a site, and what it is told. */
export interface PluginBinding {
  plugin: string;
  config: unknown;
}

/** What the provider has decided for one site. Names are the backends' own. */
export interface SitePolicy {
  /** Where nested hosts are made, and from what. */
  targetHosts: { cluster: string; datastore: string; folder: string; template: string };
  failover: {
    /** Clusters whose hosts may take failed-over machines. */
    clusters: string[];
    folder: string;
    /** The role that the tenant's production account gets on its machines. */
    role: string;
    /** Production datastores by storage class. */
    storageClasses: Record<string, string[]>;
    /** VLANs that lead nowhere, one for each test that runs at a time. Absent: no tests at this site. */
    testVlans?: { first: number; last: number } | undefined;
  };
  management: {
    cidr: string;
    gateway: string;
    first: string;
    last: string;
    vlans: { first: number; last: number };
    macBlock: { first: string; last: string };
  };
  /** The provider's hosts and prefixes that a target must reach on the management side. */
  infrastructure: string[];
  dnsServers: string[];
  ntpServers: string[];
  domainName: string;
  /** How long addresses, MACs and VLANs rest before another target gets them. */
  quarantineSeconds: number;
  limits: { powerOnsPerHost: number; relocationsPerDatastore: number };
}

/** A site as the configuration file has it. */
export interface SiteConfiguration {
  id: string;
  name: string;
  location?: string | undefined;
  compute: PluginBinding;
  storage: PluginBinding;
  network: PluginBinding;
  policy: SitePolicy;
}

/** A site with its three plugins, ready to be called. */
export interface Site {
  readonly id: string;
  readonly name: string;
  readonly location: string | undefined;
  readonly compute: ComputePlugin;
  readonly storage: StoragePlugin;
  readonly network: NetworkPlugin;
  readonly policy: SitePolicy;
  readonly plugins: readonly { kind: PluginKind; id: string; version: string }[];
}

/** The configured sites of this process. */
export interface Sites {
  readonly all: readonly Site[];
  /** @throws Error when no such site is configured: rows name sites, so it was taken out of the file too early. */
  of(siteId: string): Site;
  find(siteId: string): Site | undefined;
  /** Waits for running calls, then ends the plugins' sessions. */
  dispose(): Promise<void>;
}
