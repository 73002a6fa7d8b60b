import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { accessSettings } from './access/settings.ts';
import { faultOfPool } from './networks/pool.ts';

const ipv4 = z.ipv4();
const cidr = z.cidrv4();
const mac = z
  .string()
  .regex(
    /^00:50:56:[0-3][0-9a-f](:[0-9a-f]{2}){2}$/,
    'A static MAC lies between 00:50:56:00:00:00 and 00:50:56:3f:ff:ff.',
  );
const vlanId = z.number().int().min(1).max(4094);
const vlanRange = z
  .strictObject({ first: vlanId, last: vlanId })
  .refine(({ first, last }) => first <= last, 'The first VLAN lies behind the last.');
const name = z.string().min(1).max(80);

const plugin = z.strictObject({
  /** The package's name, found from the configuration file's folder. */
  plugin: z.string().min(1),
  /** Checked against the plugin's own schema when it is loaded. */
  config: z.unknown(),
});

const management = z
  .strictObject({
    cidr,
    gateway: ipv4,
    first: ipv4,
    last: ipv4,
    vlans: vlanRange,
    macBlock: z
      .strictObject({ first: mac, last: mac })
      .refine(({ first, last }) => first <= last, 'The first MAC lies behind the last.'),
  })
  .superRefine((pool, context) => {
    const fault = faultOfPool(pool);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

const policy = z.strictObject({
  targetHosts: z.strictObject({ cluster: name, datastore: name, folder: name, template: name }),
  failover: z.strictObject({
    clusters: z.array(name).min(1),
    folder: name,
    role: name,
    storageClasses: z
      .record(name, z.array(name).min(1))
      .refine((classes) => Object.keys(classes).length > 0, 'Name at least one storage class.'),
    /** Kept free for the isolated networks of test failovers; without them a site has no tests. */
    testVlans: vlanRange.optional(),
  }),
  management,
  infrastructure: z.array(cidr),
  dnsServers: z.array(ipv4),
  ntpServers: z.array(ipv4),
  domainName: z.string().min(1).max(253),
  quarantineSeconds: z.number().int().min(0).default(86_400),
  limits: z
    .strictObject({
      powerOnsPerHost: z.number().int().min(1).max(64).default(8),
      relocationsPerDatastore: z.number().int().min(1).max(32).default(2),
    })
    .default({ powerOnsPerHost: 8, relocationsPerDatastore: 2 }),
});

const site = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'A site’s id has lower-case letters, digits and dashes.'),
  name,
  location: name.optional(),
  compute: plugin,
  storage: plugin,
  network: plugin,
  policy,
});

const schema = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.number().int().min(0).max(65_535).default(4000),
      /** Origins of browsers that may use the API; none by default. */
      allowedOrigins: z.array(z.url()).default([]),
    })
    .default({ host: '127.0.0.1', port: 4000, allowedOrigins: [] }),
  database: z
    .strictObject({
      /** An administrative login of PostgreSQL 15 or later. The environment's DATABASE_URL wins. Absent: the embedded server. */
      url: z.string().startsWith('postgres').optional(),
      /** Where the embedded server keeps its data. */
      directory: z.string().optional(),
    })
    .default({}),
  access: accessSettings,
  secrets: z
    .strictObject({
      /** 32 bytes, base64. Made at the first start where there is none. */
      keyFile: z.string().default('bulkhead.key'),
      /** The name of an environment variable that holds it instead. */
      keyEnv: z.string().optional(),
    })
    .default({ keyFile: 'bulkhead.key' }),
  sites: z.array(site).min(1),
  workflows: z
    .strictObject({
      retry: z
        .strictObject({
          attempts: z.number().int().min(1).max(20).default(5),
          firstPauseMs: z.number().int().min(1).default(2000),
          factor: z.number().min(1).max(10).default(2),
        })
        .default({ attempts: 5, firstPauseMs: 2000, factor: 2 }),
      pollIntervalMs: z.number().int().min(10).default(1000),
      /** How long a step that waits, as for the move of a disk, may meet nothing but errors before a person is asked. */
      outageLimitSeconds: z.number().min(1).default(900),
      /** How often the machines on a target are looked at. */
      observeEverySeconds: z.number().min(0.1).default(60),
      /** How often a worker shows that it lives, and after how long without it another one takes its work over. */
      heartbeat: z
        .strictObject({ everySeconds: z.number().min(0.1).default(5), limitSeconds: z.number().min(1).default(30) })
        .refine(
          ({ everySeconds, limitSeconds }) => limitSeconds >= 3 * everySeconds,
          'A worker that misses a beat or two is not frozen: the limit is three times as long as the pause, or longer.',
        )
        .default({ everySeconds: 5, limitSeconds: 30 }),
    })
    .default({
      retry: { attempts: 5, firstPauseMs: 2000, factor: 2 },
      pollIntervalMs: 1000,
      outageLimitSeconds: 900,
      observeEverySeconds: 60,
      heartbeat: { everySeconds: 5, limitSeconds: 30 },
    }),
  log: z
    .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .default({ level: 'info' }),
});

/** The configuration, checked, with defaults, and with what the environment said in its place. */
export type Configuration = z.infer<typeof schema> & {
  /** The file's absolute path: plugins and relative paths are found from its folder. */
  file: string;
};

/** A configuration that cannot be used. The message names each place and what is wrong there; it holds no values. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Reads and checks the file. @throws ConfigurationError */
export async function readConfiguration(path: string): Promise<Configuration> {
  const file = resolve(path);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigurationError(`${file} cannot be read. Name another file with --config.`, { cause });
  });
  const document = parseDocument(text);
  const [mistake] = document.errors;
  if (mistake) throw new ConfigurationError(`${file} is not YAML: ${mistake.message.split('\n')[0]}`);
  return checkConfiguration(document.toJS(), file);
}

export function checkConfiguration(value: unknown, file: string): Configuration {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      (issue) => `  ${issue.path.join('.') || '(the whole file)'}: ${issue.message}`,
    );
    throw new ConfigurationError(`${file} is not a valid configuration:\n${lines.join('\n')}`);
  }
  const { sites } = parsed.data;
  const twice = sites.find(({ id }, index) => sites.findIndex((other) => other.id === id) !== index);
  if (twice) throw new ConfigurationError(`${file}: the site ${twice.id} is there twice.`);
  return { ...parsed.data, file };
}

/** The database to use, or undefined for the embedded one. */
export function databaseUrlOf(configuration: Configuration): string | undefined {
  return process.env.DATABASE_URL || configuration.database.url;
}

/**
 * The installation's master key: it seals credentials and makes the database logins' passwords. Losing it loses both, so
 * it is made only where there is none.
 */
export async function masterKey(configuration: Configuration): Promise<Buffer> {
  const { keyEnv, keyFile } = configuration.secrets;
  if (keyEnv !== undefined) {
    const text = process.env[keyEnv];
    if (!text) throw new ConfigurationError(`The environment variable ${keyEnv} (secrets.keyEnv) is not set.`);
    return decodeKey(text, keyEnv);
  }
  const path = resolve(dirname(configuration.file), keyFile);
  const found = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new ConfigurationError(`The key file ${path} cannot be read: ${error.code}.`, { cause: error });
  });
  if (found !== undefined) return decodeKey(found, path);
  await mkdir(dirname(path), { recursive: true });
  // Two processes at a first start: one makes it, the other reads it.
  await writeFile(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return decodeKey(await readFile(path, 'utf8'), path);
}

function decodeKey(text: string, where: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== 32) throw new ConfigurationError(`${where} does not hold 32 bytes in base64.`);
  return key;
}

/** A key for one use, so that no two uses share one. */
export function derivedKey(master: Buffer, use: string): Buffer {
  return createHash('sha256').update(`bulkhead ${use}`).update(master).digest();
}
