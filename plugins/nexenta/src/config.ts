import type { JsonSchema } from '@bulkhead/plugin-sdk';

export interface NodeConfig {
  /** `https://10.0.0.20:8443` */
  url: string;
  /** SHA-256 of the node's certificate, hex: any other is refused before anything is sent. */
  certificateSha256?: string;
}

export interface StorageClassConfig {
  recordSize?: RecordSize;
  compressionMode?: CompressionMode;
}

export type CompressionMode = 'off' | 'on' | 'lz4' | 'lzjb' | 'zle' | 'gzip';

export type RecordSize = 4096 | 8192 | 16384 | 32768 | 65536 | 131072 | 262144 | 524288 | 1048576;

export interface NexentaConfig {
  /** REST addresses of the nodes; of a pair, both. */
  nodes: NodeConfig[];
  userName: string;
  password: string;
  /** The dataset below which everything lies. It must exist; it is never changed. */
  rootDataset: string;
  /** What hosts mount from: the address that moves with the pool. */
  dataAddress: string;
  tls?: {
    /** PEM file of the authority that signed the nodes' certificates. Without it the system's authorities. */
    caFile?: string;
  };
  /** How much a datastore, its snapshots and its clones may take together, as a multiple of the sold size. */
  headroomFactor?: number;
  recordSize?: RecordSize;
  compressionMode?: CompressionMode;
  /** When named, a datastore must be of one of these classes. */
  storageClasses?: Record<string, StorageClassConfig>;
  /** Whom an unlisted user becomes. `root` only for versions that ignore a share's `root` list. */
  anonymousUser?: 'nobody' | 'root';
  requestTimeoutSeconds?: number;
  /** How long a job of the appliance is followed. */
  jobTimeoutSeconds?: number;
  /** First pause before a busy object is tried again, and a job asked again; it doubles. */
  retryPauseMilliseconds?: number;
}

export type Settings = Required<Omit<NexentaConfig, 'tls' | 'storageClasses'>> &
  Pick<NexentaConfig, 'tls' | 'storageClasses'>;

/** The host fills defaults in from the schema; they are repeated here for whoever calls `setup` without it. */
export function settingsOf(config: NexentaConfig): Settings {
  return {
    headroomFactor: 2,
    recordSize: 32_768,
    compressionMode: 'lz4',
    anonymousUser: 'nobody',
    requestTimeoutSeconds: 30,
    jobTimeoutSeconds: 300,
    retryPauseMilliseconds: 500,
    ...config,
  };
}

const recordSize = { enum: [4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576] };
const compressionMode = { enum: ['off', 'on', 'lz4', 'lzjb', 'zle', 'gzip'] };

export const configSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['nodes', 'userName', 'password', 'rootDataset', 'dataAddress'],
  properties: {
    nodes: {
      type: 'array',
      minItems: 1,
      maxItems: 4,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['url'],
        properties: {
          url: { type: 'string', pattern: '^https://[^/]+/?$' },
          certificateSha256: { type: 'string', pattern: '^[0-9a-fA-F]{2}(:?[0-9a-fA-F]{2}){31}$' },
        },
      },
    },
    userName: { type: 'string', minLength: 1 },
    password: { type: 'string', minLength: 1, secret: true },
    rootDataset: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]*(/[A-Za-z0-9][A-Za-z0-9_.:-]*)+$' },
    dataAddress: { type: 'string', minLength: 1 },
    tls: { type: 'object', additionalProperties: false, properties: { caFile: { type: 'string' } } },
    headroomFactor: { type: 'number', minimum: 1, maximum: 10, default: 2 },
    recordSize: { ...recordSize, default: 32768 },
    compressionMode: { ...compressionMode, default: 'lz4' },
    storageClasses: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: { recordSize, compressionMode },
      },
    },
    anonymousUser: { enum: ['nobody', 'root'], default: 'nobody' },
    requestTimeoutSeconds: { type: 'number', exclusiveMinimum: 0, default: 30 },
    jobTimeoutSeconds: { type: 'number', exclusiveMinimum: 0, default: 300 },
    retryPauseMilliseconds: { type: 'integer', minimum: 1, default: 500 },
  },
};
