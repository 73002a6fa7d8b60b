import { GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { RequestError } from '../access/errors.ts';
import { formatDuration, parseDuration } from './duration.ts';

interface ScalarRules<T> {
  name: string;
  description: string;
  specifiedByURL?: string;
  /** What the caller sent, as a value of ours; undefined when it is not one. */
  read(text: string): T | undefined;
  write(value: T): string;
  /** What the caller should have sent. */
  expected: string;
}

/** A scalar that travels as text. */
function textScalar<T>({
  name,
  description,
  specifiedByURL,
  read,
  write,
  expected,
}: ScalarRules<T>): GraphQLScalarType<T, string> {
  const parse = (text: unknown): T => {
    const value = typeof text === 'string' ? read(text) : undefined;
    if (value === undefined) throw new RequestError('BAD_USER_INPUT', `${name} must be ${expected}.`);
    return value;
  };
  return new GraphQLScalarType<T, string>({
    name,
    description,
    ...(specifiedByURL === undefined ? {} : { specifiedByURL }),
    parseValue: parse,
    parseLiteral: (node: ValueNode) => parse(node.kind === Kind.STRING ? node.value : undefined),
    // Resolvers give what the field's type says; GraphQL's own type of this argument is `unknown`.
    serialize: (value) => write(value as T),
  });
}

const matching = (pattern: RegExp) => (text: string) => (pattern.test(text) ? text : undefined);
const asIs = (text: string) => text;

export const DateTime = textScalar<Date>({
  name: 'DateTime',
  description: 'A moment, RFC 3339 in UTC: `2026-11-24T09:30:00.000Z`.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  expected: 'a moment such as 2026-11-24T09:30:00Z',
  read(text) {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
    const moment = new Date(text);
    return Number.isNaN(moment.getTime()) ? undefined : moment;
  },
  write: (value) => new Date(value).toISOString(),
});

/** In our code a duration is a number of seconds. */
export const Duration = textScalar<number>({
  name: 'Duration',
  description:
    'A span of time, ISO 8601: `PT4H`, `P30D`. A day has 24 hours; years and months have no fixed length and are refused.',
  specifiedByURL: 'https://www.iso.org/standard/70907.html',
  expected: 'a span of weeks, days, hours, minutes or seconds such as PT4H or P30D',
  read: parseDuration,
  write: formatDuration,
});

/** In our code bytes are a number; below 2^53 it is exact. */
export const Bytes = textScalar<number>({
  name: 'Bytes',
  description: 'A number of bytes as a decimal string: sizes do not fit the 32 bits of `Int`.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259#section-6',
  expected: 'a decimal number of bytes such as "107374182400"',
  read(text) {
    const value = Number(text);
    return /^(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
  },
  write: (value) => String(value),
});

export const MacAddress = textScalar<string>({
  name: 'MacAddress',
  description: 'A MAC address, lower case with colons: `00:50:56:2a:00:01`.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc7042#section-2.1',
  expected: 'a MAC address such as 00:50:56:2a:00:01',
  read: (text) => matching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)(text.toLowerCase()),
  write: asIs,
});

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = `(${octet}\\.){3}${octet}`;

export const IpAddress = textScalar<string>({
  name: 'IpAddress',
  description: 'An IP address; IPv4 today.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc791',
  expected: 'an IPv4 address such as 10.1.0.10',
  read: matching(new RegExp(`^${ipv4}$`)),
  write: asIs,
});

export const Cidr = textScalar<string>({
  name: 'Cidr',
  description: 'An IP network: `10.1.0.0/24`.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc4632',
  expected: 'a network such as 10.1.0.0/24',
  read: matching(new RegExp(`^${ipv4}/(3[0-2]|[12]?\\d)$`)),
  write: asIs,
});

export const Cursor = textScalar<string>({
  name: 'Cursor',
  description: 'A place in a list or in a log. Opaque: keep it and give it back.',
  specifiedByURL: 'https://relay.dev/graphql/connections.htm',
  expected: 'a cursor that this API has given out',
  read: matching(/^[\w-]{1,512}$/),
  write: asIs,
});

export const VlanId = new GraphQLScalarType<number, number>({
  name: 'VlanId',
  description: 'A VLAN id, 1 to 4094.',
  specifiedByURL: 'https://standards.ieee.org/ieee/802.1Q/10323/',
  parseValue: vlanOf,
  parseLiteral: (node) => vlanOf(node.kind === Kind.INT ? Number(node.value) : undefined),
  serialize: vlanOf,
});

function vlanOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 4094) return value;
  throw new RequestError('BAD_USER_INPUT', 'VlanId must be a whole number from 1 to 4094.');
}
