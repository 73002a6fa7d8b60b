import { PluginError, type JsonSchema } from '@bulkhead/plugin-sdk';

export interface NetworkConfig {
  ovsdb: {
    /** `ssl:10.0.0.5:6641`; `tcp:` only on loopback. Of a cluster, all members: the leader is found. */
    addresses: string[];
    tls?: TlsConfig;
    /** How long one answer may take. */
    requestTimeoutSeconds?: number;
    /** First pause after a failed connection; it doubles, up to 5 seconds. */
    reconnectPauseMilliseconds?: number;
  };
  /** Objects that the provider has set up once; see the README. */
  management: {
    logicalSwitch: string;
    /** The logical port of the edge's trunk, which carries the tenants' management VLANs. */
    trunkPort: string;
    /** The port group whose ACLs hold for every target. */
    portGroup: string;
  };
  dhcp: {
    /** The virtual server's MAC and address: the management gateway's will do. */
    serverMac: string;
    serverId: string;
    leaseSeconds?: number;
    dns?: string[];
  };
  /** What counts as in force: the edge hosts have followed, or only northd where there are no edge hosts. */
  realization?: 'hypervisors' | 'northd';
  /** How long a call waits for that before it answers that it is still pending. */
  realizationWaitSeconds?: number;
  /** Names of the distributed switch's port groups; `{vlan}` stands for the VLAN id. */
  portGroupNames?: { network?: string; management?: string; isolated?: string };
}

export interface TlsConfig {
  /** PEM files, read at each connection, so that renewed ones are taken up. */
  caFile: string;
  certificateFile: string;
  keyFile: string;
  /** SHA-256 of the servers' certificates, hex: for authorities that write no addresses into them, as ovs-pki. */
  certificateSha256?: string[];
}

export interface Settings {
  addresses: Address[];
  tls: TlsConfig | undefined;
  requestTimeoutMs: number;
  reconnectPauseMs: number;
  management: NetworkConfig['management'];
  dhcp: Required<NetworkConfig['dhcp']>;
  realization: 'hypervisors' | 'northd';
  realizationWaitMs: number;
  portGroupNames: { network: string; management: string; isolated: string };
}

export interface Address {
  transport: 'tcp' | 'ssl';
  host: string;
  port: number;
}

/** The host fills in the schema's defaults; they are repeated here for whoever calls `setup` without it. */
export function settingsOf(config: NetworkConfig): Settings {
  const { ovsdb, management, dhcp, portGroupNames = {} } = config;
  const addresses = ovsdb.addresses.map(readAddress);
  if (addresses.some(({ transport }) => transport === 'ssl') && !ovsdb.tls) {
    throw wrong('ovsdb.tls is needed for an ssl: address: the server asks for a client certificate.');
  }
  return {
    addresses,
    tls: ovsdb.tls,
    requestTimeoutMs: (ovsdb.requestTimeoutSeconds ?? 10) * 1000,
    reconnectPauseMs: ovsdb.reconnectPauseMilliseconds ?? 100,
    management,
    dhcp: { leaseSeconds: 3600, dns: [], ...dhcp },
    realization: config.realization ?? 'hypervisors',
    realizationWaitMs: (config.realizationWaitSeconds ?? 2) * 1000,
    portGroupNames: {
      network: 'vlan-{vlan}',
      management: 'bh-mgmt-{vlan}',
      isolated: 'bh-test-{vlan}',
      ...portGroupNames,
    },
  };
}

function readAddress(text: string): Address {
  const parts = /^(tcp|ssl):(\[[0-9a-fA-F:]+\]|[^:]+):(\d{1,5})$/.exec(text);
  if (!parts?.[2]) throw wrong(`ovsdb.addresses: ${text} is not of the form ssl:<host>:<port>.`);
  const transport = parts[1] === 'ssl' ? 'ssl' : 'tcp';
  const host = parts[2].replace(/^\[|\]$/g, '');
  if (transport === 'tcp' && !/^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host)) {
    // Whoever connects owns the network: the northbound database knows no finer rights.
    throw wrong(`ovsdb.addresses: ${text} is neither TLS nor on loopback; use ssl: with a client certificate.`);
  }
  return { transport, host, port: Number(parts[3]) };
}

const wrong = (detail: string): PluginError =>
  new PluginError('invalid', 'The network of this site is not configured correctly.', detail);

const name = { type: 'string', minLength: 1 };
const pattern = { type: 'string', pattern: '\\{vlan\\}' };
const address = { type: 'string', pattern: '^\\d{1,3}(\\.\\d{1,3}){3}$' };

export const configSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['ovsdb', 'management', 'dhcp'],
  properties: {
    ovsdb: {
      type: 'object',
      additionalProperties: false,
      required: ['addresses'],
      properties: {
        addresses: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^(tcp|ssl):.+:\\d+$' } },
        tls: {
          type: 'object',
          additionalProperties: false,
          required: ['caFile', 'certificateFile', 'keyFile'],
          properties: {
            caFile: name,
            certificateFile: name,
            keyFile: name,
            certificateSha256: {
              type: 'array',
              minItems: 1,
              items: { type: 'string', pattern: '^[0-9a-fA-F]{2}(:?[0-9a-fA-F]{2}){31}$' },
            },
          },
        },
        requestTimeoutSeconds: { type: 'number', exclusiveMinimum: 0, default: 10 },
        reconnectPauseMilliseconds: { type: 'integer', minimum: 1, default: 100 },
      },
    },
    management: {
      type: 'object',
      additionalProperties: false,
      required: ['logicalSwitch', 'trunkPort', 'portGroup'],
      properties: { logicalSwitch: name, trunkPort: name, portGroup: name },
    },
    dhcp: {
      type: 'object',
      additionalProperties: false,
      required: ['serverMac', 'serverId'],
      properties: {
        serverMac: { type: 'string', pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$' },
        serverId: address,
        leaseSeconds: { type: 'integer', minimum: 60, default: 3600 },
        dns: { type: 'array', items: address, default: [] },
      },
    },
    realization: { enum: ['hypervisors', 'northd'], default: 'hypervisors' },
    realizationWaitSeconds: { type: 'number', minimum: 0, default: 2 },
    portGroupNames: {
      type: 'object',
      additionalProperties: false,
      properties: { network: pattern, management: pattern, isolated: pattern },
    },
  },
};
