import type { JsonSchema } from '@bulkhead/plugin-sdk';

export interface Limits {
  /** How long one answer may take. */
  requestSeconds: number;
  connectSeconds: number;
  /** How long a guest may take to shut itself down before its machine is switched off. */
  shutdownSeconds: number;
  /** How long a file may stay locked by its former host: a stale NFS lock needs 35 s. */
  fileLockSeconds: number;
  /** Share of a host's memory that placement leaves free. */
  memoryHeadroomPercent: number;
  /** Virtual CPUs that placement allows for each core. */
  cpusPerCore: number;
  /** A nested host's session is closed after so long without a call. */
  targetIdleSeconds: number;
}

export interface VsphereConfig {
  vcenter: {
    /** `https://vcenter.example.net` */
    url: string;
    userName: string;
    password: string;
    /** SHA-256 of its certificate, hex. With it, that certificate and no other. */
    certificateSha256?: string;
    /** PEM file of the authorities that sign its certificate. */
    caFile?: string;
  };
  datacenter: string;
  /** The switch on which management port groups are made. */
  distributedSwitch: string;
  /** The root account of the template; its password is replaced on each clone. */
  templateCredential: { userName: string; password: string };
  /** Where nested hosts answer. */
  targetPort?: number;
  /** Names on nested hosts of what carries the customer's network. */
  targetNetwork?: { virtualSwitch?: string; portGroup?: string };
  /** The role of replication accounts on nested hosts. */
  replicationRole?: string;
  /** The VMkernel NIC from which a production host mounts NFS; absent: its first one. Single hosts may differ. */
  nfsVmkernelNic?: string;
  nfsVmkernelNicByHost?: Readonly<Record<string, string>>;
  limits?: Partial<Limits>;
}

export const defaultLimits: Limits = {
  requestSeconds: 60,
  connectSeconds: 10,
  shutdownSeconds: 300,
  fileLockSeconds: 60,
  memoryHeadroomPercent: 10,
  cpusPerCore: 4,
  targetIdleSeconds: 60,
};

const text = { type: 'string', minLength: 1 } as const;
const seconds = (value: number, description: string) =>
  ({ type: 'number', exclusiveMinimum: 0, default: value, description }) as const;
const fingerprint = {
  type: 'string',
  pattern: '^([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$',
  description: 'SHA-256 of the certificate; with it, that certificate and no other is believed.',
} as const;

export const configSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['vcenter', 'datacenter', 'distributedSwitch', 'templateCredential'],
  properties: {
    vcenter: {
      type: 'object',
      additionalProperties: false,
      required: ['url', 'userName', 'password'],
      anyOf: [{ required: ['certificateSha256'] }, { required: ['caFile'] }],
      properties: {
        url: { type: 'string', pattern: '^https://[^/]+/?$', description: 'https://vcenter.example.net' },
        userName: text,
        password: { ...text, secret: true },
        certificateSha256: fingerprint,
        caFile: { ...text, description: 'PEM file of the authorities that sign its certificate.' },
      },
    },
    datacenter: { ...text, description: 'The datacenter that serves this site.' },
    distributedSwitch: { ...text, description: 'The switch on which management port groups are made.' },
    templateCredential: {
      type: 'object',
      additionalProperties: false,
      required: ['userName', 'password'],
      description: 'The root account of the template; its password is replaced on each clone.',
      properties: { userName: text, password: { ...text, secret: true } },
    },
    targetPort: { type: 'integer', minimum: 1, maximum: 65535, default: 443 },
    targetNetwork: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Names on nested hosts of what carries the customer’s network.',
      properties: {
        virtualSwitch: { ...text, default: 'vSwitch1' },
        portGroup: { ...text, default: 'Customer' },
      },
    },
    replicationRole: { ...text, default: 'Bulkhead replication target' },
    nfsVmkernelNic: { ...text, description: 'The VMkernel NIC from which hosts mount NFS; absent: the first one.' },
    nfsVmkernelNicByHost: { type: 'object', additionalProperties: text, description: 'The same for single hosts.' },
    limits: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        requestSeconds: seconds(defaultLimits.requestSeconds, 'How long one answer may take.'),
        connectSeconds: seconds(defaultLimits.connectSeconds, 'How long a connection may take.'),
        shutdownSeconds: seconds(defaultLimits.shutdownSeconds, 'How long a guest may take to shut down.'),
        fileLockSeconds: seconds(defaultLimits.fileLockSeconds, 'How long a file may stay locked by its former host.'),
        memoryHeadroomPercent: {
          type: 'number',
          minimum: 0,
          maximum: 90,
          default: defaultLimits.memoryHeadroomPercent,
        },
        cpusPerCore: { type: 'number', minimum: 1, default: defaultLimits.cpusPerCore },
        targetIdleSeconds: seconds(defaultLimits.targetIdleSeconds, 'Idle sessions of nested hosts end after so long.'),
      },
    },
  },
};
