import { PluginError, type RoutePlan, type RouteRequest } from '@bulkhead/plugin-sdk';
import { covers, isHostAddress, overlaps, printAddress, readAddress, readNetwork, type Network } from './ipv4.ts';

/**
 * The customer's gateway takes everything except the provider's own prefixes, which go by the management gateway. Only
 * what is needed: a prefix inside another is left out, and so is what lies on the management network itself.
 */
export function planRoutes({ management, customer, infrastructure }: RouteRequest): RoutePlan {
  const managementNetwork = networkOf(management.cidr, 'management network');
  const customerNetwork = networkOf(customer.cidr, "customer's network");
  requireGateway(managementNetwork, management.gateway, 'management');
  requireGateway(customerNetwork, customer.gateway, "customer's");
  if (overlaps(managementNetwork, customerNetwork)) {
    throw invalid(`The management network ${management.cidr} overlaps the customer's network ${customer.cidr}.`);
  }
  const prefixes = infrastructure.map((cidr) => {
    const network = networkOf(cidr, 'provider prefix');
    if (network.prefixLength === 0) throw invalid('A provider prefix must not be the default route.');
    if (overlaps(network, customerNetwork)) {
      throw invalid(
        `The provider prefix ${cidr} overlaps the customer's network ${customer.cidr}; choose another management pool.`,
      );
    }
    return network;
  });
  const needed = prefixes
    .filter((prefix) => !covers(managementNetwork, prefix))
    .filter((prefix, i, all) => !all.some((other, j) => covers(other, prefix) && (!covers(prefix, other) || j < i)))
    .sort((a, b) => a.address - b.address);
  return {
    defaultGateway: customer.gateway,
    staticRoutes: needed.map(({ address, prefixLength }) => ({
      network: printAddress(address),
      prefixLength,
      gateway: management.gateway,
    })),
  };
}

function networkOf(cidr: string, what: string): Network {
  const network = readNetwork(cidr);
  if (!network) throw invalid(`The ${what} "${cidr}" is not a network in CIDR form without host bits.`);
  return network;
}

function requireGateway(network: Network, gateway: string, whose: string): void {
  const address = readAddress(gateway);
  if (address === undefined || !isHostAddress(network, address)) {
    throw invalid(`The ${whose} gateway "${gateway}" is not an address of its network.`);
  }
}

const invalid = (detail: string): PluginError =>
  new PluginError('invalid', 'The routes of the replication target cannot be planned with these networks.', detail);
