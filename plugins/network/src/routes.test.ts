import { expect, test } from 'vitest';
import { PluginError, type RouteRequest } from '@bulkhead/plugin-sdk';
import { planRoutes } from './routes.ts';

const management = { cidr: '10.66.0.0/24', gateway: '10.66.0.1' };
const customer = { cidr: '192.168.121.0/24', gateway: '192.168.121.1' };
const plan = (infrastructure: string[], more: Partial<RouteRequest> = {}) =>
  planRoutes({ management, customer, infrastructure, ...more });
const via = (network: string, prefixLength: number) => ({ network, prefixLength, gateway: '10.66.0.1' });

test.each([
  ['no infrastructure', [], []],
  ['hosts and prefixes', ['10.10.0.5/32', '10.10.1.0/28'], [via('10.10.0.5', 32), via('10.10.1.0', 28)]],
  ['the same prefix twice', ['10.10.0.5/32', '10.10.0.5/32'], [via('10.10.0.5', 32)]],
  ['a prefix inside another', ['10.10.0.5/32', '10.10.0.0/24'], [via('10.10.0.0', 24)]],
  ['what lies on the management network', ['10.66.0.9/32', '10.66.0.0/24', '10.10.0.5/32'], [via('10.10.0.5', 32)]],
  ['a prefix around the management network', ['10.66.0.0/16'], [via('10.66.0.0', 16)]],
  ['addresses above 128', ['203.0.113.7/32', '10.10.0.5/32'], [via('10.10.0.5', 32), via('203.0.113.7', 32)]],
])('plans %s', (_, infrastructure, staticRoutes) => {
  expect(plan(infrastructure)).toEqual({ defaultGateway: '192.168.121.1', staticRoutes });
});

test.each<[string, string[], Partial<RouteRequest>, RegExp]>([
  ['the default route', ['0.0.0.0/0'], {}, /default route/],
  ["a prefix in the customer's network", ['192.168.121.9/32'], {}, /overlaps the customer's/],
  ["a prefix around the customer's network", ['192.168.0.0/16'], {}, /overlaps the customer's/],
  ['host bits', ['10.10.0.5/24'], {}, /not a network/],
  ['an address without a prefix', ['10.10.0.5'], {}, /not a network/],
  ['leading zeros', ['010.10.0.5/32'], {}, /not a network/],
  ['IPv6', ['fd00::/8'], {}, /not a network/],
  ['a management gateway elsewhere', [], { management: { ...management, gateway: '10.67.0.1' } }, /management gateway/],
  ['the network address as gateway', [], { management: { ...management, gateway: '10.66.0.0' } }, /management gateway/],
  ["a customer's gateway elsewhere", [], { customer: { ...customer, gateway: '192.168.122.1' } }, /customer's gateway/],
  ['overlapping networks', [], { customer: { cidr: '10.66.0.0/16', gateway: '10.66.9.1' } }, /overlaps the customer's/],
])('refuses %s', (_, infrastructure, more, detail) => {
  const attempt = (): unknown => plan(infrastructure, more);
  expect(attempt).toThrow(PluginError);
  expect(attempt).toThrow(expect.objectContaining({ kind: 'invalid', detail: expect.stringMatching(detail) }));
});
