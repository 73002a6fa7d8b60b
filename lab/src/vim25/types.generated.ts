// Written by lab/schema/generate.py from the type tables of pyVmomi 9.1.1.0. Do not edit.
import type { MoRef, VimValue } from './value.ts';

export type ArrayUpdateSpec = {
  $type: string;
  operation: string;
  removeKey?: VimValue | undefined;
};
export type BoolPolicy = InheritablePolicy & {
  $type: string;
  value?: boolean | undefined;
};
export type ClusterConfigSpec = {
  $type: string;
  dasConfig?: ClusterDasConfigInfo | undefined;
  dasVmConfigSpec?: readonly ClusterDasVmConfigSpec[] | undefined;
  drsConfig?: ClusterDrsConfigInfo | undefined;
  drsVmConfigSpec?: readonly ClusterDrsVmConfigSpec[] | undefined;
  rulesSpec?: readonly ClusterRuleSpec[] | undefined;
};
export type ClusterDasAdmissionControlPolicy = {
  $type: string;
  resourceReductionToToleratePercent?: number | undefined;
  pMemAdmissionControlEnabled?: boolean | undefined;
};
export type ClusterDasConfigInfo = {
  $type: string;
  enabled?: boolean | undefined;
  vmMonitoring?: string | undefined;
  hostMonitoring?: string | undefined;
  vmComponentProtecting?: string | undefined;
  failoverLevel?: number | undefined;
  admissionControlPolicy?: ClusterDasAdmissionControlPolicy | undefined;
  admissionControlEnabled?: boolean | undefined;
  defaultVmSettings?: ClusterDasVmSettings | undefined;
  option?: readonly OptionValue[] | undefined;
  heartbeatDatastore?: readonly MoRef[] | undefined;
  hBDatastoreCandidatePolicy?: string | undefined;
};
export type ClusterDasVmConfigInfo = {
  $type: string;
  key: MoRef;
  restartPriority?: string | undefined;
  powerOffOnIsolation?: boolean | undefined;
  dasSettings?: ClusterDasVmSettings | undefined;
};
export type ClusterDasVmConfigSpec = ArrayUpdateSpec & {
  $type: string;
  info?: ClusterDasVmConfigInfo | undefined;
};
export type ClusterDasVmSettings = {
  $type: string;
  restartPriority?: string | undefined;
  restartPriorityTimeout?: number | undefined;
  isolationResponse?: string | undefined;
  vmToolsMonitoringSettings?: ClusterVmToolsMonitoringSettings | undefined;
  vmComponentProtectionSettings?: ClusterVmComponentProtectionSettings | undefined;
};
export type ClusterDrsConfigInfo = {
  $type: string;
  enabled?: boolean | undefined;
  enableVmBehaviorOverrides?: boolean | undefined;
  defaultVmBehavior?: string | undefined;
  vmotionRate?: number | undefined;
  scaleDescendantsShares?: string | undefined;
  option?: readonly OptionValue[] | undefined;
};
export type ClusterDrsVmConfigInfo = {
  $type: string;
  key: MoRef;
  enabled?: boolean | undefined;
  behavior?: string | undefined;
};
export type ClusterDrsVmConfigSpec = ArrayUpdateSpec & {
  $type: string;
  info?: ClusterDrsVmConfigInfo | undefined;
};
export type ClusterRuleInfo = {
  $type: string;
  key?: number | undefined;
  status?: string | undefined;
  enabled?: boolean | undefined;
  name?: string | undefined;
  mandatory?: boolean | undefined;
  userCreated?: boolean | undefined;
  inCompliance?: boolean | undefined;
  ruleUuid?: string | undefined;
};
export type ClusterRuleSpec = ArrayUpdateSpec & {
  $type: string;
  info?: ClusterRuleInfo | undefined;
};
export type ClusterVmComponentProtectionSettings = {
  $type: string;
  vmStorageProtectionForAPD?: string | undefined;
  enableAPDTimeoutForHosts?: boolean | undefined;
  vmTerminateDelayForAPDSec?: number | undefined;
  vmReactionOnAPDCleared?: string | undefined;
  vmStorageProtectionForPDL?: string | undefined;
};
export type ClusterVmToolsMonitoringSettings = {
  $type: string;
  enabled?: boolean | undefined;
  vmMonitoring?: string | undefined;
  clusterSettings?: boolean | undefined;
  failureInterval?: number | undefined;
  minUpTime?: number | undefined;
  maxFailures?: number | undefined;
  maxFailureWindow?: number | undefined;
};
export type ComputeResourceConfigSpec = {
  $type: string;
  vmSwapPlacement?: string | undefined;
  spbmEnabled?: boolean | undefined;
  defaultHardwareVersionKey?: string | undefined;
  desiredSoftwareSpec?: DesiredSoftwareSpec | undefined;
  maximumHardwareVersionKey?: string | undefined;
  enableConfigManager?: boolean | undefined;
  hostSeedSpec?: ComputeResourceHostSeedSpec | undefined;
  softwareSpecId?: string | undefined;
  networkBootMode?: string | undefined;
};
export type ComputeResourceHostSeedSpec = {
  $type: string;
  singleHostSpec: ComputeResourceHostSeedSpecSingleHostSpec;
};
export type ComputeResourceHostSeedSpecSingleHostSpec = {
  $type: string;
  newHostCnxSpec?: HostConnectSpec | undefined;
  existingHost?: MoRef | undefined;
};
export type CryptoKeyId = {
  $type: string;
  keyId: string;
  providerId?: KeyProviderId | undefined;
};
export type CryptoSpec = {
  $type: string;
};
export type CustomizationAdapterMapping = {
  $type: string;
  macAddress?: string | undefined;
  adapter: CustomizationIPSettings;
};
export type CustomizationGlobalIPSettings = {
  $type: string;
  dnsSuffixList?: readonly string[] | undefined;
  dnsServerList?: readonly string[] | undefined;
};
export type CustomizationIPSettings = {
  $type: string;
  ip: CustomizationIpGenerator;
  subnetMask?: string | undefined;
  gateway?: readonly string[] | undefined;
  ipV6Spec?: CustomizationIPSettingsIpV6AddressSpec | undefined;
  dnsServerList?: readonly string[] | undefined;
  dnsDomain?: string | undefined;
  primaryWINS?: string | undefined;
  secondaryWINS?: string | undefined;
  netBIOS?: string | undefined;
};
export type CustomizationIPSettingsIpV6AddressSpec = {
  $type: string;
  ip?: readonly CustomizationIpV6Generator[] | undefined;
  gateway?: readonly string[] | undefined;
};
export type CustomizationIdentitySettings = {
  $type: string;
};
export type CustomizationIpGenerator = {
  $type: string;
};
export type CustomizationIpV6Generator = {
  $type: string;
};
export type CustomizationOptions = {
  $type: string;
};
export type CustomizationSpec = {
  $type: string;
  options?: CustomizationOptions | undefined;
  identity: CustomizationIdentitySettings;
  globalIPSettings: CustomizationGlobalIPSettings;
  nicSettingMap?: readonly CustomizationAdapterMapping[] | undefined;
  encryptionKey?: readonly number[] | undefined;
};
export type DVPortSetting = {
  $type: string;
  blocked?: BoolPolicy | undefined;
  vmDirectPathGen2Allowed?: BoolPolicy | undefined;
  inShapingPolicy?: DVSTrafficShapingPolicy | undefined;
  outShapingPolicy?: DVSTrafficShapingPolicy | undefined;
  vendorSpecificConfig?: DVSVendorSpecificConfig | undefined;
  networkResourcePoolKey?: StringPolicy | undefined;
  filterPolicy?: DvsFilterPolicy | undefined;
};
export type DVPortgroupConfigSpec = {
  $type: string;
  configVersion?: string | undefined;
  name?: string | undefined;
  numPorts?: number | undefined;
  portNameFormat?: string | undefined;
  defaultPortConfig?: DVPortSetting | undefined;
  description?: string | undefined;
  type?: string | undefined;
  backingType?: string | undefined;
  scope?: readonly MoRef[] | undefined;
  policy?: DVPortgroupPolicy | undefined;
  vendorSpecificConfig?: readonly DistributedVirtualSwitchKeyedOpaqueBlob[] | undefined;
  autoExpand?: boolean | undefined;
  vmVnicNetworkResourcePoolKey?: string | undefined;
  transportZoneUuid?: string | undefined;
  transportZoneName?: string | undefined;
  logicalSwitchUuid?: string | undefined;
  segmentId?: string | undefined;
  subnetId?: string | undefined;
  nsxConfig?: DVPortgroupNsxConfig | undefined;
};
export type DVPortgroupNsxConfig = {
  $type: string;
  vlanIdExtended?: number | undefined;
  subnetAddresses?: DVPortgroupNsxSubnetAddressInfo | undefined;
  spanIds?: readonly string[] | undefined;
};
export type DVPortgroupNsxSubnetAddressInfo = {
  $type: string;
  cidr?: readonly string[] | undefined;
};
export type DVPortgroupPolicy = {
  $type: string;
  blockOverrideAllowed: boolean;
  shapingOverrideAllowed: boolean;
  vendorConfigOverrideAllowed: boolean;
  livePortMovingAllowed: boolean;
  portConfigResetAtDisconnect: boolean;
  networkResourcePoolOverrideAllowed?: boolean | undefined;
  trafficFilterOverrideAllowed?: boolean | undefined;
};
export type DVSFailureCriteria = InheritablePolicy & {
  $type: string;
  checkSpeed?: StringPolicy | undefined;
  speed?: IntPolicy | undefined;
  checkDuplex?: BoolPolicy | undefined;
  fullDuplex?: BoolPolicy | undefined;
  checkErrorPercent?: BoolPolicy | undefined;
  percentage?: IntPolicy | undefined;
  checkBeacon?: BoolPolicy | undefined;
};
export type DVSMacLearningPolicy = InheritablePolicy & {
  $type: string;
  enabled: boolean;
  allowUnicastFlooding?: boolean | undefined;
  limit?: number | undefined;
  limitPolicy?: string | undefined;
};
export type DVSMacManagementPolicy = InheritablePolicy & {
  $type: string;
  allowPromiscuous?: boolean | undefined;
  macChanges?: boolean | undefined;
  forgedTransmits?: boolean | undefined;
  macLearningPolicy?: DVSMacLearningPolicy | undefined;
};
export type DVSSecurityPolicy = InheritablePolicy & {
  $type: string;
  allowPromiscuous?: BoolPolicy | undefined;
  macChanges?: BoolPolicy | undefined;
  forgedTransmits?: BoolPolicy | undefined;
};
export type DVSTrafficShapingPolicy = InheritablePolicy & {
  $type: string;
  enabled?: BoolPolicy | undefined;
  averageBandwidth?: LongPolicy | undefined;
  peakBandwidth?: LongPolicy | undefined;
  burstSize?: LongPolicy | undefined;
};
export type DVSVendorSpecificConfig = InheritablePolicy & {
  $type: string;
  keyValue?: readonly DistributedVirtualSwitchKeyedOpaqueBlob[] | undefined;
};
export type Description = {
  $type: string;
  label: string;
  summary: string;
};
export type DesiredSoftwareSpec = {
  $type: string;
  baseImageSpec: DesiredSoftwareSpecBaseImageSpec;
  vendorAddOnSpec?: DesiredSoftwareSpecVendorAddOnSpec | undefined;
  components?: readonly DesiredSoftwareSpecComponentSpec[] | undefined;
  removedComponents?: readonly string[] | undefined;
};
export type DesiredSoftwareSpecBaseImageSpec = {
  $type: string;
  version: string;
};
export type DesiredSoftwareSpecComponentSpec = {
  $type: string;
  name: string;
  version?: string | undefined;
};
export type DesiredSoftwareSpecVendorAddOnSpec = {
  $type: string;
  name: string;
  version: string;
};
export type DistributedVirtualSwitchHostMemberBacking = {
  $type: string;
};
export type DistributedVirtualSwitchHostMemberPnicBacking = DistributedVirtualSwitchHostMemberBacking & {
  $type: string;
  pnicSpec?: readonly DistributedVirtualSwitchHostMemberPnicSpec[] | undefined;
};
export type DistributedVirtualSwitchHostMemberPnicSpec = {
  $type: string;
  pnicDevice: string;
  uplinkPortKey?: string | undefined;
  uplinkPortgroupKey?: string | undefined;
  connectionCookie?: number | undefined;
};
export type DistributedVirtualSwitchKeyedOpaqueBlob = {
  $type: string;
  key: string;
  opaqueData: string;
};
export type DistributedVirtualSwitchPortConnection = {
  $type: string;
  switchUuid: string;
  portgroupKey?: string | undefined;
  portKey?: string | undefined;
  connectionCookie?: number | undefined;
};
export type DvsAcceptNetworkRuleAction = DvsNetworkRuleAction & {
  $type: string;
};
export type DvsCopyNetworkRuleAction = DvsNetworkRuleAction & {
  $type: string;
};
export type DvsDropNetworkRuleAction = DvsNetworkRuleAction & {
  $type: string;
};
export type DvsFilterConfig = InheritablePolicy & {
  $type: string;
  key?: string | undefined;
  agentName?: string | undefined;
  slotNumber?: string | undefined;
  parameters?: DvsFilterParameter | undefined;
  onFailure?: string | undefined;
};
export type DvsFilterConfigSpec = DvsFilterConfig & {
  $type: string;
  operation: string;
};
export type DvsFilterParameter = {
  $type: string;
  parameters?: readonly string[] | undefined;
};
export type DvsFilterPolicy = InheritablePolicy & {
  $type: string;
  filterConfig?: readonly DvsFilterConfig[] | undefined;
};
export type DvsGreEncapNetworkRuleAction = DvsNetworkRuleAction & {
  $type: string;
  encapsulationIp: SingleIp;
};
export type DvsIpNetworkRuleQualifier = DvsNetworkRuleQualifier & {
  $type: string;
  sourceAddress?: IpAddress | undefined;
  destinationAddress?: IpAddress | undefined;
  protocol?: IntExpression | undefined;
  sourceIpPort?: DvsIpPort | undefined;
  destinationIpPort?: DvsIpPort | undefined;
  tcpFlags?: IntExpression | undefined;
};
export type DvsIpPort = NegatableExpression & {
  $type: string;
};
export type DvsIpPortRange = DvsIpPort & {
  $type: string;
  startPortNumber: number;
  endPortNumber: number;
};
export type DvsLogNetworkRuleAction = DvsNetworkRuleAction & {
  $type: string;
};
export type DvsMacNetworkRuleQualifier = DvsNetworkRuleQualifier & {
  $type: string;
  sourceAddress?: MacAddress | undefined;
  destinationAddress?: MacAddress | undefined;
  protocol?: IntExpression | undefined;
  vlanId?: IntExpression | undefined;
};
export type DvsMacRewriteNetworkRuleAction = DvsNetworkRuleAction & {
  $type: string;
  rewriteMac: string;
};
export type DvsNetworkRuleAction = {
  $type: string;
};
export type DvsNetworkRuleQualifier = {
  $type: string;
  key?: string | undefined;
};
export type DvsPuntNetworkRuleAction = DvsNetworkRuleAction & {
  $type: string;
};
export type DvsRateLimitNetworkRuleAction = DvsNetworkRuleAction & {
  $type: string;
  packetsPerSecond: number;
};
export type DvsSingleIpPort = DvsIpPort & {
  $type: string;
  portNumber: number;
};
export type DvsSystemTrafficNetworkRuleQualifier = DvsNetworkRuleQualifier & {
  $type: string;
  typeOfSystemTraffic?: StringExpression | undefined;
};
export type DvsTrafficFilterConfig = DvsFilterConfig & {
  $type: string;
  trafficRuleset?: DvsTrafficRuleset | undefined;
};
export type DvsTrafficFilterConfigSpec = DvsTrafficFilterConfig & {
  $type: string;
  operation: string;
};
export type DvsTrafficRule = {
  $type: string;
  key?: string | undefined;
  description?: string | undefined;
  sequence?: number | undefined;
  qualifier?: readonly DvsNetworkRuleQualifier[] | undefined;
  action?: DvsNetworkRuleAction | undefined;
  direction?: string | undefined;
};
export type DvsTrafficRuleset = {
  $type: string;
  key?: string | undefined;
  enabled?: boolean | undefined;
  precedence?: number | undefined;
  rules?: readonly DvsTrafficRule[] | undefined;
};
export type DvsUpdateTagNetworkRuleAction = DvsNetworkRuleAction & {
  $type: string;
  qosTag?: number | undefined;
  dscpTag?: number | undefined;
};
export type EventFilterSpec = {
  $type: string;
  entity?: EventFilterSpecByEntity | undefined;
  time?: EventFilterSpecByTime | undefined;
  userName?: EventFilterSpecByUsername | undefined;
  eventChainId?: number | undefined;
  alarm?: MoRef | undefined;
  scheduledTask?: MoRef | undefined;
  disableFullMessage?: boolean | undefined;
  category?: readonly string[] | undefined;
  type?: readonly string[] | undefined;
  tag?: readonly string[] | undefined;
  eventTypeId?: readonly string[] | undefined;
  maxCount?: number | undefined;
  delayedInit?: boolean | undefined;
  auditable?: boolean | undefined;
  auditId?: readonly string[] | undefined;
};
export type EventFilterSpecByEntity = {
  $type: string;
  entity: MoRef;
  recursion: string;
};
export type EventFilterSpecByTime = {
  $type: string;
  beginTime?: Date | undefined;
  endTime?: Date | undefined;
};
export type EventFilterSpecByUsername = {
  $type: string;
  systemUser: boolean;
  userList?: readonly string[] | undefined;
};
export type EventManagerEventViewSpec = {
  $type: string;
};
export type FaultToleranceConfigInfo = {
  $type: string;
  role: number;
  instanceUuids?: readonly string[] | undefined;
  configPaths?: readonly string[] | undefined;
  orphaned?: boolean | undefined;
};
export type FileQuery = {
  $type: string;
};
export type FileQueryFlags = {
  $type: string;
  fileType: boolean;
  fileSize: boolean;
  modification: boolean;
  fileOwner: boolean;
};
export type HostAccountSpec = {
  $type: string;
  id: string;
  password?: string | undefined;
  description?: string | undefined;
};
export type HostConnectSpec = {
  $type: string;
  hostName?: string | undefined;
  port?: number | undefined;
  sslThumbprint?: string | undefined;
  sslCertificate?: string | undefined;
  userName?: string | undefined;
  password?: string | undefined;
  vmFolder?: MoRef | undefined;
  force: boolean;
  vimAccountName?: string | undefined;
  vimAccountPassword?: string | undefined;
  managementIp?: string | undefined;
  lockdownMode?: string | undefined;
  hostGateway?: HostGatewaySpec | undefined;
};
export type HostCpuIdInfo = {
  $type: string;
  level: number;
  vendor?: string | undefined;
  eax?: string | undefined;
  ebx?: string | undefined;
  ecx?: string | undefined;
  edx?: string | undefined;
};
export type HostDatastoreBrowserSearchSpec = {
  $type: string;
  query?: readonly FileQuery[] | undefined;
  details?: FileQueryFlags | undefined;
  searchCaseInsensitive?: boolean | undefined;
  matchPattern?: readonly string[] | undefined;
  sortFoldersFirst?: boolean | undefined;
};
export type HostDateTimeConfig = {
  $type: string;
  timeZone?: string | undefined;
  ntpConfig?: HostNtpConfig | undefined;
  ptpConfig?: HostPtpConfig | undefined;
  protocol?: string | undefined;
  enabled?: boolean | undefined;
  disableEvents?: boolean | undefined;
  disableFallback?: boolean | undefined;
  resetToFactoryDefaults?: boolean | undefined;
};
export type HostDhcpServiceConfig = {
  $type: string;
  changeOperation?: string | undefined;
  key: string;
  spec: HostDhcpServiceSpec;
};
export type HostDhcpServiceSpec = {
  $type: string;
  virtualSwitch: string;
  defaultLeaseDuration: number;
  leaseBeginIp: string;
  leaseEndIp: string;
  maxLeaseDuration: number;
  unlimitedLease: boolean;
  ipSubnetAddr: string;
  ipSubnetMask: string;
};
export type HostDnsConfig = {
  $type: string;
  dhcp: boolean;
  virtualNicDevice?: string | undefined;
  ipv6VirtualNicDevice?: string | undefined;
  hostName: string;
  domainName: string;
  address?: readonly string[] | undefined;
  searchDomain?: readonly string[] | undefined;
};
export type HostFirewallRulesetIpList = {
  $type: string;
  ipAddress?: readonly string[] | undefined;
  ipNetwork?: readonly HostFirewallRulesetIpNetwork[] | undefined;
  allIp: boolean;
};
export type HostFirewallRulesetIpNetwork = {
  $type: string;
  network: string;
  prefixLength: number;
};
export type HostFirewallRulesetRulesetSpec = {
  $type: string;
  allowedHosts: HostFirewallRulesetIpList;
};
export type HostGatewaySpec = {
  $type: string;
  gatewayType: string;
  gatewayId?: string | undefined;
  trustVerificationToken?: string | undefined;
  hostAuthParams?: readonly KeyValue[] | undefined;
};
export type HostIpConfig = {
  $type: string;
  dhcp: boolean;
  ipAddress?: string | undefined;
  subnetMask?: string | undefined;
  ipV6Config?: HostIpConfigIpV6AddressConfiguration | undefined;
};
export type HostIpConfigIpV6Address = {
  $type: string;
  ipAddress: string;
  prefixLength: number;
  origin?: string | undefined;
  dadState?: string | undefined;
  lifetime?: Date | undefined;
  operation?: string | undefined;
};
export type HostIpConfigIpV6AddressConfiguration = {
  $type: string;
  ipV6Address?: readonly HostIpConfigIpV6Address[] | undefined;
  autoConfigurationEnabled?: boolean | undefined;
  dhcpV6Enabled?: boolean | undefined;
};
export type HostIpRouteConfig = {
  $type: string;
  defaultGateway?: string | undefined;
  gatewayDevice?: string | undefined;
  ipV6DefaultGateway?: string | undefined;
  ipV6GatewayDevice?: string | undefined;
};
export type HostIpRouteEntry = {
  $type: string;
  network: string;
  prefixLength: number;
  gateway: string;
  deviceName?: string | undefined;
};
export type HostIpRouteOp = {
  $type: string;
  changeOperation: string;
  route: HostIpRouteEntry;
};
export type HostIpRouteTableConfig = {
  $type: string;
  ipRoute?: readonly HostIpRouteOp[] | undefined;
  ipv6Route?: readonly HostIpRouteOp[] | undefined;
};
export type HostMaintenanceSpec = {
  $type: string;
  vsanMode?: VsanHostDecommissionMode | undefined;
  purpose?: string | undefined;
  evacMode?: HostMaintenanceSpecEvacuationMode | undefined;
};
export type HostMaintenanceSpecEvacuationMode = {
  $type: string;
  workloadNonDisruptive: boolean;
};
export type HostNasVolumeSpec = {
  $type: string;
  remoteHost: string;
  remotePath: string;
  localPath: string;
  accessMode: string;
  type?: string | undefined;
  userName?: string | undefined;
  password?: string | undefined;
  remoteHostNames?: readonly string[] | undefined;
  securityType?: string | undefined;
  vmknicToBind?: string | undefined;
  vmknicBound?: boolean | undefined;
  connections?: number | undefined;
};
export type HostNatServiceConfig = {
  $type: string;
  changeOperation?: string | undefined;
  key: string;
  spec: HostNatServiceSpec;
};
export type HostNatServiceNameServiceSpec = {
  $type: string;
  dnsAutoDetect: boolean;
  dnsPolicy: string;
  dnsRetries: number;
  dnsTimeout: number;
  dnsNameServer?: readonly string[] | undefined;
  nbdsTimeout: number;
  nbnsRetries: number;
  nbnsTimeout: number;
};
export type HostNatServicePortForwardSpec = {
  $type: string;
  type: string;
  name: string;
  hostPort: number;
  guestPort: number;
  guestIpAddress: string;
};
export type HostNatServiceSpec = {
  $type: string;
  virtualSwitch: string;
  activeFtp: boolean;
  allowAnyOui: boolean;
  configPort: boolean;
  ipGatewayAddress: string;
  udpTimeout: number;
  portForward?: readonly HostNatServicePortForwardSpec[] | undefined;
  nameService?: HostNatServiceNameServiceSpec | undefined;
};
export type HostNetOffloadCapabilities = {
  $type: string;
  csumOffload?: boolean | undefined;
  tcpSegmentation?: boolean | undefined;
  zeroCopyXmit?: boolean | undefined;
};
export type HostNetStackInstance = {
  $type: string;
  key?: string | undefined;
  name?: string | undefined;
  dnsConfig?: HostDnsConfig | undefined;
  ipRouteConfig?: HostIpRouteConfig | undefined;
  requestedMaxNumberOfConnections?: number | undefined;
  congestionControlAlgorithm?: string | undefined;
  ipV6Enabled?: boolean | undefined;
  routeTableConfig?: HostIpRouteTableConfig | undefined;
  owner?: string | undefined;
};
export type HostNetworkConfig = {
  $type: string;
  vswitch?: readonly HostVirtualSwitchConfig[] | undefined;
  proxySwitch?: readonly HostProxySwitchConfig[] | undefined;
  portgroup?: readonly HostPortGroupConfig[] | undefined;
  pnic?: readonly PhysicalNicConfig[] | undefined;
  vnic?: readonly HostVirtualNicConfig[] | undefined;
  consoleVnic?: readonly HostVirtualNicConfig[] | undefined;
  dnsConfig?: HostDnsConfig | undefined;
  ipRouteConfig?: HostIpRouteConfig | undefined;
  consoleIpRouteConfig?: HostIpRouteConfig | undefined;
  routeTableConfig?: HostIpRouteTableConfig | undefined;
  dhcp?: readonly HostDhcpServiceConfig[] | undefined;
  nat?: readonly HostNatServiceConfig[] | undefined;
  ipV6Enabled?: boolean | undefined;
  netStackSpec?: readonly HostNetworkConfigNetStackSpec[] | undefined;
  migrationStatus?: string | undefined;
};
export type HostNetworkConfigNetStackSpec = {
  $type: string;
  netStackInstance: HostNetStackInstance;
  operation?: string | undefined;
};
export type HostNetworkPolicy = {
  $type: string;
  security?: HostNetworkSecurityPolicy | undefined;
  nicTeaming?: HostNicTeamingPolicy | undefined;
  offloadPolicy?: HostNetOffloadCapabilities | undefined;
  shapingPolicy?: HostNetworkTrafficShapingPolicy | undefined;
};
export type HostNetworkSecurityPolicy = {
  $type: string;
  allowPromiscuous?: boolean | undefined;
  macChanges?: boolean | undefined;
  forgedTransmits?: boolean | undefined;
};
export type HostNetworkTrafficShapingPolicy = {
  $type: string;
  enabled?: boolean | undefined;
  averageBandwidth?: number | undefined;
  peakBandwidth?: number | undefined;
  burstSize?: number | undefined;
};
export type HostNicFailureCriteria = {
  $type: string;
  checkSpeed?: string | undefined;
  speed?: number | undefined;
  checkDuplex?: boolean | undefined;
  fullDuplex?: boolean | undefined;
  checkErrorPercent?: boolean | undefined;
  percentage?: number | undefined;
  checkBeacon?: boolean | undefined;
};
export type HostNicOrderPolicy = {
  $type: string;
  activeNic?: readonly string[] | undefined;
  standbyNic?: readonly string[] | undefined;
};
export type HostNicTeamingPolicy = {
  $type: string;
  policy?: string | undefined;
  reversePolicy?: boolean | undefined;
  notifySwitches?: boolean | undefined;
  rollingOrder?: boolean | undefined;
  failureCriteria?: HostNicFailureCriteria | undefined;
  nicOrder?: HostNicOrderPolicy | undefined;
};
export type HostNtpConfig = {
  $type: string;
  server?: readonly string[] | undefined;
  configFile?: readonly string[] | undefined;
};
export type HostPortGroupConfig = {
  $type: string;
  changeOperation?: string | undefined;
  spec?: HostPortGroupSpec | undefined;
};
export type HostPortGroupSpec = {
  $type: string;
  name: string;
  vlanId: number;
  vswitchName: string;
  policy: HostNetworkPolicy;
};
export type HostProxySwitchConfig = {
  $type: string;
  changeOperation?: string | undefined;
  uuid: string;
  spec?: HostProxySwitchSpec | undefined;
};
export type HostProxySwitchSpec = {
  $type: string;
  backing?: DistributedVirtualSwitchHostMemberBacking | undefined;
};
export type HostPtpConfig = {
  $type: string;
  domain?: number | undefined;
  port?: readonly HostPtpConfigPtpPort[] | undefined;
};
export type HostPtpConfigPtpPort = {
  $type: string;
  index: number;
  deviceType?: string | undefined;
  device?: string | undefined;
  ipConfig?: HostIpConfig | undefined;
};
export type HostVirtualNicConfig = {
  $type: string;
  changeOperation?: string | undefined;
  device?: string | undefined;
  portgroup: string;
  spec?: HostVirtualNicSpec | undefined;
};
export type HostVirtualNicIpRouteSpec = {
  $type: string;
  ipRouteConfig?: HostIpRouteConfig | undefined;
};
export type HostVirtualNicOpaqueNetworkSpec = {
  $type: string;
  opaqueNetworkId: string;
  opaqueNetworkType: string;
};
export type HostVirtualNicSpec = {
  $type: string;
  ip?: HostIpConfig | undefined;
  mac?: string | undefined;
  distributedVirtualPort?: DistributedVirtualSwitchPortConnection | undefined;
  portgroup?: string | undefined;
  mtu?: number | undefined;
  tsoEnabled?: boolean | undefined;
  netStackInstanceKey?: string | undefined;
  opaqueNetwork?: HostVirtualNicOpaqueNetworkSpec | undefined;
  externalId?: string | undefined;
  pinnedPnic?: string | undefined;
  ipRouteSpec?: HostVirtualNicIpRouteSpec | undefined;
  systemOwned?: boolean | undefined;
  dpuId?: string | undefined;
};
export type HostVirtualSwitchAutoBridge = HostVirtualSwitchBridge & {
  $type: string;
  excludedNicDevice?: readonly string[] | undefined;
};
export type HostVirtualSwitchBeaconConfig = {
  $type: string;
  interval: number;
};
export type HostVirtualSwitchBondBridge = HostVirtualSwitchBridge & {
  $type: string;
  nicDevice?: readonly string[] | undefined;
  beacon?: HostVirtualSwitchBeaconConfig | undefined;
  linkDiscoveryProtocolConfig?: LinkDiscoveryProtocolConfig | undefined;
};
export type HostVirtualSwitchBridge = {
  $type: string;
};
export type HostVirtualSwitchConfig = {
  $type: string;
  changeOperation?: string | undefined;
  name: string;
  spec?: HostVirtualSwitchSpec | undefined;
};
export type HostVirtualSwitchSimpleBridge = HostVirtualSwitchBridge & {
  $type: string;
  nicDevice: string;
};
export type HostVirtualSwitchSpec = {
  $type: string;
  numPorts: number;
  bridge?: HostVirtualSwitchBridge | undefined;
  policy?: HostNetworkPolicy | undefined;
  mtu?: number | undefined;
};
export type ID = {
  $type: string;
  id: string;
};
export type InheritablePolicy = {
  $type: string;
  inherited: boolean;
};
export type IntExpression = NegatableExpression & {
  $type: string;
  value?: number | undefined;
};
export type IntPolicy = InheritablePolicy & {
  $type: string;
  value?: number | undefined;
};
export type IpAddress = NegatableExpression & {
  $type: string;
};
export type KeyAnyValue = {
  $type: string;
  key: string;
  value: VimValue;
};
export type KeyProviderId = {
  $type: string;
  id: string;
};
export type KeyValue = {
  $type: string;
  key: string;
  value: string;
};
export type LatencySensitivity = {
  $type: string;
  level: string;
  sensitivity?: number | undefined;
};
export type LinkDiscoveryProtocolConfig = {
  $type: string;
  protocol: string;
  operation: string;
};
export type LocalizableMessage = {
  $type: string;
  key: string;
  arg?: readonly KeyAnyValue[] | undefined;
  message?: string | undefined;
};
export type LocalizedMethodFault = {
  $type: string;
  fault: MethodFault;
  localizedMessage?: string | undefined;
};
export type LongPolicy = InheritablePolicy & {
  $type: string;
  value?: number | undefined;
};
export type MacAddress = NegatableExpression & {
  $type: string;
};
export type ManagedByInfo = {
  $type: string;
  extensionKey: string;
  type: string;
};
export type MethodFault = {
  $type: string;
  faultCause?: LocalizedMethodFault | undefined;
  faultMessage?: readonly LocalizableMessage[] | undefined;
};
export type NegatableExpression = {
  $type: string;
  negate?: boolean | undefined;
};
export type NumericRange = {
  $type: string;
  start: number;
  end: number;
};
export type ObjectSpec = {
  $type: string;
  obj: MoRef;
  skip?: boolean | undefined;
  selectSet?: readonly SelectionSpec[] | undefined;
};
export type OptionValue = {
  $type: string;
  key: string;
  value?: VimValue | undefined;
};
export type ParaVirtualSCSIController = VirtualSCSIController & {
  $type: string;
};
export type Permission = {
  $type: string;
  entity?: MoRef | undefined;
  principal: string;
  group: boolean;
  roleId: number;
  propagate: boolean;
};
export type PhysicalNicConfig = {
  $type: string;
  device: string;
  spec: PhysicalNicSpec;
};
export type PhysicalNicLinkInfo = {
  $type: string;
  speedMb: number;
  duplex: boolean;
};
export type PhysicalNicSpec = {
  $type: string;
  ip?: HostIpConfig | undefined;
  linkSpeed?: PhysicalNicLinkInfo | undefined;
  enableEnhancedNetworkingStack?: boolean | undefined;
  ensInterruptEnabled?: boolean | undefined;
};
export type PlacementSpec = {
  $type: string;
  priority?: string | undefined;
  vm?: MoRef | undefined;
  configSpec?: VirtualMachineConfigSpec | undefined;
  relocateSpec?: VirtualMachineRelocateSpec | undefined;
  hosts?: readonly MoRef[] | undefined;
  datastores?: readonly MoRef[] | undefined;
  storagePods?: readonly MoRef[] | undefined;
  disallowPrerequisiteMoves?: boolean | undefined;
  rules?: readonly ClusterRuleInfo[] | undefined;
  key?: string | undefined;
  placementType?: string | undefined;
  cloneSpec?: VirtualMachineCloneSpec | undefined;
  cloneName?: string | undefined;
};
export type PropertyFilterSpec = {
  $type: string;
  propSet?: readonly PropertySpec[] | undefined;
  objectSet?: readonly ObjectSpec[] | undefined;
  reportMissingObjectsInResults?: boolean | undefined;
};
export type PropertySpec = {
  $type: string;
  type: string;
  all?: boolean | undefined;
  pathSet?: readonly string[] | undefined;
};
export type ReplicationConfigSpec = {
  $type: string;
  generation: number;
  vmReplicationId: string;
  destination: string;
  port: number;
  rpo: number;
  quiesceGuestEnabled: boolean;
  paused: boolean;
  oppUpdatesEnabled: boolean;
  netCompressionEnabled?: boolean | undefined;
  netEncryptionEnabled?: boolean | undefined;
  encryptionDestination?: string | undefined;
  additionalEncryptionDestination?: readonly string[] | undefined;
  encryptionPort?: number | undefined;
  remoteCertificateThumbprint?: string | undefined;
  dataSetsReplicationEnabled?: boolean | undefined;
  useHbrProxyHttpPreamble?: boolean | undefined;
  disk?: readonly ReplicationInfoDiskSettings[] | undefined;
};
export type ReplicationInfoDiskSettings = {
  $type: string;
  key: number;
  diskReplicationId: string;
};
export type ResourceAllocationInfo = {
  $type: string;
  reservation?: number | undefined;
  expandableReservation?: boolean | undefined;
  limit?: number | undefined;
  shares?: SharesInfo | undefined;
  overheadLimit?: number | undefined;
};
export type ResourceConfigSpec = {
  $type: string;
  entity?: MoRef | undefined;
  changeVersion?: string | undefined;
  lastModified?: Date | undefined;
  cpuAllocation: ResourceAllocationInfo;
  memoryAllocation: ResourceAllocationInfo;
  scaleDescendantsShares?: string | undefined;
};
export type RetrieveOptions = {
  $type: string;
  maxObjects?: number | undefined;
};
export type ScheduledHardwareUpgradeInfo = {
  $type: string;
  upgradePolicy?: string | undefined;
  versionKey?: string | undefined;
  scheduledHardwareUpgradeStatus?: string | undefined;
  fault?: LocalizedMethodFault | undefined;
};
export type SelectionSpec = {
  $type: string;
  name?: string | undefined;
};
export type ServiceLocator = {
  $type: string;
  instanceUuid: string;
  url: string;
  credential: ServiceLocatorCredential;
  sslThumbprint?: string | undefined;
  sslCertificate?: string | undefined;
};
export type ServiceLocatorCredential = {
  $type: string;
};
export type SharesInfo = {
  $type: string;
  shares: number;
  level: string;
};
export type SingleIp = IpAddress & {
  $type: string;
  address: string;
};
export type SnapshotSelectionSpec = {
  $type: string;
  retentionDays?: number | undefined;
};
export type StorageIOAllocationInfo = {
  $type: string;
  limit?: number | undefined;
  shares?: SharesInfo | undefined;
  reservation?: number | undefined;
};
export type StringExpression = NegatableExpression & {
  $type: string;
  value?: string | undefined;
};
export type StringPolicy = InheritablePolicy & {
  $type: string;
  value?: string | undefined;
};
export type TagId = {
  $type: string;
  nameId?: TagIdNameId | undefined;
  uuid?: string | undefined;
};
export type TagIdNameId = {
  $type: string;
  tag: string;
  category: string;
};
export type TagSpec = ArrayUpdateSpec & {
  $type: string;
  id: TagId;
};
export type TaskFilterSpec = {
  $type: string;
  entity?: TaskFilterSpecByEntity | undefined;
  time?: TaskFilterSpecByTime | undefined;
  userName?: TaskFilterSpecByUsername | undefined;
  activationId?: readonly string[] | undefined;
  state?: readonly string[] | undefined;
  alarm?: MoRef | undefined;
  scheduledTask?: MoRef | undefined;
  eventChainId?: readonly number[] | undefined;
  tag?: readonly string[] | undefined;
  parentTaskKey?: readonly string[] | undefined;
  rootTaskKey?: readonly string[] | undefined;
};
export type TaskFilterSpecByEntity = {
  $type: string;
  entity: MoRef;
  recursion: string;
};
export type TaskFilterSpecByTime = {
  $type: string;
  timeType: string;
  beginTime?: Date | undefined;
  endTime?: Date | undefined;
};
export type TaskFilterSpecByUsername = {
  $type: string;
  systemUser: boolean;
  userList?: readonly string[] | undefined;
};
export type ToolsConfigInfo = {
  $type: string;
  toolsVersion?: number | undefined;
  toolsInstallType?: string | undefined;
  afterPowerOn?: boolean | undefined;
  afterResume?: boolean | undefined;
  beforeGuestStandby?: boolean | undefined;
  beforeGuestShutdown?: boolean | undefined;
  beforeGuestReboot?: boolean | undefined;
  toolsUpgradePolicy?: string | undefined;
  pendingCustomization?: string | undefined;
  customizationKeyId?: CryptoKeyId | undefined;
  syncTimeWithHostAllowed?: boolean | undefined;
  syncTimeWithHost?: boolean | undefined;
  lastInstallInfo?: ToolsConfigInfoToolsLastInstallInfo | undefined;
};
export type ToolsConfigInfoToolsLastInstallInfo = {
  $type: string;
  counter: number;
  fault?: LocalizedMethodFault | undefined;
};
export type TraversalSpec = SelectionSpec & {
  $type: string;
  type: string;
  path: string;
  skip?: boolean | undefined;
  selectSet?: readonly SelectionSpec[] | undefined;
};
export type VAppIPAssignmentInfo = {
  $type: string;
  supportedAllocationScheme?: readonly string[] | undefined;
  ipAllocationPolicy?: string | undefined;
  supportedIpProtocol?: readonly string[] | undefined;
  ipProtocol?: string | undefined;
};
export type VAppOvfSectionInfo = {
  $type: string;
  key?: number | undefined;
  namespace?: string | undefined;
  type?: string | undefined;
  atEnvelopeLevel?: boolean | undefined;
  contents?: string | undefined;
};
export type VAppOvfSectionSpec = ArrayUpdateSpec & {
  $type: string;
  info?: VAppOvfSectionInfo | undefined;
};
export type VAppProductInfo = {
  $type: string;
  key: number;
  classId?: string | undefined;
  instanceId?: string | undefined;
  name?: string | undefined;
  vendor?: string | undefined;
  version?: string | undefined;
  fullVersion?: string | undefined;
  vendorUrl?: string | undefined;
  productUrl?: string | undefined;
  appUrl?: string | undefined;
};
export type VAppProductSpec = ArrayUpdateSpec & {
  $type: string;
  info?: VAppProductInfo | undefined;
};
export type VAppPropertyInfo = {
  $type: string;
  key: number;
  classId?: string | undefined;
  instanceId?: string | undefined;
  id?: string | undefined;
  category?: string | undefined;
  label?: string | undefined;
  type?: string | undefined;
  typeReference?: string | undefined;
  userConfigurable?: boolean | undefined;
  defaultValue?: string | undefined;
  value?: string | undefined;
  description?: string | undefined;
};
export type VAppPropertySpec = ArrayUpdateSpec & {
  $type: string;
  info?: VAppPropertyInfo | undefined;
};
export type VMwareDVSPortSetting = DVPortSetting & {
  $type: string;
  vlan?: VmwareDistributedVirtualSwitchVlanSpec | undefined;
  qosTag?: IntPolicy | undefined;
  uplinkTeamingPolicy?: VmwareUplinkPortTeamingPolicy | undefined;
  securityPolicy?: DVSSecurityPolicy | undefined;
  ipfixEnabled?: BoolPolicy | undefined;
  txUplink?: BoolPolicy | undefined;
  lacpPolicy?: VMwareUplinkLacpPolicy | undefined;
  macManagementPolicy?: DVSMacManagementPolicy | undefined;
  VNI?: IntPolicy | undefined;
};
export type VMwareDVSPortgroupPolicy = DVPortgroupPolicy & {
  $type: string;
  vlanOverrideAllowed: boolean;
  uplinkTeamingOverrideAllowed: boolean;
  securityPolicyOverrideAllowed: boolean;
  ipfixOverrideAllowed?: boolean | undefined;
  macManagementOverrideAllowed?: boolean | undefined;
};
export type VMwareUplinkLacpPolicy = InheritablePolicy & {
  $type: string;
  enable?: BoolPolicy | undefined;
  mode?: StringPolicy | undefined;
};
export type VMwareUplinkPortOrderPolicy = InheritablePolicy & {
  $type: string;
  activeUplinkPort?: readonly string[] | undefined;
  standbyUplinkPort?: readonly string[] | undefined;
};
export type VirtualAHCIController = VirtualSATAController & {
  $type: string;
};
export type VirtualBusLogicController = VirtualSCSIController & {
  $type: string;
};
export type VirtualCdrom = VirtualDevice & {
  $type: string;
};
export type VirtualCdromAtapiBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
};
export type VirtualCdromIsoBackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
};
export type VirtualCdromPassthroughBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
  exclusive: boolean;
};
export type VirtualCdromRemoteAtapiBackingInfo = VirtualDeviceRemoteDeviceBackingInfo & {
  $type: string;
};
export type VirtualCdromRemotePassthroughBackingInfo = VirtualDeviceRemoteDeviceBackingInfo & {
  $type: string;
  exclusive: boolean;
};
export type VirtualController = VirtualDevice & {
  $type: string;
  busNumber: number;
  device?: readonly number[] | undefined;
};
export type VirtualDevice = {
  $type: string;
  key: number;
  deviceInfo?: Description | undefined;
  backing?: VirtualDeviceBackingInfo | undefined;
  connectable?: VirtualDeviceConnectInfo | undefined;
  slotInfo?: VirtualDeviceBusSlotInfo | undefined;
  controllerKey?: number | undefined;
  unitNumber?: number | undefined;
  numaNode?: number | undefined;
  deviceGroupInfo?: VirtualDeviceDeviceGroupInfo | undefined;
};
export type VirtualDeviceBackingInfo = {
  $type: string;
};
export type VirtualDeviceBusSlotInfo = {
  $type: string;
};
export type VirtualDeviceConfigSpec = {
  $type: string;
  operation?: string | undefined;
  fileOperation?: string | undefined;
  device: VirtualDevice;
  profile?: readonly VirtualMachineProfileSpec[] | undefined;
  backing?: VirtualDeviceConfigSpecBackingSpec | undefined;
  filterSpec?: readonly VirtualMachineBaseIndependentFilterSpec[] | undefined;
  changeMode?: string | undefined;
};
export type VirtualDeviceConfigSpecBackingSpec = {
  $type: string;
  parent?: VirtualDeviceConfigSpecBackingSpec | undefined;
  crypto?: CryptoSpec | undefined;
};
export type VirtualDeviceConnectInfo = {
  $type: string;
  migrateConnect?: string | undefined;
  startConnected: boolean;
  allowGuestControl: boolean;
  connected: boolean;
  status?: string | undefined;
};
export type VirtualDeviceDeviceBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  deviceName: string;
  useAutoDetect?: boolean | undefined;
};
export type VirtualDeviceDeviceGroupInfo = {
  $type: string;
  groupInstanceKey: number;
  sequenceId: number;
};
export type VirtualDeviceFileBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  fileName: string;
  datastore?: MoRef | undefined;
  backingObjectId?: string | undefined;
};
export type VirtualDevicePciBusSlotInfo = VirtualDeviceBusSlotInfo & {
  $type: string;
  pciSlotNumber: number;
};
export type VirtualDevicePipeBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  pipeName: string;
};
export type VirtualDeviceRemoteDeviceBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  deviceName: string;
  useAutoDetect?: boolean | undefined;
};
export type VirtualDeviceURIBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  serviceURI: string;
  direction: string;
  proxyURI?: string | undefined;
};
export type VirtualDisk = VirtualDevice & {
  $type: string;
  capacityInKB: number;
  capacityInBytes?: number | undefined;
  shares?: SharesInfo | undefined;
  storageIOAllocation?: StorageIOAllocationInfo | undefined;
  diskObjectId?: string | undefined;
  vFlashCacheConfigInfo?: VirtualDiskVFlashCacheConfigInfo | undefined;
  iofilter?: readonly string[] | undefined;
  vDiskId?: ID | undefined;
  vDiskVersion?: number | undefined;
  virtualDiskFormat?: string | undefined;
  nativeUnmanagedLinkedClone?: boolean | undefined;
  independentFilters?: readonly VirtualMachineBaseIndependentFilterSpec[] | undefined;
  guestReadOnly?: boolean | undefined;
  diskChainBrokenIssue?: string | undefined;
};
export type VirtualDiskConfigSpec = VirtualDeviceConfigSpec & {
  $type: string;
  diskMoveType?: string | undefined;
  migrateCache?: boolean | undefined;
};
export type VirtualDiskFlatVer1BackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
  diskMode: string;
  split?: boolean | undefined;
  writeThrough?: boolean | undefined;
  contentId?: string | undefined;
  parent?: VirtualDiskFlatVer1BackingInfo | undefined;
};
export type VirtualDiskFlatVer2BackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
  diskMode: string;
  split?: boolean | undefined;
  writeThrough?: boolean | undefined;
  thinProvisioned?: boolean | undefined;
  eagerlyScrub?: boolean | undefined;
  uuid?: string | undefined;
  contentId?: string | undefined;
  changeId?: string | undefined;
  parent?: VirtualDiskFlatVer2BackingInfo | undefined;
  deltaDiskFormat?: string | undefined;
  digestEnabled?: boolean | undefined;
  deltaGrainSize?: number | undefined;
  deltaDiskFormatVariant?: string | undefined;
  sharing?: string | undefined;
  keyId?: CryptoKeyId | undefined;
};
export type VirtualDiskLocalPMemBackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
  diskMode: string;
  uuid?: string | undefined;
  volumeUUID?: string | undefined;
  contentId?: string | undefined;
};
export type VirtualDiskPartitionedRawDiskVer2BackingInfo = VirtualDiskRawDiskVer2BackingInfo & {
  $type: string;
  partition?: readonly number[] | undefined;
};
export type VirtualDiskRawDiskMappingVer1BackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
  lunUuid?: string | undefined;
  deviceName?: string | undefined;
  compatibilityMode?: string | undefined;
  diskMode?: string | undefined;
  uuid?: string | undefined;
  contentId?: string | undefined;
  changeId?: string | undefined;
  parent?: VirtualDiskRawDiskMappingVer1BackingInfo | undefined;
  deltaDiskFormat?: string | undefined;
  deltaGrainSize?: number | undefined;
  sharing?: string | undefined;
};
export type VirtualDiskRawDiskVer2BackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
  descriptorFileName: string;
  uuid?: string | undefined;
  changeId?: string | undefined;
  sharing?: string | undefined;
};
export type VirtualDiskSeSparseBackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
  diskMode: string;
  writeThrough?: boolean | undefined;
  uuid?: string | undefined;
  contentId?: string | undefined;
  changeId?: string | undefined;
  parent?: VirtualDiskSeSparseBackingInfo | undefined;
  deltaDiskFormat?: string | undefined;
  digestEnabled?: boolean | undefined;
  grainSize?: number | undefined;
  keyId?: CryptoKeyId | undefined;
};
export type VirtualDiskSparseVer1BackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
  diskMode: string;
  split?: boolean | undefined;
  writeThrough?: boolean | undefined;
  spaceUsedInKB?: number | undefined;
  contentId?: string | undefined;
  parent?: VirtualDiskSparseVer1BackingInfo | undefined;
};
export type VirtualDiskSparseVer2BackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
  diskMode: string;
  split?: boolean | undefined;
  writeThrough?: boolean | undefined;
  spaceUsedInKB?: number | undefined;
  uuid?: string | undefined;
  contentId?: string | undefined;
  changeId?: string | undefined;
  parent?: VirtualDiskSparseVer2BackingInfo | undefined;
  keyId?: CryptoKeyId | undefined;
};
export type VirtualDiskSpec = {
  $type: string;
  diskType: string;
  adapterType: string;
};
export type VirtualDiskVFlashCacheConfigInfo = {
  $type: string;
  vFlashModule?: string | undefined;
  reservationInMB?: number | undefined;
  cacheConsistencyType?: string | undefined;
  cacheMode?: string | undefined;
  blockSizeInKB?: number | undefined;
};
export type VirtualE1000 = VirtualEthernetCard & {
  $type: string;
};
export type VirtualE1000e = VirtualEthernetCard & {
  $type: string;
};
export type VirtualEnsoniq1371 = VirtualSoundCard & {
  $type: string;
};
export type VirtualEthernetCard = VirtualDevice & {
  $type: string;
  addressType?: string | undefined;
  macAddress?: string | undefined;
  wakeOnLanEnabled?: boolean | undefined;
  resourceAllocation?: VirtualEthernetCardResourceAllocation | undefined;
  externalId?: string | undefined;
  uptCompatibilityEnabled?: boolean | undefined;
  subnetId?: string | undefined;
};
export type VirtualEthernetCardDistributedVirtualPortBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  port: DistributedVirtualSwitchPortConnection;
};
export type VirtualEthernetCardLegacyNetworkBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
};
export type VirtualEthernetCardNetworkBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
  network?: MoRef | undefined;
  inPassthroughMode?: boolean | undefined;
};
export type VirtualEthernetCardOpaqueNetworkBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  opaqueNetworkId: string;
  opaqueNetworkType: string;
};
export type VirtualEthernetCardResourceAllocation = {
  $type: string;
  reservation?: number | undefined;
  share: SharesInfo;
  limit?: number | undefined;
};
export type VirtualFloppy = VirtualDevice & {
  $type: string;
};
export type VirtualFloppyDeviceBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
};
export type VirtualFloppyImageBackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
};
export type VirtualFloppyRemoteDeviceBackingInfo = VirtualDeviceRemoteDeviceBackingInfo & {
  $type: string;
};
export type VirtualHdAudioCard = VirtualSoundCard & {
  $type: string;
};
export type VirtualIDEController = VirtualController & {
  $type: string;
};
export type VirtualKeyboard = VirtualDevice & {
  $type: string;
};
export type VirtualLsiLogicController = VirtualSCSIController & {
  $type: string;
};
export type VirtualLsiLogicSASController = VirtualSCSIController & {
  $type: string;
};
export type VirtualMachineAffinityInfo = {
  $type: string;
  affinitySet?: readonly number[] | undefined;
};
export type VirtualMachineBaseIndependentFilterSpec = {
  $type: string;
};
export type VirtualMachineBootOptions = {
  $type: string;
  bootDelay?: number | undefined;
  enterBIOSSetup?: boolean | undefined;
  efiSecureBootEnabled?: boolean | undefined;
  bootRetryEnabled?: boolean | undefined;
  bootRetryDelay?: number | undefined;
  bootOrder?: readonly VirtualMachineBootOptionsBootableDevice[] | undefined;
  networkBootProtocol?: string | undefined;
};
export type VirtualMachineBootOptionsBootableDevice = {
  $type: string;
};
export type VirtualMachineCloneSpec = {
  $type: string;
  location: VirtualMachineRelocateSpec;
  template: boolean;
  config?: VirtualMachineConfigSpec | undefined;
  customization?: CustomizationSpec | undefined;
  powerOn: boolean;
  snapshot?: MoRef | undefined;
  memory?: boolean | undefined;
  tpmProvisionPolicy?: string | undefined;
};
export type VirtualMachineConfigSpec = {
  $type: string;
  changeVersion?: string | undefined;
  name?: string | undefined;
  version?: string | undefined;
  createDate?: Date | undefined;
  uuid?: string | undefined;
  instanceUuid?: string | undefined;
  npivNodeWorldWideName?: readonly number[] | undefined;
  npivPortWorldWideName?: readonly number[] | undefined;
  npivWorldWideNameType?: string | undefined;
  npivDesiredNodeWwns?: number | undefined;
  npivDesiredPortWwns?: number | undefined;
  npivTemporaryDisabled?: boolean | undefined;
  npivOnNonRdmDisks?: boolean | undefined;
  npivWorldWideNameOp?: string | undefined;
  locationId?: string | undefined;
  guestId?: string | undefined;
  alternateGuestName?: string | undefined;
  annotation?: string | undefined;
  files?: VirtualMachineFileInfo | undefined;
  tools?: ToolsConfigInfo | undefined;
  flags?: VirtualMachineFlagInfo | undefined;
  consolePreferences?: VirtualMachineConsolePreferences | undefined;
  powerOpInfo?: VirtualMachineDefaultPowerOpInfo | undefined;
  rebootPowerOff?: boolean | undefined;
  numCPUs?: number | undefined;
  vcpuConfig?: readonly VirtualMachineVcpuConfig[] | undefined;
  numCoresPerSocket?: number | undefined;
  memoryMB?: number | undefined;
  memoryHotAddEnabled?: boolean | undefined;
  cpuHotAddEnabled?: boolean | undefined;
  cpuHotRemoveEnabled?: boolean | undefined;
  virtualICH7MPresent?: boolean | undefined;
  virtualSMCPresent?: boolean | undefined;
  deviceChange?: readonly VirtualDeviceConfigSpec[] | undefined;
  cpuAllocation?: ResourceAllocationInfo | undefined;
  memoryAllocation?: ResourceAllocationInfo | undefined;
  latencySensitivity?: LatencySensitivity | undefined;
  cpuAffinity?: VirtualMachineAffinityInfo | undefined;
  memoryAffinity?: VirtualMachineAffinityInfo | undefined;
  networkShaper?: VirtualMachineNetworkShaperInfo | undefined;
  cpuFeatureMask?: readonly VirtualMachineCpuIdInfoSpec[] | undefined;
  extraConfig?: readonly OptionValue[] | undefined;
  swapPlacement?: string | undefined;
  bootOptions?: VirtualMachineBootOptions | undefined;
  vAppConfig?: VmConfigSpec | undefined;
  ftInfo?: FaultToleranceConfigInfo | undefined;
  repConfig?: ReplicationConfigSpec | undefined;
  vAppConfigRemoved?: boolean | undefined;
  vAssertsEnabled?: boolean | undefined;
  changeTrackingEnabled?: boolean | undefined;
  firmware?: string | undefined;
  maxMksConnections?: number | undefined;
  guestAutoLockEnabled?: boolean | undefined;
  managedBy?: ManagedByInfo | undefined;
  memoryReservationLockedToMax?: boolean | undefined;
  nestedHVEnabled?: boolean | undefined;
  vPMCEnabled?: boolean | undefined;
  scheduledHardwareUpgradeInfo?: ScheduledHardwareUpgradeInfo | undefined;
  vmProfile?: readonly VirtualMachineProfileSpec[] | undefined;
  messageBusTunnelEnabled?: boolean | undefined;
  crypto?: CryptoSpec | undefined;
  migrateEncryption?: string | undefined;
  sgxInfo?: VirtualMachineSgxInfo | undefined;
  ftEncryptionMode?: string | undefined;
  guestMonitoringModeInfo?: VirtualMachineGuestMonitoringModeInfo | undefined;
  sevEnabled?: boolean | undefined;
  virtualNuma?: VirtualMachineVirtualNuma | undefined;
  motherboardLayout?: string | undefined;
  pmemFailoverEnabled?: boolean | undefined;
  vmxStatsCollectionEnabled?: boolean | undefined;
  vmOpNotificationToAppEnabled?: boolean | undefined;
  vmOpNotificationTimeout?: number | undefined;
  deviceSwap?: VirtualMachineVirtualDeviceSwap | undefined;
  simultaneousThreads?: number | undefined;
  pmem?: VirtualMachineVirtualPMem | undefined;
  deviceGroups?: VirtualMachineVirtualDeviceGroups | undefined;
  fixedPassthruHotPlugEnabled?: boolean | undefined;
  metroFtEnabled?: boolean | undefined;
  metroFtHostGroup?: string | undefined;
  tdxEnabled?: boolean | undefined;
  sevSnpEnabled?: boolean | undefined;
  tagSpecs?: readonly TagSpec[] | undefined;
  vmPlacementPolicies?: readonly VmPlacementPolicy[] | undefined;
};
export type VirtualMachineConsolePreferences = {
  $type: string;
  powerOnWhenOpened?: boolean | undefined;
  enterFullScreenOnPowerOn?: boolean | undefined;
  closeOnPowerOffOrSuspend?: boolean | undefined;
};
export type VirtualMachineCpuIdInfoSpec = ArrayUpdateSpec & {
  $type: string;
  info?: HostCpuIdInfo | undefined;
};
export type VirtualMachineDefaultPowerOpInfo = {
  $type: string;
  powerOffType?: string | undefined;
  suspendType?: string | undefined;
  resetType?: string | undefined;
  defaultPowerOffType?: string | undefined;
  defaultSuspendType?: string | undefined;
  defaultResetType?: string | undefined;
  standbyAction?: string | undefined;
};
export type VirtualMachineFileInfo = {
  $type: string;
  vmPathName?: string | undefined;
  snapshotDirectory?: string | undefined;
  suspendDirectory?: string | undefined;
  logDirectory?: string | undefined;
  ftMetadataDirectory?: string | undefined;
};
export type VirtualMachineFlagInfo = {
  $type: string;
  disableAcceleration?: boolean | undefined;
  enableLogging?: boolean | undefined;
  useToe?: boolean | undefined;
  runWithDebugInfo?: boolean | undefined;
  monitorType?: string | undefined;
  htSharing?: string | undefined;
  snapshotDisabled?: boolean | undefined;
  snapshotLocked?: boolean | undefined;
  diskUuidEnabled?: boolean | undefined;
  virtualMmuUsage?: string | undefined;
  virtualExecUsage?: string | undefined;
  snapshotPowerOffBehavior?: string | undefined;
  recordReplayEnabled?: boolean | undefined;
  faultToleranceType?: string | undefined;
  cbrcCacheEnabled?: boolean | undefined;
  vvtdEnabled?: boolean | undefined;
  vbsEnabled?: boolean | undefined;
};
export type VirtualMachineGuestMonitoringModeInfo = {
  $type: string;
  gmmFile?: string | undefined;
  gmmAppliance?: string | undefined;
};
export type VirtualMachineInstantCloneSpec = {
  $type: string;
  name: string;
  location: VirtualMachineRelocateSpec;
  config?: readonly OptionValue[] | undefined;
  biosUuid?: string | undefined;
};
export type VirtualMachineNetworkShaperInfo = {
  $type: string;
  enabled?: boolean | undefined;
  peakBps?: number | undefined;
  averageBps?: number | undefined;
  burstSize?: number | undefined;
};
export type VirtualMachineProfileSpec = {
  $type: string;
};
export type VirtualMachineRelocateSpec = {
  $type: string;
  service?: ServiceLocator | undefined;
  folder?: MoRef | undefined;
  datastore?: MoRef | undefined;
  diskMoveType?: string | undefined;
  pool?: MoRef | undefined;
  host?: MoRef | undefined;
  disk?: readonly VirtualMachineRelocateSpecDiskLocator[] | undefined;
  transform?: string | undefined;
  deviceChange?: readonly VirtualDeviceConfigSpec[] | undefined;
  profile?: readonly VirtualMachineProfileSpec[] | undefined;
  cryptoSpec?: CryptoSpec | undefined;
  tagSpecs?: readonly TagSpec[] | undefined;
  vmPlacementPolicies?: readonly VmPlacementPolicy[] | undefined;
};
export type VirtualMachineRelocateSpecDiskLocator = {
  $type: string;
  diskId: number;
  datastore: MoRef;
  diskMoveType?: string | undefined;
  diskBackingInfo?: VirtualDeviceBackingInfo | undefined;
  profile?: readonly VirtualMachineProfileSpec[] | undefined;
  backing?: VirtualMachineRelocateSpecDiskLocatorBackingSpec | undefined;
  filterSpec?: readonly VirtualMachineBaseIndependentFilterSpec[] | undefined;
};
export type VirtualMachineRelocateSpecDiskLocatorBackingSpec = {
  $type: string;
  parent?: VirtualMachineRelocateSpecDiskLocatorBackingSpec | undefined;
  crypto?: CryptoSpec | undefined;
};
export type VirtualMachineSgxInfo = {
  $type: string;
  epcSize: number;
  flcMode?: string | undefined;
  lePubKeyHash?: string | undefined;
  requireAttestation?: boolean | undefined;
};
export type VirtualMachineVMCIDevice = VirtualDevice & {
  $type: string;
  id?: number | undefined;
  allowUnrestrictedCommunication?: boolean | undefined;
  filterEnable?: boolean | undefined;
  filterInfo?: VirtualMachineVMCIDeviceFilterInfo | undefined;
};
export type VirtualMachineVMCIDeviceFilterInfo = {
  $type: string;
  filters?: readonly VirtualMachineVMCIDeviceFilterSpec[] | undefined;
};
export type VirtualMachineVMCIDeviceFilterSpec = {
  $type: string;
  rank: number;
  action: string;
  protocol: string;
  direction: string;
  lowerDstPortBoundary?: number | undefined;
  upperDstPortBoundary?: number | undefined;
};
export type VirtualMachineVMIROM = VirtualDevice & {
  $type: string;
};
export type VirtualMachineVcpuConfig = {
  $type: string;
  latencySensitivity?: LatencySensitivity | undefined;
};
export type VirtualMachineVideoCard = VirtualDevice & {
  $type: string;
  videoRamSizeInKB?: number | undefined;
  numDisplays?: number | undefined;
  useAutoDetect?: boolean | undefined;
  enable3DSupport?: boolean | undefined;
  use3dRenderer?: string | undefined;
  graphicsMemorySizeInKB?: number | undefined;
};
export type VirtualMachineVirtualDeviceGroups = {
  $type: string;
  deviceGroup?: readonly VirtualMachineVirtualDeviceGroupsDeviceGroup[] | undefined;
};
export type VirtualMachineVirtualDeviceGroupsDeviceGroup = {
  $type: string;
  groupInstanceKey: number;
  deviceInfo?: Description | undefined;
};
export type VirtualMachineVirtualDeviceSwap = {
  $type: string;
  lsiToPvscsi?: VirtualMachineVirtualDeviceSwapDeviceSwapInfo | undefined;
};
export type VirtualMachineVirtualDeviceSwapDeviceSwapInfo = {
  $type: string;
  enabled?: boolean | undefined;
  applicable?: boolean | undefined;
  status?: string | undefined;
};
export type VirtualMachineVirtualNuma = {
  $type: string;
  coresPerNumaNode?: number | undefined;
  exposeVnumaOnCpuHotadd?: boolean | undefined;
};
export type VirtualMachineVirtualPMem = {
  $type: string;
  snapshotMode?: string | undefined;
};
export type VirtualNVDIMM = VirtualDevice & {
  $type: string;
  capacityInMB: number;
  configuredCapacityInMB?: number | undefined;
};
export type VirtualNVDIMMBackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
  parent?: VirtualNVDIMMBackingInfo | undefined;
  changeId?: string | undefined;
};
export type VirtualNVDIMMController = VirtualController & {
  $type: string;
};
export type VirtualNVMEController = VirtualController & {
  $type: string;
  sharedBus?: string | undefined;
};
export type VirtualPCIController = VirtualController & {
  $type: string;
};
export type VirtualPCIPassthrough = VirtualDevice & {
  $type: string;
};
export type VirtualPCIPassthroughAllowedDevice = {
  $type: string;
  vendorId: number;
  deviceId: number;
  subVendorId?: number | undefined;
  subDeviceId?: number | undefined;
  revisionId?: number | undefined;
};
export type VirtualPCIPassthroughDeviceBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
  id: string;
  deviceId: string;
  systemId: string;
  vendorId: number;
};
export type VirtualPCIPassthroughDvxBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  deviceClass?: string | undefined;
  configParams?: readonly OptionValue[] | undefined;
};
export type VirtualPCIPassthroughDynamicBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
  allowedDevice?: readonly VirtualPCIPassthroughAllowedDevice[] | undefined;
  customLabel?: string | undefined;
  assignedId?: string | undefined;
};
export type VirtualPCIPassthroughPluginBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
};
export type VirtualPCIPassthroughVmiopBackingInfo = VirtualPCIPassthroughPluginBackingInfo & {
  $type: string;
  vgpu?: string | undefined;
  vgpuMigrateDataSizeMB?: number | undefined;
  migrateSupported?: boolean | undefined;
  enhancedMigrateCapability?: boolean | undefined;
};
export type VirtualPCNet32 = VirtualEthernetCard & {
  $type: string;
};
export type VirtualPS2Controller = VirtualController & {
  $type: string;
};
export type VirtualParallelPort = VirtualDevice & {
  $type: string;
};
export type VirtualParallelPortDeviceBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
};
export type VirtualParallelPortFileBackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
};
export type VirtualPointingDevice = VirtualDevice & {
  $type: string;
};
export type VirtualPointingDeviceDeviceBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
  hostPointingDevice: string;
};
export type VirtualPrecisionClock = VirtualDevice & {
  $type: string;
};
export type VirtualPrecisionClockSystemClockBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  protocol?: string | undefined;
};
export type VirtualSATAController = VirtualController & {
  $type: string;
};
export type VirtualSCSIController = VirtualController & {
  $type: string;
  hotAddRemove?: boolean | undefined;
  sharedBus: string;
  scsiCtlrUnitNumber?: number | undefined;
};
export type VirtualSCSIPassthrough = VirtualDevice & {
  $type: string;
};
export type VirtualSCSIPassthroughDeviceBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
};
export type VirtualSIOController = VirtualController & {
  $type: string;
};
export type VirtualSerialPort = VirtualDevice & {
  $type: string;
  yieldOnPoll: boolean;
};
export type VirtualSerialPortDeviceBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
};
export type VirtualSerialPortFileBackingInfo = VirtualDeviceFileBackingInfo & {
  $type: string;
};
export type VirtualSerialPortPipeBackingInfo = VirtualDevicePipeBackingInfo & {
  $type: string;
  endpoint: string;
  noRxLoss?: boolean | undefined;
};
export type VirtualSerialPortThinPrintBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
};
export type VirtualSerialPortURIBackingInfo = VirtualDeviceURIBackingInfo & {
  $type: string;
};
export type VirtualSoundBlaster16 = VirtualSoundCard & {
  $type: string;
};
export type VirtualSoundCard = VirtualDevice & {
  $type: string;
};
export type VirtualSoundCardDeviceBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
};
export type VirtualSriovEthernetCard = VirtualEthernetCard & {
  $type: string;
  allowGuestOSMtuChange?: boolean | undefined;
  sriovBacking?: VirtualSriovEthernetCardSriovBackingInfo | undefined;
  dvxBackingInfo?: VirtualPCIPassthroughDvxBackingInfo | undefined;
};
export type VirtualSriovEthernetCardSriovBackingInfo = VirtualDeviceBackingInfo & {
  $type: string;
  physicalFunctionBacking?: VirtualPCIPassthroughDeviceBackingInfo | undefined;
  virtualFunctionBacking?: VirtualPCIPassthroughDeviceBackingInfo | undefined;
  virtualFunctionIndex?: number | undefined;
};
export type VirtualTPM = VirtualDevice & {
  $type: string;
  endorsementKeyCertificateSigningRequest?: readonly Buffer[] | undefined;
  endorsementKeyCertificate?: readonly Buffer[] | undefined;
};
export type VirtualUSB = VirtualDevice & {
  $type: string;
  connected: boolean;
  vendor?: number | undefined;
  product?: number | undefined;
  family?: readonly string[] | undefined;
  speed?: readonly string[] | undefined;
};
export type VirtualUSBController = VirtualController & {
  $type: string;
  autoConnectDevices?: boolean | undefined;
  ehciEnabled?: boolean | undefined;
};
export type VirtualUSBControllerPciBusSlotInfo = VirtualDevicePciBusSlotInfo & {
  $type: string;
  ehciPciSlotNumber?: number | undefined;
};
export type VirtualUSBRemoteClientBackingInfo = VirtualDeviceRemoteDeviceBackingInfo & {
  $type: string;
  hostname: string;
};
export type VirtualUSBRemoteHostBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
  hostname: string;
};
export type VirtualUSBUSBBackingInfo = VirtualDeviceDeviceBackingInfo & {
  $type: string;
};
export type VirtualUSBXHCIController = VirtualController & {
  $type: string;
  autoConnectDevices?: boolean | undefined;
};
export type VirtualVmxnet = VirtualEthernetCard & {
  $type: string;
};
export type VirtualVmxnet2 = VirtualVmxnet & {
  $type: string;
};
export type VirtualVmxnet3 = VirtualVmxnet & {
  $type: string;
  uptv2Enabled?: boolean | undefined;
  strictLatencyConfig?: VirtualVmxnet3StrictLatencyConfig | undefined;
};
export type VirtualVmxnet3StrictLatencyConfig = {
  $type: string;
  allowed?: boolean | undefined;
  measureLatency?: boolean | undefined;
  maxTxQueues?: number | undefined;
  maxRxQueues?: number | undefined;
  txDataRingDescSize?: number | undefined;
  rxDataRingDescSize?: number | undefined;
  disableOffload?: string | undefined;
};
export type VirtualVmxnet3Vrdma = VirtualVmxnet3 & {
  $type: string;
  deviceProtocol?: string | undefined;
};
export type VirtualWDT = VirtualDevice & {
  $type: string;
  runOnBoot: boolean;
  running: boolean;
};
export type VmConfigSpec = {
  $type: string;
  product?: readonly VAppProductSpec[] | undefined;
  property?: readonly VAppPropertySpec[] | undefined;
  ipAssignment?: VAppIPAssignmentInfo | undefined;
  eula?: readonly string[] | undefined;
  ovfSection?: readonly VAppOvfSectionSpec[] | undefined;
  ovfEnvironmentTransport?: readonly string[] | undefined;
  installBootRequired?: boolean | undefined;
  installBootStopDelay?: number | undefined;
};
export type VmPlacementPolicy = {
  $type: string;
};
export type VmwareDistributedVirtualSwitchPvlanSpec = VmwareDistributedVirtualSwitchVlanSpec & {
  $type: string;
  pvlanId: number;
};
export type VmwareDistributedVirtualSwitchTrunkVlanSpec = VmwareDistributedVirtualSwitchVlanSpec & {
  $type: string;
  vlanId?: readonly NumericRange[] | undefined;
};
export type VmwareDistributedVirtualSwitchVlanIdSpec = VmwareDistributedVirtualSwitchVlanSpec & {
  $type: string;
  vlanId: number;
};
export type VmwareDistributedVirtualSwitchVlanSpec = InheritablePolicy & {
  $type: string;
};
export type VmwareUplinkPortTeamingPolicy = InheritablePolicy & {
  $type: string;
  policy?: StringPolicy | undefined;
  reversePolicy?: BoolPolicy | undefined;
  notifySwitches?: BoolPolicy | undefined;
  rollingOrder?: BoolPolicy | undefined;
  failureCriteria?: DVSFailureCriteria | undefined;
  uplinkPortOrder?: VMwareUplinkPortOrderPolicy | undefined;
};
export type VsanHostDecommissionMode = {
  $type: string;
  objectAction: string;
};
export type WaitOptions = {
  $type: string;
  maxWaitSeconds?: number | undefined;
  maxObjectUpdates?: number | undefined;
};

/** Shapes by name, for `isA`. */
export interface Shapes {
  ArrayUpdateSpec: ArrayUpdateSpec;
  BoolPolicy: BoolPolicy;
  ClusterConfigSpec: ClusterConfigSpec;
  ClusterDasAdmissionControlPolicy: ClusterDasAdmissionControlPolicy;
  ClusterDasConfigInfo: ClusterDasConfigInfo;
  ClusterDasVmConfigInfo: ClusterDasVmConfigInfo;
  ClusterDasVmConfigSpec: ClusterDasVmConfigSpec;
  ClusterDasVmSettings: ClusterDasVmSettings;
  ClusterDrsConfigInfo: ClusterDrsConfigInfo;
  ClusterDrsVmConfigInfo: ClusterDrsVmConfigInfo;
  ClusterDrsVmConfigSpec: ClusterDrsVmConfigSpec;
  ClusterRuleInfo: ClusterRuleInfo;
  ClusterRuleSpec: ClusterRuleSpec;
  ClusterVmComponentProtectionSettings: ClusterVmComponentProtectionSettings;
  ClusterVmToolsMonitoringSettings: ClusterVmToolsMonitoringSettings;
  ComputeResourceConfigSpec: ComputeResourceConfigSpec;
  ComputeResourceHostSeedSpec: ComputeResourceHostSeedSpec;
  ComputeResourceHostSeedSpecSingleHostSpec: ComputeResourceHostSeedSpecSingleHostSpec;
  CryptoKeyId: CryptoKeyId;
  CryptoSpec: CryptoSpec;
  CustomizationAdapterMapping: CustomizationAdapterMapping;
  CustomizationGlobalIPSettings: CustomizationGlobalIPSettings;
  CustomizationIPSettings: CustomizationIPSettings;
  CustomizationIPSettingsIpV6AddressSpec: CustomizationIPSettingsIpV6AddressSpec;
  CustomizationIdentitySettings: CustomizationIdentitySettings;
  CustomizationIpGenerator: CustomizationIpGenerator;
  CustomizationIpV6Generator: CustomizationIpV6Generator;
  CustomizationOptions: CustomizationOptions;
  CustomizationSpec: CustomizationSpec;
  DVPortSetting: DVPortSetting;
  DVPortgroupConfigSpec: DVPortgroupConfigSpec;
  DVPortgroupNsxConfig: DVPortgroupNsxConfig;
  DVPortgroupNsxSubnetAddressInfo: DVPortgroupNsxSubnetAddressInfo;
  DVPortgroupPolicy: DVPortgroupPolicy;
  DVSFailureCriteria: DVSFailureCriteria;
  DVSMacLearningPolicy: DVSMacLearningPolicy;
  DVSMacManagementPolicy: DVSMacManagementPolicy;
  DVSSecurityPolicy: DVSSecurityPolicy;
  DVSTrafficShapingPolicy: DVSTrafficShapingPolicy;
  DVSVendorSpecificConfig: DVSVendorSpecificConfig;
  Description: Description;
  DesiredSoftwareSpec: DesiredSoftwareSpec;
  DesiredSoftwareSpecBaseImageSpec: DesiredSoftwareSpecBaseImageSpec;
  DesiredSoftwareSpecComponentSpec: DesiredSoftwareSpecComponentSpec;
  DesiredSoftwareSpecVendorAddOnSpec: DesiredSoftwareSpecVendorAddOnSpec;
  DistributedVirtualSwitchHostMemberBacking: DistributedVirtualSwitchHostMemberBacking;
  DistributedVirtualSwitchHostMemberPnicBacking: DistributedVirtualSwitchHostMemberPnicBacking;
  DistributedVirtualSwitchHostMemberPnicSpec: DistributedVirtualSwitchHostMemberPnicSpec;
  DistributedVirtualSwitchKeyedOpaqueBlob: DistributedVirtualSwitchKeyedOpaqueBlob;
  DistributedVirtualSwitchPortConnection: DistributedVirtualSwitchPortConnection;
  DvsAcceptNetworkRuleAction: DvsAcceptNetworkRuleAction;
  DvsCopyNetworkRuleAction: DvsCopyNetworkRuleAction;
  DvsDropNetworkRuleAction: DvsDropNetworkRuleAction;
  DvsFilterConfig: DvsFilterConfig;
  DvsFilterConfigSpec: DvsFilterConfigSpec;
  DvsFilterParameter: DvsFilterParameter;
  DvsFilterPolicy: DvsFilterPolicy;
  DvsGreEncapNetworkRuleAction: DvsGreEncapNetworkRuleAction;
  DvsIpNetworkRuleQualifier: DvsIpNetworkRuleQualifier;
  DvsIpPort: DvsIpPort;
  DvsIpPortRange: DvsIpPortRange;
  DvsLogNetworkRuleAction: DvsLogNetworkRuleAction;
  DvsMacNetworkRuleQualifier: DvsMacNetworkRuleQualifier;
  DvsMacRewriteNetworkRuleAction: DvsMacRewriteNetworkRuleAction;
  DvsNetworkRuleAction: DvsNetworkRuleAction;
  DvsNetworkRuleQualifier: DvsNetworkRuleQualifier;
  DvsPuntNetworkRuleAction: DvsPuntNetworkRuleAction;
  DvsRateLimitNetworkRuleAction: DvsRateLimitNetworkRuleAction;
  DvsSingleIpPort: DvsSingleIpPort;
  DvsSystemTrafficNetworkRuleQualifier: DvsSystemTrafficNetworkRuleQualifier;
  DvsTrafficFilterConfig: DvsTrafficFilterConfig;
  DvsTrafficFilterConfigSpec: DvsTrafficFilterConfigSpec;
  DvsTrafficRule: DvsTrafficRule;
  DvsTrafficRuleset: DvsTrafficRuleset;
  DvsUpdateTagNetworkRuleAction: DvsUpdateTagNetworkRuleAction;
  EventFilterSpec: EventFilterSpec;
  EventFilterSpecByEntity: EventFilterSpecByEntity;
  EventFilterSpecByTime: EventFilterSpecByTime;
  EventFilterSpecByUsername: EventFilterSpecByUsername;
  EventManagerEventViewSpec: EventManagerEventViewSpec;
  FaultToleranceConfigInfo: FaultToleranceConfigInfo;
  FileQuery: FileQuery;
  FileQueryFlags: FileQueryFlags;
  HostAccountSpec: HostAccountSpec;
  HostConnectSpec: HostConnectSpec;
  HostCpuIdInfo: HostCpuIdInfo;
  HostDatastoreBrowserSearchSpec: HostDatastoreBrowserSearchSpec;
  HostDateTimeConfig: HostDateTimeConfig;
  HostDhcpServiceConfig: HostDhcpServiceConfig;
  HostDhcpServiceSpec: HostDhcpServiceSpec;
  HostDnsConfig: HostDnsConfig;
  HostFirewallRulesetIpList: HostFirewallRulesetIpList;
  HostFirewallRulesetIpNetwork: HostFirewallRulesetIpNetwork;
  HostFirewallRulesetRulesetSpec: HostFirewallRulesetRulesetSpec;
  HostGatewaySpec: HostGatewaySpec;
  HostIpConfig: HostIpConfig;
  HostIpConfigIpV6Address: HostIpConfigIpV6Address;
  HostIpConfigIpV6AddressConfiguration: HostIpConfigIpV6AddressConfiguration;
  HostIpRouteConfig: HostIpRouteConfig;
  HostIpRouteEntry: HostIpRouteEntry;
  HostIpRouteOp: HostIpRouteOp;
  HostIpRouteTableConfig: HostIpRouteTableConfig;
  HostMaintenanceSpec: HostMaintenanceSpec;
  HostMaintenanceSpecEvacuationMode: HostMaintenanceSpecEvacuationMode;
  HostNasVolumeSpec: HostNasVolumeSpec;
  HostNatServiceConfig: HostNatServiceConfig;
  HostNatServiceNameServiceSpec: HostNatServiceNameServiceSpec;
  HostNatServicePortForwardSpec: HostNatServicePortForwardSpec;
  HostNatServiceSpec: HostNatServiceSpec;
  HostNetOffloadCapabilities: HostNetOffloadCapabilities;
  HostNetStackInstance: HostNetStackInstance;
  HostNetworkConfig: HostNetworkConfig;
  HostNetworkConfigNetStackSpec: HostNetworkConfigNetStackSpec;
  HostNetworkPolicy: HostNetworkPolicy;
  HostNetworkSecurityPolicy: HostNetworkSecurityPolicy;
  HostNetworkTrafficShapingPolicy: HostNetworkTrafficShapingPolicy;
  HostNicFailureCriteria: HostNicFailureCriteria;
  HostNicOrderPolicy: HostNicOrderPolicy;
  HostNicTeamingPolicy: HostNicTeamingPolicy;
  HostNtpConfig: HostNtpConfig;
  HostPortGroupConfig: HostPortGroupConfig;
  HostPortGroupSpec: HostPortGroupSpec;
  HostProxySwitchConfig: HostProxySwitchConfig;
  HostProxySwitchSpec: HostProxySwitchSpec;
  HostPtpConfig: HostPtpConfig;
  HostPtpConfigPtpPort: HostPtpConfigPtpPort;
  HostVirtualNicConfig: HostVirtualNicConfig;
  HostVirtualNicIpRouteSpec: HostVirtualNicIpRouteSpec;
  HostVirtualNicOpaqueNetworkSpec: HostVirtualNicOpaqueNetworkSpec;
  HostVirtualNicSpec: HostVirtualNicSpec;
  HostVirtualSwitchAutoBridge: HostVirtualSwitchAutoBridge;
  HostVirtualSwitchBeaconConfig: HostVirtualSwitchBeaconConfig;
  HostVirtualSwitchBondBridge: HostVirtualSwitchBondBridge;
  HostVirtualSwitchBridge: HostVirtualSwitchBridge;
  HostVirtualSwitchConfig: HostVirtualSwitchConfig;
  HostVirtualSwitchSimpleBridge: HostVirtualSwitchSimpleBridge;
  HostVirtualSwitchSpec: HostVirtualSwitchSpec;
  ID: ID;
  InheritablePolicy: InheritablePolicy;
  IntExpression: IntExpression;
  IntPolicy: IntPolicy;
  IpAddress: IpAddress;
  KeyAnyValue: KeyAnyValue;
  KeyProviderId: KeyProviderId;
  KeyValue: KeyValue;
  LatencySensitivity: LatencySensitivity;
  LinkDiscoveryProtocolConfig: LinkDiscoveryProtocolConfig;
  LocalizableMessage: LocalizableMessage;
  LocalizedMethodFault: LocalizedMethodFault;
  LongPolicy: LongPolicy;
  MacAddress: MacAddress;
  ManagedByInfo: ManagedByInfo;
  MethodFault: MethodFault;
  NegatableExpression: NegatableExpression;
  NumericRange: NumericRange;
  ObjectSpec: ObjectSpec;
  OptionValue: OptionValue;
  ParaVirtualSCSIController: ParaVirtualSCSIController;
  Permission: Permission;
  PhysicalNicConfig: PhysicalNicConfig;
  PhysicalNicLinkInfo: PhysicalNicLinkInfo;
  PhysicalNicSpec: PhysicalNicSpec;
  PlacementSpec: PlacementSpec;
  PropertyFilterSpec: PropertyFilterSpec;
  PropertySpec: PropertySpec;
  ReplicationConfigSpec: ReplicationConfigSpec;
  ReplicationInfoDiskSettings: ReplicationInfoDiskSettings;
  ResourceAllocationInfo: ResourceAllocationInfo;
  ResourceConfigSpec: ResourceConfigSpec;
  RetrieveOptions: RetrieveOptions;
  ScheduledHardwareUpgradeInfo: ScheduledHardwareUpgradeInfo;
  SelectionSpec: SelectionSpec;
  ServiceLocator: ServiceLocator;
  ServiceLocatorCredential: ServiceLocatorCredential;
  SharesInfo: SharesInfo;
  SingleIp: SingleIp;
  SnapshotSelectionSpec: SnapshotSelectionSpec;
  StorageIOAllocationInfo: StorageIOAllocationInfo;
  StringExpression: StringExpression;
  StringPolicy: StringPolicy;
  TagId: TagId;
  TagIdNameId: TagIdNameId;
  TagSpec: TagSpec;
  TaskFilterSpec: TaskFilterSpec;
  TaskFilterSpecByEntity: TaskFilterSpecByEntity;
  TaskFilterSpecByTime: TaskFilterSpecByTime;
  TaskFilterSpecByUsername: TaskFilterSpecByUsername;
  ToolsConfigInfo: ToolsConfigInfo;
  ToolsConfigInfoToolsLastInstallInfo: ToolsConfigInfoToolsLastInstallInfo;
  TraversalSpec: TraversalSpec;
  VAppIPAssignmentInfo: VAppIPAssignmentInfo;
  VAppOvfSectionInfo: VAppOvfSectionInfo;
  VAppOvfSectionSpec: VAppOvfSectionSpec;
  VAppProductInfo: VAppProductInfo;
  VAppProductSpec: VAppProductSpec;
  VAppPropertyInfo: VAppPropertyInfo;
  VAppPropertySpec: VAppPropertySpec;
  VMwareDVSPortSetting: VMwareDVSPortSetting;
  VMwareDVSPortgroupPolicy: VMwareDVSPortgroupPolicy;
  VMwareUplinkLacpPolicy: VMwareUplinkLacpPolicy;
  VMwareUplinkPortOrderPolicy: VMwareUplinkPortOrderPolicy;
  VirtualAHCIController: VirtualAHCIController;
  VirtualBusLogicController: VirtualBusLogicController;
  VirtualCdrom: VirtualCdrom;
  VirtualCdromAtapiBackingInfo: VirtualCdromAtapiBackingInfo;
  VirtualCdromIsoBackingInfo: VirtualCdromIsoBackingInfo;
  VirtualCdromPassthroughBackingInfo: VirtualCdromPassthroughBackingInfo;
  VirtualCdromRemoteAtapiBackingInfo: VirtualCdromRemoteAtapiBackingInfo;
  VirtualCdromRemotePassthroughBackingInfo: VirtualCdromRemotePassthroughBackingInfo;
  VirtualController: VirtualController;
  VirtualDevice: VirtualDevice;
  VirtualDeviceBackingInfo: VirtualDeviceBackingInfo;
  VirtualDeviceBusSlotInfo: VirtualDeviceBusSlotInfo;
  VirtualDeviceConfigSpec: VirtualDeviceConfigSpec;
  VirtualDeviceConfigSpecBackingSpec: VirtualDeviceConfigSpecBackingSpec;
  VirtualDeviceConnectInfo: VirtualDeviceConnectInfo;
  VirtualDeviceDeviceBackingInfo: VirtualDeviceDeviceBackingInfo;
  VirtualDeviceDeviceGroupInfo: VirtualDeviceDeviceGroupInfo;
  VirtualDeviceFileBackingInfo: VirtualDeviceFileBackingInfo;
  VirtualDevicePciBusSlotInfo: VirtualDevicePciBusSlotInfo;
  VirtualDevicePipeBackingInfo: VirtualDevicePipeBackingInfo;
  VirtualDeviceRemoteDeviceBackingInfo: VirtualDeviceRemoteDeviceBackingInfo;
  VirtualDeviceURIBackingInfo: VirtualDeviceURIBackingInfo;
  VirtualDisk: VirtualDisk;
  VirtualDiskConfigSpec: VirtualDiskConfigSpec;
  VirtualDiskFlatVer1BackingInfo: VirtualDiskFlatVer1BackingInfo;
  VirtualDiskFlatVer2BackingInfo: VirtualDiskFlatVer2BackingInfo;
  VirtualDiskLocalPMemBackingInfo: VirtualDiskLocalPMemBackingInfo;
  VirtualDiskPartitionedRawDiskVer2BackingInfo: VirtualDiskPartitionedRawDiskVer2BackingInfo;
  VirtualDiskRawDiskMappingVer1BackingInfo: VirtualDiskRawDiskMappingVer1BackingInfo;
  VirtualDiskRawDiskVer2BackingInfo: VirtualDiskRawDiskVer2BackingInfo;
  VirtualDiskSeSparseBackingInfo: VirtualDiskSeSparseBackingInfo;
  VirtualDiskSparseVer1BackingInfo: VirtualDiskSparseVer1BackingInfo;
  VirtualDiskSparseVer2BackingInfo: VirtualDiskSparseVer2BackingInfo;
  VirtualDiskSpec: VirtualDiskSpec;
  VirtualDiskVFlashCacheConfigInfo: VirtualDiskVFlashCacheConfigInfo;
  VirtualE1000: VirtualE1000;
  VirtualE1000e: VirtualE1000e;
  VirtualEnsoniq1371: VirtualEnsoniq1371;
  VirtualEthernetCard: VirtualEthernetCard;
  VirtualEthernetCardDistributedVirtualPortBackingInfo: VirtualEthernetCardDistributedVirtualPortBackingInfo;
  VirtualEthernetCardLegacyNetworkBackingInfo: VirtualEthernetCardLegacyNetworkBackingInfo;
  VirtualEthernetCardNetworkBackingInfo: VirtualEthernetCardNetworkBackingInfo;
  VirtualEthernetCardOpaqueNetworkBackingInfo: VirtualEthernetCardOpaqueNetworkBackingInfo;
  VirtualEthernetCardResourceAllocation: VirtualEthernetCardResourceAllocation;
  VirtualFloppy: VirtualFloppy;
  VirtualFloppyDeviceBackingInfo: VirtualFloppyDeviceBackingInfo;
  VirtualFloppyImageBackingInfo: VirtualFloppyImageBackingInfo;
  VirtualFloppyRemoteDeviceBackingInfo: VirtualFloppyRemoteDeviceBackingInfo;
  VirtualHdAudioCard: VirtualHdAudioCard;
  VirtualIDEController: VirtualIDEController;
  VirtualKeyboard: VirtualKeyboard;
  VirtualLsiLogicController: VirtualLsiLogicController;
  VirtualLsiLogicSASController: VirtualLsiLogicSASController;
  VirtualMachineAffinityInfo: VirtualMachineAffinityInfo;
  VirtualMachineBaseIndependentFilterSpec: VirtualMachineBaseIndependentFilterSpec;
  VirtualMachineBootOptions: VirtualMachineBootOptions;
  VirtualMachineBootOptionsBootableDevice: VirtualMachineBootOptionsBootableDevice;
  VirtualMachineCloneSpec: VirtualMachineCloneSpec;
  VirtualMachineConfigSpec: VirtualMachineConfigSpec;
  VirtualMachineConsolePreferences: VirtualMachineConsolePreferences;
  VirtualMachineCpuIdInfoSpec: VirtualMachineCpuIdInfoSpec;
  VirtualMachineDefaultPowerOpInfo: VirtualMachineDefaultPowerOpInfo;
  VirtualMachineFileInfo: VirtualMachineFileInfo;
  VirtualMachineFlagInfo: VirtualMachineFlagInfo;
  VirtualMachineGuestMonitoringModeInfo: VirtualMachineGuestMonitoringModeInfo;
  VirtualMachineInstantCloneSpec: VirtualMachineInstantCloneSpec;
  VirtualMachineNetworkShaperInfo: VirtualMachineNetworkShaperInfo;
  VirtualMachineProfileSpec: VirtualMachineProfileSpec;
  VirtualMachineRelocateSpec: VirtualMachineRelocateSpec;
  VirtualMachineRelocateSpecDiskLocator: VirtualMachineRelocateSpecDiskLocator;
  VirtualMachineRelocateSpecDiskLocatorBackingSpec: VirtualMachineRelocateSpecDiskLocatorBackingSpec;
  VirtualMachineSgxInfo: VirtualMachineSgxInfo;
  VirtualMachineVMCIDevice: VirtualMachineVMCIDevice;
  VirtualMachineVMCIDeviceFilterInfo: VirtualMachineVMCIDeviceFilterInfo;
  VirtualMachineVMCIDeviceFilterSpec: VirtualMachineVMCIDeviceFilterSpec;
  VirtualMachineVMIROM: VirtualMachineVMIROM;
  VirtualMachineVcpuConfig: VirtualMachineVcpuConfig;
  VirtualMachineVideoCard: VirtualMachineVideoCard;
  VirtualMachineVirtualDeviceGroups: VirtualMachineVirtualDeviceGroups;
  VirtualMachineVirtualDeviceGroupsDeviceGroup: VirtualMachineVirtualDeviceGroupsDeviceGroup;
  VirtualMachineVirtualDeviceSwap: VirtualMachineVirtualDeviceSwap;
  VirtualMachineVirtualDeviceSwapDeviceSwapInfo: VirtualMachineVirtualDeviceSwapDeviceSwapInfo;
  VirtualMachineVirtualNuma: VirtualMachineVirtualNuma;
  VirtualMachineVirtualPMem: VirtualMachineVirtualPMem;
  VirtualNVDIMM: VirtualNVDIMM;
  VirtualNVDIMMBackingInfo: VirtualNVDIMMBackingInfo;
  VirtualNVDIMMController: VirtualNVDIMMController;
  VirtualNVMEController: VirtualNVMEController;
  VirtualPCIController: VirtualPCIController;
  VirtualPCIPassthrough: VirtualPCIPassthrough;
  VirtualPCIPassthroughAllowedDevice: VirtualPCIPassthroughAllowedDevice;
  VirtualPCIPassthroughDeviceBackingInfo: VirtualPCIPassthroughDeviceBackingInfo;
  VirtualPCIPassthroughDvxBackingInfo: VirtualPCIPassthroughDvxBackingInfo;
  VirtualPCIPassthroughDynamicBackingInfo: VirtualPCIPassthroughDynamicBackingInfo;
  VirtualPCIPassthroughPluginBackingInfo: VirtualPCIPassthroughPluginBackingInfo;
  VirtualPCIPassthroughVmiopBackingInfo: VirtualPCIPassthroughVmiopBackingInfo;
  VirtualPCNet32: VirtualPCNet32;
  VirtualPS2Controller: VirtualPS2Controller;
  VirtualParallelPort: VirtualParallelPort;
  VirtualParallelPortDeviceBackingInfo: VirtualParallelPortDeviceBackingInfo;
  VirtualParallelPortFileBackingInfo: VirtualParallelPortFileBackingInfo;
  VirtualPointingDevice: VirtualPointingDevice;
  VirtualPointingDeviceDeviceBackingInfo: VirtualPointingDeviceDeviceBackingInfo;
  VirtualPrecisionClock: VirtualPrecisionClock;
  VirtualPrecisionClockSystemClockBackingInfo: VirtualPrecisionClockSystemClockBackingInfo;
  VirtualSATAController: VirtualSATAController;
  VirtualSCSIController: VirtualSCSIController;
  VirtualSCSIPassthrough: VirtualSCSIPassthrough;
  VirtualSCSIPassthroughDeviceBackingInfo: VirtualSCSIPassthroughDeviceBackingInfo;
  VirtualSIOController: VirtualSIOController;
  VirtualSerialPort: VirtualSerialPort;
  VirtualSerialPortDeviceBackingInfo: VirtualSerialPortDeviceBackingInfo;
  VirtualSerialPortFileBackingInfo: VirtualSerialPortFileBackingInfo;
  VirtualSerialPortPipeBackingInfo: VirtualSerialPortPipeBackingInfo;
  VirtualSerialPortThinPrintBackingInfo: VirtualSerialPortThinPrintBackingInfo;
  VirtualSerialPortURIBackingInfo: VirtualSerialPortURIBackingInfo;
  VirtualSoundBlaster16: VirtualSoundBlaster16;
  VirtualSoundCard: VirtualSoundCard;
  VirtualSoundCardDeviceBackingInfo: VirtualSoundCardDeviceBackingInfo;
  VirtualSriovEthernetCard: VirtualSriovEthernetCard;
  VirtualSriovEthernetCardSriovBackingInfo: VirtualSriovEthernetCardSriovBackingInfo;
  VirtualTPM: VirtualTPM;
  VirtualUSB: VirtualUSB;
  VirtualUSBController: VirtualUSBController;
  VirtualUSBControllerPciBusSlotInfo: VirtualUSBControllerPciBusSlotInfo;
  VirtualUSBRemoteClientBackingInfo: VirtualUSBRemoteClientBackingInfo;
  VirtualUSBRemoteHostBackingInfo: VirtualUSBRemoteHostBackingInfo;
  VirtualUSBUSBBackingInfo: VirtualUSBUSBBackingInfo;
  VirtualUSBXHCIController: VirtualUSBXHCIController;
  VirtualVmxnet: VirtualVmxnet;
  VirtualVmxnet2: VirtualVmxnet2;
  VirtualVmxnet3: VirtualVmxnet3;
  VirtualVmxnet3StrictLatencyConfig: VirtualVmxnet3StrictLatencyConfig;
  VirtualVmxnet3Vrdma: VirtualVmxnet3Vrdma;
  VirtualWDT: VirtualWDT;
  VmConfigSpec: VmConfigSpec;
  VmPlacementPolicy: VmPlacementPolicy;
  VmwareDistributedVirtualSwitchPvlanSpec: VmwareDistributedVirtualSwitchPvlanSpec;
  VmwareDistributedVirtualSwitchTrunkVlanSpec: VmwareDistributedVirtualSwitchTrunkVlanSpec;
  VmwareDistributedVirtualSwitchVlanIdSpec: VmwareDistributedVirtualSwitchVlanIdSpec;
  VmwareDistributedVirtualSwitchVlanSpec: VmwareDistributedVirtualSwitchVlanSpec;
  VmwareUplinkPortTeamingPolicy: VmwareUplinkPortTeamingPolicy;
  VsanHostDecommissionMode: VsanHostDecommissionMode;
  WaitOptions: WaitOptions;
}

/** Arguments of each method, as the strict parser hands them over. */
export interface MethodArguments {
  AcquireCloneTicket: Record<never, never>;
  AddAuthorizationRole: { name: string; privIds?: readonly string[] | undefined; };
  AddDVPortgroup_Task: { spec?: readonly DVPortgroupConfigSpec[] | undefined; };
  AddPortGroup: { portgrp: HostPortGroupSpec; };
  AddVirtualNic: { portgroup: string; nic: HostVirtualNicSpec; };
  AddVirtualSwitch: { vswitchName: string; spec?: HostVirtualSwitchSpec | undefined; };
  AnswerVM: { questionId: string; answerChoice: string; };
  CancelRetrievePropertiesEx: { token: string; };
  CancelTask: Record<never, never>;
  CancelWaitForUpdates: Record<never, never>;
  ChangeLockdownMode: { mode: string; };
  CheckForUpdates: { version?: string | undefined; };
  CloneSession: { cloneTicket: string; };
  CloneVM_Task: { folder: MoRef; name: string; spec: VirtualMachineCloneSpec; };
  ConsolidateVMDisks_Task: Record<never, never>;
  ContinueRetrievePropertiesEx: { token: string; };
  CopyDatastoreFile_Task: { sourceName: string; sourceDatacenter?: MoRef | undefined; destinationName: string; destinationDatacenter?: MoRef | undefined; force?: boolean | undefined; };
  CreateCluster: { name: string; spec: ClusterConfigSpec; };
  CreateCollectorForEvents: { filter: EventFilterSpec; };
  CreateCollectorForTasks: { filter: TaskFilterSpec; };
  CreateContainerView: { container: MoRef; type?: readonly string[] | undefined; recursive: boolean; };
  CreateDVPortgroup_Task: { spec: DVPortgroupConfigSpec; };
  CreateDatacenter: { name: string; };
  CreateFilter: { spec: PropertyFilterSpec; partialUpdates: boolean; };
  CreateFolder: { name: string; };
  CreateListView: { obj?: readonly MoRef[] | undefined; };
  CreateNasDatastore: { spec: HostNasVolumeSpec; };
  CreatePropertyCollector: Record<never, never>;
  CreateResourcePool: { name: string; spec: ResourceConfigSpec; };
  CreateScreenshot_Task: Record<never, never>;
  CreateSnapshot_Task: { name: string; description?: string | undefined; memory: boolean; quiesce: boolean; };
  CreateUser: { user: HostAccountSpec; };
  CreateVM_Task: { config: VirtualMachineConfigSpec; pool: MoRef; host?: MoRef | undefined; };
  CreateVirtualDisk_Task: { name: string; datacenter?: MoRef | undefined; spec: VirtualDiskSpec; };
  CurrentTime: Record<never, never>;
  DeleteDatastoreFile_Task: { name: string; datacenter?: MoRef | undefined; };
  DeleteFile: { datastorePath: string; };
  DeleteVirtualDisk_Task: { name: string; datacenter?: MoRef | undefined; };
  DestroyCollector: Record<never, never>;
  DestroyDatastore: Record<never, never>;
  DestroyPropertyCollector: Record<never, never>;
  DestroyPropertyFilter: Record<never, never>;
  DestroyView: Record<never, never>;
  Destroy_Task: Record<never, never>;
  DisableRuleset: { id: string; };
  EnableRuleset: { id: string; };
  EnterMaintenanceMode_Task: { timeout: number; evacuatePoweredOffVms?: boolean | undefined; maintenanceSpec?: HostMaintenanceSpec | undefined; };
  ExitMaintenanceMode_Task: { timeout: number; };
  ExtendVirtualDisk_Task: { name: string; datacenter?: MoRef | undefined; newCapacityKb: number; eagerZero?: boolean | undefined; };
  FetchUserPrivilegeOnEntities: { entities?: readonly MoRef[] | undefined; userName: string; };
  FindAllByDnsName: { datacenter?: MoRef | undefined; dnsName: string; vmSearch: boolean; };
  FindAllByIp: { datacenter?: MoRef | undefined; ip: string; vmSearch: boolean; };
  FindAllByUuid: { datacenter?: MoRef | undefined; uuid: string; vmSearch: boolean; instanceUuid?: boolean | undefined; };
  FindByDatastorePath: { datacenter: MoRef; path: string; };
  FindByDnsName: { datacenter?: MoRef | undefined; dnsName: string; vmSearch: boolean; };
  FindByInventoryPath: { inventoryPath: string; };
  FindByIp: { datacenter?: MoRef | undefined; ip: string; vmSearch: boolean; };
  FindByUuid: { datacenter?: MoRef | undefined; uuid: string; vmSearch: boolean; instanceUuid?: boolean | undefined; };
  FindChild: { entity: MoRef; name: string; };
  HasPrivilegeOnEntities: { entity?: readonly MoRef[] | undefined; sessionId: string; privId?: readonly string[] | undefined; };
  HasPrivilegeOnEntity: { entity: MoRef; sessionId: string; privId?: readonly string[] | undefined; };
  ImpersonateUser: { userName: string; locale?: string | undefined; };
  InstantClone_Task: { spec: VirtualMachineInstantCloneSpec; };
  Login: { userName: string; password: string; locale?: string | undefined; };
  Logout: Record<never, never>;
  MakeDirectory: { name: string; datacenter?: MoRef | undefined; createParentDirectories?: boolean | undefined; };
  MarkAsTemplate: Record<never, never>;
  MarkAsVirtualMachine: { pool: MoRef; host?: MoRef | undefined; };
  MigrateVM_Task: { pool?: MoRef | undefined; host?: MoRef | undefined; priority: string; state?: string | undefined; };
  ModifyListView: { add?: readonly MoRef[] | undefined; remove?: readonly MoRef[] | undefined; };
  MoveDatastoreFile_Task: { sourceName: string; sourceDatacenter?: MoRef | undefined; destinationName: string; destinationDatacenter?: MoRef | undefined; force?: boolean | undefined; };
  MoveIntoFolder_Task: { list?: readonly MoRef[] | undefined; };
  PlaceVm: { placementSpec: PlacementSpec; };
  PowerOffVM_Task: Record<never, never>;
  PowerOnMultiVM_Task: { vm?: readonly MoRef[] | undefined; option?: readonly OptionValue[] | undefined; };
  PowerOnVM_Task: { host?: MoRef | undefined; };
  QueryConfigOption: { key?: string | undefined; host?: MoRef | undefined; };
  QueryConfigOptionDescriptor: Record<never, never>;
  QueryConfigTarget: { host?: MoRef | undefined; };
  QueryDateTime: Record<never, never>;
  QueryEvents: { filter: EventFilterSpec; eventViewSpec?: EventManagerEventViewSpec | undefined; };
  QueryHostConnectionInfo: Record<never, never>;
  QueryLockdownExceptions: Record<never, never>;
  QueryOptions: { name?: string | undefined; };
  QueryVirtualDiskUuid: { name: string; datacenter?: MoRef | undefined; };
  ReadNextEvents: { maxCount: number; };
  ReadNextTasks: { maxCount: number; };
  ReadPreviousEvents: { maxCount: number; };
  RebootGuest: Record<never, never>;
  ReconfigVM_Task: { spec: VirtualMachineConfigSpec; };
  ReconfigureComputeResource_Task: { spec: ComputeResourceConfigSpec; modify: boolean; };
  ReconfigureDVPortgroup_Task: { spec: DVPortgroupConfigSpec; };
  RefreshDatastore: Record<never, never>;
  RefreshDatastoreStorageInfo: Record<never, never>;
  RefreshDateTimeSystem: Record<never, never>;
  RefreshFirewall: Record<never, never>;
  RefreshNetworkSystem: Record<never, never>;
  RefreshServices: Record<never, never>;
  RefreshStorageSystem: Record<never, never>;
  RegisterVM_Task: { path: string; name?: string | undefined; asTemplate: boolean; pool?: MoRef | undefined; host?: MoRef | undefined; };
  Reload: Record<never, never>;
  RelocateVM_Task: { spec: VirtualMachineRelocateSpec; priority?: string | undefined; };
  RemoveAllSnapshots_Task: { consolidate?: boolean | undefined; spec?: SnapshotSelectionSpec | undefined; };
  RemoveAuthorizationRole: { roleId: number; failIfUsed: boolean; };
  RemoveDatastore: { datastore: MoRef; };
  RemoveDatastoreEx_Task: { datastore?: readonly MoRef[] | undefined; };
  RemoveEntityPermission: { entity: MoRef; user: string; isGroup: boolean; };
  RemovePortGroup: { pgName: string; };
  RemoveSnapshot_Task: { removeChildren: boolean; consolidate?: boolean | undefined; };
  RemoveUser: { userName: string; };
  RemoveVirtualNic: { device: string; };
  RemoveVirtualSwitch: { vswitchName: string; };
  RenameDatastore: { newName: string; };
  RenameSnapshot: { name?: string | undefined; description?: string | undefined; };
  Rename_Task: { newName: string; };
  RescanAllHba: Record<never, never>;
  RescanVmfs: Record<never, never>;
  ResetEntityPermissions: { entity: MoRef; permission?: readonly Permission[] | undefined; };
  ResetListView: { obj?: readonly MoRef[] | undefined; };
  ResetVM_Task: Record<never, never>;
  RestartService: { id: string; };
  RetrieveAllPermissions: Record<never, never>;
  RetrieveEntityPermissions: { entity: MoRef; inherited: boolean; };
  RetrieveProperties: { specSet?: readonly PropertyFilterSpec[] | undefined; };
  RetrievePropertiesEx: { specSet?: readonly PropertyFilterSpec[] | undefined; options: RetrieveOptions; };
  RetrieveRolePermissions: { roleId: number; };
  RetrieveServiceContent: Record<never, never>;
  RetrieveUserGroups: { domain?: string | undefined; searchStr: string; belongsToGroup?: string | undefined; belongsToUser?: string | undefined; exactMatch: boolean; findUsers: boolean; findGroups: boolean; };
  RevertToCurrentSnapshot_Task: { host?: MoRef | undefined; suppressPowerOn?: boolean | undefined; };
  RevertToSnapshot_Task: { host?: MoRef | undefined; suppressPowerOn?: boolean | undefined; };
  RewindCollector: Record<never, never>;
  SearchDatastoreSubFolders_Task: { datastorePath: string; searchSpec?: HostDatastoreBrowserSearchSpec | undefined; };
  SearchDatastore_Task: { datastorePath: string; searchSpec?: HostDatastoreBrowserSearchSpec | undefined; };
  SessionIsActive: { sessionID: string; userName: string; };
  SetCollectorPageSize: { maxCount: number; };
  SetEntityPermissions: { entity: MoRef; permission?: readonly Permission[] | undefined; };
  ShutdownGuest: Record<never, never>;
  StartService: { id: string; };
  StopService: { id: string; };
  SuspendVM_Task: Record<never, never>;
  TerminateSession: { sessionId?: readonly string[] | undefined; };
  UnregisterVM: Record<never, never>;
  UpdateAuthorizationRole: { roleId: number; newName: string; privIds?: readonly string[] | undefined; };
  UpdateConsoleIpRouteConfig: { config: HostIpRouteConfig; };
  UpdateDateTimeConfig: { config: HostDateTimeConfig; };
  UpdateDnsConfig: { config: HostDnsConfig; };
  UpdateIpRouteConfig: { config: HostIpRouteConfig; };
  UpdateIpRouteTableConfig: { config: HostIpRouteTableConfig; };
  UpdateLockdownExceptions: { users?: readonly string[] | undefined; };
  UpdateNetworkConfig: { config: HostNetworkConfig; changeMode: string; };
  UpdateOptions: { changedValue?: readonly OptionValue[] | undefined; };
  UpdatePortGroup: { pgName: string; portgrp: HostPortGroupSpec; };
  UpdateRuleset: { id: string; spec: HostFirewallRulesetRulesetSpec; };
  UpdateServicePolicy: { id: string; policy: string; };
  UpdateUser: { user: HostAccountSpec; };
  UpdateVirtualNic: { device: string; nic: HostVirtualNicSpec; };
  UpdateVirtualSwitch: { vswitchName: string; spec: HostVirtualSwitchSpec; };
  UpgradeVM_Task: { version?: string | undefined; };
  WaitForUpdates: { version?: string | undefined; };
  WaitForUpdatesEx: { version?: string | undefined; options?: WaitOptions | undefined; };
}
