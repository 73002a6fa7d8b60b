import { PluginError } from '@bulkhead/plugin-sdk';
import { number, select, type Operation, type Row } from './ovsdb/values.ts';

/** The counter of northbound changes: what has `sb_cfg` or `hv_cfg` at this number has taken them all in. */
export const selectConfiguration = (): Operation => select('NB_Global', [], ['nb_cfg']);

/** Counts one up and reads the new number, at the end of a transaction that changes the network. */
export const bumpConfiguration = (): Operation[] => [
  { op: 'mutate', table: 'NB_Global', where: [], mutations: [['nb_cfg', '+=', 1]] },
  selectConfiguration(),
];

/** @throws PluginError `not-found` when the database was never set up */
export function readConfiguration(rows: readonly Row[]): number {
  const counter = number(rows[0]?.nb_cfg);
  if (counter !== undefined) return counter;
  throw new PluginError(
    'not-found',
    'The network of this site is not ready.',
    'The northbound database has no row in NB_Global. Run "ovn-nbctl init", then retry.',
  );
}
