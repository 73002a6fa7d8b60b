import { Some, type ExpectedObject } from './differences.ts';
import type { SiteFacts, TargetOutcome } from './outcome.ts';
import { someText, someUuid } from './part.ts';
import { markSecret } from './secret-mark.ts';

/** The account's role while it replicates, and while a machine of a run is on the share (product.md 0, choice 8). */
export const replicationRole = 'Bulkhead replication target';
export const suspendedRole = 'ReadOnly';

type StandingTarget = TargetOutcome & Required<Pick<TargetOutcome, 'management' | 'customer'>>;

/** A new target's host: what the template brings, and what provisioning makes of it. */
export function newNestedHost(site: SiteFacts, target: StandingTarget): ExpectedObject {
  const name = `bh-${target.targetId.replaceAll('_', '-')}`;
  const { userName = '' } = target;
  return {
    endpoint: {
      objects: objectsOf(name),
      groups: [],
      sessions: {
        idleMilliseconds: 1_800_000,
        accounts: {
          // The template's password is known to everybody who has the template.
          root: account('root', 'Administrator', site.templatePassword),
          [userName]: account(userName, someText('a description')),
        },
      },
      authorization: {
        roles: {
          ...systemRoles(),
          [replicationRole]: { name: replicationRole, isSystem: false, privileges: leastPrivileges },
        },
        permissions: {
          'root on Folder ha-folder-root': grant('root', 'Admin'),
          [`${userName} on Folder ha-folder-root`]: grant(userName, replicationRole),
        },
      },
      tasks: { tasks: [], busy: [] },
    },
    datacenter: 'Datacenter ha-datacenter',
    vmFolder: 'Folder vm',
    rootPool: 'ResourcePool Resources',
    hosts: { [name]: host(name, site, target) },
    datastores: {
      Replica: {
        name: 'Replica',
        hosts: [name],
        remote: {
          host: site.storageAddress,
          path: someText('the share’s mount point', new RegExp(`/${target.targetId.replaceAll('_', '-')}/ds0$`)),
        },
      },
    },
    networks: { 'VM Network': { name: 'VM Network', vlanId: 0 } },
    folders: {
      'ha-folder-root': { name: 'ha-folder-root', childType: ['Datacenter'] },
      ...Object.fromEntries(
        Object.entries({
          vm: 'VirtualMachine',
          host: 'ComputeResource',
          datastore: 'Datastore',
          network: 'Network',
        }).map(([folder, type]) => [folder, { name: folder, parent: 'Datacenter ha-datacenter', childType: [type] }]),
      ),
    },
    vms: {},
    maxNfsMounts: 32,
  };
}

function account(name: string, fullName: string | Some, notThis = ''): ExpectedObject {
  const known = markSecret(notThis);
  return { name, fullName, groups: [], password: new Some('a secret of its own', (seen) => seen !== known) };
}

/** What a host's inventory lists: the services of its kind, each once, and what belongs to the host by its name. */
function objectsOf(name: string): ExpectedObject {
  const once =
    'PropertyCollector ViewManager UserDirectory SessionManager AuthorizationManager EventManager TaskManager SearchIndex ' +
    'FileManager VirtualDiskManager HostLocalAccountManager ServiceInstance';
  const ofHost =
    'ComputeResource EnvironmentBrowser HostDatastoreSystem HostNetworkSystem HostServiceSystem HostFirewallSystem ' +
    'HostDateTimeSystem HostStorageSystem HostAccessManager HostSystem';
  return {
    ...Object.fromEntries(once.split(' ').map((type) => [type, { [type]: 1 }])),
    ...Object.fromEntries(ofHost.split(' ').map((type) => [type, { [name]: 1 }])),
    OptionManager: { OptionManager: 1, [name]: 1 },
    Folder: { datastore: 1, 'ha-folder-root': 1, host: 1, network: 1, vm: 1 },
    Datacenter: { 'ha-datacenter': 1 },
    ResourcePool: { Resources: 1 },
    HostDatastoreBrowser: { Replica: 1, [name]: 1 },
    Network: { 'VM Network': 1 },
    Datastore: { Replica: 1 },
  };
}

const grant = (principal: string, role: string): ExpectedObject => ({
  principal,
  isGroup: false,
  propagate: true,
  role,
});

/** vsphere.md 9: enough to replicate; no power-on, no accounts, no rights, no storage, network or services of the host. */
const leastPrivileges = new Some('what replication needs, and no way out of the target', (actual) => {
  const given = Array.isArray(actual) ? actual.map(String) : [];
  const forbidden =
    /^(Authorization|Folder|DVPortgroup|Sessions|Host\.(?!Config\.AdvancedConfig$))|^Datastore\.(Config|Delete|Move|Rename)$|\.(PowerOn|ConsoleInteract)$/;
  const needed = [
    ...['AllocateSpace', 'Browse', 'FileManagement', 'DeleteFile'].map((right) => `Datastore.${right}`),
    ...['Create', 'Register', 'Unregister', 'Delete'].map((right) => `VirtualMachine.Inventory.${right}`),
    ...['CreateSnapshot', 'RemoveSnapshot', 'RevertToSnapshot'].map((right) => `VirtualMachine.State.${right}`),
  ];
  return needed.every((right) => given.includes(right)) && !given.some((right) => forbidden.test(right));
});

function systemRoles(): ExpectedObject {
  const role = (name: string, privileges: ExpectedObject['privileges']) => ({ name, isSystem: true, privileges });
  return {
    NoAccess: role('NoAccess', []),
    Anonymous: role('Anonymous', ['System.Anonymous']),
    View: role('View', ['System.Anonymous', 'System.View']),
    ReadOnly: role('ReadOnly', ['System.Anonymous', 'System.Read', 'System.View']),
    Admin: role(
      'Admin',
      new Some('every privilege', (all) => Array.isArray(all) && all.includes('Host.Config.Network')),
    ),
  };
}

/** Two VMkernel NICs whose MACs are their NICs', routes to single hosts, gateway at the customer's, shells off. */
function host(name: string, site: SiteFacts, { management, customer, ...target }: StandingTarget): ExpectedObject {
  const security = (isOpen: boolean) => ({
    $type: 'HostNetworkPolicy',
    security: {
      $type: 'HostNetworkSecurityPolicy',
      allowPromiscuous: false,
      macChanges: isOpen,
      forgedTransmits: isOpen,
    },
  });
  const switches = [0, 1].map((n) => ({
    name: `vSwitch${n}`,
    uplinks: [`vmnic${n}`],
    mtu: 1500,
    policy: security(true),
  }));
  const vnic = (device: string, portgroup: string, isDhcp: boolean) => ({ device, portgroup, isDhcp, mtu: 1500 });
  return {
    name,
    uuid: someUuid,
    parent: `ComputeResource ${name}`,
    cpuCores: target.cpuCount,
    cpuMhz: 2400,
    memoryBytes: target.memoryBytes,
    isInMaintenance: false,
    connection: 'connected',
    settings: settings(site),
    network: {
      pnics: [management, customer].map(({ mac }, n) => ({ device: `vmnic${n}`, mac })),
      switches,
      portGroups: [
        ...['Management Network', 'VM Network'].map((each) => ({
          name: each,
          vlanId: 0,
          vswitch: 'vSwitch0',
          policy: { $type: 'HostNetworkPolicy' },
        })),
        { name: 'Customer', vlanId: 0, vswitch: 'vSwitch1', policy: security(false) },
      ],
      vnics: [
        {
          ...vnic('vmk0', 'Management Network', true),
          address: management.address,
          prefixLength: site.managementPrefixLength,
          mac: management.mac,
        },
        {
          ...vnic('vmk1', 'Customer', false),
          address: customer.address,
          prefixLength: customer.prefixLength,
          mac: customer.mac,
        },
      ],
      routes: site.infrastructure.map((cidr) => ({
        network: cidr.split('/')[0] ?? cidr,
        prefixLength: Number(cidr.split('/')[1]),
        gateway: site.managementGateway,
      })),
      defaultGateway: customer.gateway,
      dns: {
        isDhcp: false,
        hostName: name,
        domainName: site.domainName,
        servers: [...site.dnsServers],
        searchDomains: [site.domainName],
      },
    },
  };
}

function settings(site: SiteFacts): ExpectedObject {
  const long = (value: number) => ({ type: 'long', value });
  const service = (key: string, label: string, isOn: boolean) => ({
    key,
    label,
    isRunning: isOn,
    policy: isOn ? 'on' : 'off',
  });
  const ruleset = (key: string, isEnabled: boolean) => ({
    key,
    label: key,
    isEnabled,
    allowedHosts: { $type: 'HostFirewallRulesetIpList', allIp: true },
  });
  const byKey = (all: { key: string }[]): ExpectedObject => Object.fromEntries(all.map((each) => [each.key, each]));
  return {
    options: {
      'Net.FollowHardwareMac': long(1),
      'NFS.MaxVolumes': long(32),
      'Net.TcpipHeapSize': long(0),
      'UserVars.SuppressShellWarning': long(0),
      'UserVars.ESXiShellInteractiveTimeOut': long(0),
      'Security.AccountLockFailures': long(5),
      'Security.AccountUnlockTime': long(900),
      'Syslog.global.logHost': { type: 'string', value: '' },
      'Config.HostAgent.plugins.solo.enableMob': { type: 'boolean', value: false },
    },
    services: byKey([
      service('TSM', 'ESXi Shell', false),
      service('TSM-SSH', 'SSH', false),
      service('ntpd', 'NTP Daemon', true),
      service('DCUI', 'Direct Console UI', true),
      service('vpxa', 'VMware vCenter Agent', false),
    ]),
    rulesets: byKey([
      ruleset('sshServer', false),
      ruleset('nfsClient', false),
      ruleset('nfs41Client', false),
      ruleset('webAccess', true),
      ruleset('ntpClient', false),
      ruleset('vSphereClient', true),
    ]),
    timeZone: 'UTC',
    ntpServers: [...site.ntpServers],
    lockdownMode: 'lockdownDisabled',
    lockdownExceptions: [],
  };
}
