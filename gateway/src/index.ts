export { applyCatalogue } from './apply.ts';
export type { ApplyOptions, ApplyResult } from './apply.ts';
export { checkConfiguration, ConfigurationError, readConfiguration } from './configuration.ts';
export type { Configuration } from './configuration.ts';
export { startEmbeddedServer } from './database/launcher.ts';
export { vmSteps as failoverVmSteps } from './failovers/steps.ts';
export { startGateway } from './gateway.ts';
export type { Gateway, GatewayOptions } from './gateway.ts';
