import type { VimObject } from '../vim25/value.ts';

export interface HostService {
  key: string;
  label: string;
  isRunning: boolean;
  policy: string;
}

export interface Ruleset {
  key: string;
  label: string;
  isEnabled: boolean;
  allowedHosts: VimObject;
}

/** A host's advanced options, services, firewall and clock. */
export interface HostSettings {
  options: Map<string, { type: 'long' | 'string' | 'boolean'; value: number | string | boolean }>;
  services: Map<string, HostService>;
  rulesets: Map<string, Ruleset>;
  timeZone: string;
  ntpServers: string[];
  lockdownMode: string;
  lockdownExceptions: string[];
}

const ALL_HOSTS: VimObject = { $type: 'HostFirewallRulesetIpList', allIp: true };

export function defaultSettings(shell: { isOn: boolean }): HostSettings {
  const service = (key: string, label: string, isRunning: boolean): [string, HostService] => [
    key,
    { key, label, isRunning, policy: isRunning ? 'on' : 'off' },
  ];
  const ruleset = (key: string, isEnabled: boolean): [string, Ruleset] => [
    key,
    { key, label: key, isEnabled, allowedHosts: ALL_HOSTS },
  ];
  return {
    options: new Map([
      ['Net.FollowHardwareMac', { type: 'long', value: 1 }],
      ['NFS.MaxVolumes', { type: 'long', value: 32 }],
      ['Net.TcpipHeapSize', { type: 'long', value: 0 }],
      ['UserVars.SuppressShellWarning', { type: 'long', value: 0 }],
      ['UserVars.ESXiShellInteractiveTimeOut', { type: 'long', value: 0 }],
      ['Security.AccountLockFailures', { type: 'long', value: 5 }],
      ['Security.AccountUnlockTime', { type: 'long', value: 900 }],
      ['Syslog.global.logHost', { type: 'string', value: '' }],
      ['Config.HostAgent.plugins.solo.enableMob', { type: 'boolean', value: false }],
    ]),
    services: new Map([
      service('TSM', 'ESXi Shell', shell.isOn),
      service('TSM-SSH', 'SSH', shell.isOn),
      service('ntpd', 'NTP Daemon', false),
      service('DCUI', 'Direct Console UI', true),
      service('vpxa', 'VMware vCenter Agent', false),
    ]),
    rulesets: new Map([
      ruleset('sshServer', shell.isOn),
      ruleset('nfsClient', false),
      ruleset('nfs41Client', false),
      ruleset('webAccess', true),
      ruleset('ntpClient', false),
      ruleset('vSphereClient', true),
    ]),
    timeZone: 'UTC',
    ntpServers: [],
    lockdownMode: 'lockdownDisabled',
    lockdownExceptions: [],
  };
}

export function describeServices(settings: HostSettings): VimObject {
  return {
    $type: 'HostServiceInfo',
    service: [...settings.services.values()].map((service) => ({
      key: service.key,
      label: service.label,
      required: false,
      uninstallable: false,
      running: service.isRunning,
      ruleset: service.key === 'TSM-SSH' ? ['sshServer'] : [],
      policy: service.policy,
    })),
  };
}

export function describeFirewall(settings: HostSettings): VimObject {
  return {
    $type: 'HostFirewallInfo',
    defaultPolicy: { incomingBlocked: true, outgoingBlocked: true },
    ruleset: [...settings.rulesets.values()].map((ruleset) => ({
      key: ruleset.key,
      label: ruleset.label,
      required: false,
      rule: [],
      enabled: ruleset.isEnabled,
      allowedHosts: ruleset.allowedHosts,
    })),
  };
}

export function describeDateTime(settings: HostSettings): VimObject {
  return {
    $type: 'HostDateTimeInfo',
    timeZone: { key: settings.timeZone, name: settings.timeZone, description: settings.timeZone, gmtOffset: 0 },
    systemClockProtocol: 'ntp',
    ntpConfig: { server: settings.ntpServers },
    enabled: true,
  };
}

export function describeOptions(settings: HostSettings, prefix?: string): VimObject[] {
  return [...settings.options]
    .filter(([key]) => prefix === undefined || key === prefix || (prefix.endsWith('.') && key.startsWith(prefix)))
    .map(([key, { type, value }]) => ({ $type: 'OptionValue', key, value: { xsi: `xsd:${type}`, value } }));
}
