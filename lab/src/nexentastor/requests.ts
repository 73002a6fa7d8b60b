import { z } from 'zod';

/** Both spellings are sent by clients in the field. */
const queryBoolean = z.enum(['true', 'True', 'false', 'False']).transform((text) => text.toLowerCase() === 'true');
const queryNumber = z.string().regex(/^\d+$/).transform(Number);
const fields = z
  .string()
  .min(1)
  .transform((text) => text.split(','));

const list = { fields: fields.optional(), limit: queryNumber.optional(), offset: queryNumber.optional() };
const text = z.string().min(1);

export const query = {
  none: z.strictObject({}),
  single: z.strictObject({ fields: fields.optional() }),
  singleFilesystem: z.strictObject({ fields: fields.optional(), source: queryBoolean.optional() }),
  list: z.strictObject(list),
  filesystems: z.strictObject({
    ...list,
    path: text.optional(),
    parent: text.optional(),
    name: text.optional(),
    guid: text.optional(),
    pool: text.optional(),
    recursive: queryBoolean.optional(),
  }),
  snapshots: z.strictObject({
    ...list,
    path: text.optional(),
    parent: text.optional(),
    name: text.optional(),
    guid: text.optional(),
    recursive: queryBoolean.optional(),
  }),
  shares: z.strictObject({ ...list, filesystem: text.optional() }),
  deleteFilesystem: z.strictObject({ force: queryBoolean.optional(), snapshots: queryBoolean.optional() }),
  deleteSnapshot: z.strictObject({ defer: queryBoolean.optional(), recursive: queryBoolean.optional() }),
};

const bytes = z.int().nonnegative();
const recordSizes = Array.from({ length: 12 }, (_, power) => 512 * 2 ** power);
const gzips = Array.from({ length: 9 }, (_, level) => `gzip-${level + 1}`);

const settings = {
  quotaSize: bytes.optional(),
  referencedQuotaSize: bytes.optional(),
  reservationSize: bytes.optional(),
  referencedReservationSize: bytes.optional(),
  recordSize: z
    .int()
    .refine((size) => recordSizes.includes(size), 'recordSize must be a power of two from 512 to 1048576')
    .optional(),
  compressionMode: z.enum(['off', 'on', 'lz4', 'lzjb', 'zle', 'gzip', ...gzips]).optional(),
  syncMode: z.enum(['standard', 'always', 'disabled']).optional(),
  rateLimit: bytes.optional(),
  readOnly: z.boolean().optional(),
  nonBlockingMandatoryMode: z.boolean().optional(),
  smartCompression: z.boolean().optional(),
  snapshotDirectory: z.boolean().optional(),
};
type Settings = typeof settings;
const nullable = Object.fromEntries(Object.entries(settings).map(([name, schema]) => [name, schema.nullable()])) as {
  [Name in keyof Settings]: z.ZodNullable<Settings[Name]>;
}; // fromEntries forgets which name has which schema

const segment = '[A-Za-z0-9][A-Za-z0-9_.:-]*';
const datasetPath = z.string().regex(new RegExp(`^${segment}(/${segment})*$`), 'not a dataset path');
const snapshotPath = z.string().regex(new RegExp(`^${segment}(/${segment})*@${segment}$`), 'not a snapshot path');

const rule = z.strictObject({
  allow: z.boolean().default(true),
  etype: z.enum(['fqdn', 'network']),
  entity: text,
  mask: z.int().min(0).max(32).optional(),
});
// The appliance refuses an empty list: there is no way to say "nobody" but to remove the share.
const rules = z.array(rule).min(1).optional();
const share = {
  anon: text.optional(),
  nohide: z.boolean().optional(),
  securityContexts: z
    .array(
      z.strictObject({
        securityModes: z.array(z.enum(['sys', 'dh', 'krb5', 'krb5i', 'krb5p', 'none'])).min(1),
        readWriteList: rules,
        readOnlyList: rules,
        root: rules,
        none: rules,
      }),
    )
    .optional(),
};

export const body = {
  login: z.strictObject({ username: z.string(), password: z.string() }),
  createFilesystem: z.strictObject({ path: datasetPath, ...settings }),
  updateFilesystem: z.strictObject(nullable),
  renameFilesystem: z.strictObject({ newPath: datasetPath }),
  rollback: z.strictObject({ snapshot: z.string().regex(new RegExp(`^${segment}$`), 'not a snapshot name') }),
  createSnapshot: z.strictObject({ path: snapshotPath, recursive: z.boolean().optional() }),
  cloneSnapshot: z.strictObject({ targetPath: datasetPath, ...settings }),
  renameSnapshot: z.strictObject({ newName: z.string().regex(new RegExp(`^${segment}$`), 'not a snapshot name') }),
  createShare: z.strictObject({ filesystem: datasetPath, ...share }),
  updateShare: z.strictObject(share),
  activate: z.strictObject({ datasetName: datasetPath }),
};
