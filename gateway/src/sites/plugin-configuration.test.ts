import { expect, test } from 'vitest';
import { checkedConfiguration } from './plugin-configuration.ts';

const where = 'sites.mel1.storage.config';

test('fills in defaults and leaves the configuration as it was', () => {
  const config = { host: 'nef' };
  const schema = { type: 'object', properties: { host: { type: 'string' }, port: { type: 'integer', default: 443 } } };
  expect(checkedConfiguration(schema, config, where)).toEqual({ host: 'nef', port: 443 });
  expect(config).toEqual({ host: 'nef' });
});

test('two plugins may use the same $id, for the whole schema and within it', () => {
  const schemaOf = (type: string) => ({
    $id: 'https://example.net/config',
    type: 'object',
    properties: { port: { $id: 'https://example.net/port', type } },
  });
  expect(checkedConfiguration(schemaOf('integer'), { port: 1 }, where)).toEqual({ port: 1 });
  expect(checkedConfiguration(schemaOf('string'), { port: 'a' }, where)).toEqual({ port: 'a' });
  expect(() => checkedConfiguration(schemaOf('integer'), { port: 'a' }, where)).toThrow(/\.port: must be integer/);
});

test.each([
  ['is not valid', { type: 'object', properties: { port: { minimum: 'one' } } }, /schema is invalid: data\/.*number/],
  ['has a length below zero', { type: 'object', properties: { host: { minLength: -1 } } }, /schema is invalid/],
  ['has a keyword that nobody knows', { type: 'object', sekret: true }, /unknown keyword: "sekret"/],
])('a schema that %s is refused, whatever the configuration says', (_, schema, message) => {
  expect(() => checkedConfiguration(schema, {}, where)).toThrow(message);
});
