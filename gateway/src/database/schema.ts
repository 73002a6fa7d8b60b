// Every table of the product, for drizzle-kit and for the catalogue test. Domains import their own `table.ts`.
export * from '../audit/table.ts';
export * from '../failovers/table.ts';
export * from '../networks/table.ts';
export * from '../operations/table.ts';
export * from '../organizations/table.ts';
export * from '../protected-vms/table.ts';
export * from '../sites/table.ts';
export * from '../target-plans/table.ts';
export * from '../targets/table.ts';
export * from '../usage/table.ts';
export * from '../workflows/table.ts';
