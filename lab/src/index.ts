export { Faults, type FaultRule, type LabBackend } from './faults.ts';
export { Journal, type JournalEntry } from './journal.ts';
export { makeCertificate, type HostCertificate } from './certificate.ts';
export { LabClock } from './clock.ts';
export { SECONDS as labTaskSeconds } from './esxi/power.ts';
export { QUEUED_SECONDS as labQueuedSeconds } from './vim25/tasks.ts';
export type { DhcpLease, Fabric } from './fabric.ts';
export { startIdentity, type IdentityOptions, type LabIdentity, type TokenOptions } from './identity/identity.ts';
export type { RealmDirectory } from './identity/directory.ts';
export {
  labClients,
  labOrganizationId,
  labOrganizations,
  labPassword,
  labPeople,
  type LabClient,
  type LabClientName,
  type LabOrganization,
  type LabOrganizationAlias,
  type LabPerson,
  type LabPersonName,
} from './identity/people.ts';
export {
  startNexentaStor,
  type NexentaStor,
  type NexentaStorOptions,
  type NexentaStorWorld,
} from './nexentastor/nexentastor.ts';
export type { FileAccess } from './nexentastor/accesses.ts';
export type { NfsFile, NfsMount, NfsServer, NfsShare } from './nfs.ts';
export { startVcsim, type Vcsim, type VcsimOptions } from './vcsim/start.ts';
export { govc, type GovcEndpoint } from './vcsim/govc.ts';
export { buildVcsim, type VcsimPrograms } from './vcsim/build.ts';
export { preparePyvmomi } from './pyvmomi/pyvmomi.ts';
export { claimBlock, type AddressBlock } from './block.ts';
export { startOvn, type LabOvn, type OvnOptions, type OvnPort, type OvnWorld } from './ovn/ovn.ts';
export { startOvnCentral, type OvnCentral } from './ovn-central/start.ts';
export { byContent, type DatabaseDump } from './ovn-central/dump.ts';
export type { OvnEdge, OvnEdgeOptions } from './ovn-central/edge.ts';
export { arpRequest, dhcpDiscover, udpFrame, type DhcpOffer } from './ovn-central/frames.ts';
export {
  startVcenter,
  type LiveNestedHost,
  type MachineContent,
  type MachineState,
  type Vcenter,
  type VcenterOptions,
} from './vcenter/vcenter.ts';
export { VeeamJobError } from './veeam/job-error.ts';
export type { ReplicaSpec } from './veeam/replica-spec.ts';
export {
  connectVeeam,
  type ReplicaState,
  type RestorePointOptions,
  type Veeam,
  type VeeamOptions,
} from './veeam/veeam.ts';
export { AdminError, openAdmin, type KeycloakAdmin } from './keycloak/admin.ts';
export { demoRealmName, startDemoKeycloak, type DemoKeycloak } from './keycloak/demo-keycloak.ts';
export { organizationsOf, type NewOrganization, type RoleName } from './keycloak/organizations.ts';
export { SignInError, signIn, type SignedIn, type SignInOptions } from './keycloak/sign-in.ts';
export { startKeycloak, type Keycloak, type KeycloakOptions } from './keycloak/start.ts';
export { startPostgresServer, type PostgresServer } from './postgres-server.ts';
export { startLab, type Lab, type LabOptions } from './lab.ts';
export type { LabState } from './state.ts';
export {
  gatewayCatalogue,
  gatewayConfiguration,
  labCustomers,
  labSiteId,
  productionDatastores,
} from './gateway-configuration.ts';
