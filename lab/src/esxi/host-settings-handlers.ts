import type { Call, Handlers } from '../vim25/endpoint.ts';
import { invalidArgument, VimFault } from '../vim25/fault.ts';
import { isAny } from '../vim25/value.ts';
import { describeOptions } from './host-settings.ts';
import { ownerOf } from './host.ts';
import type { House } from './house.ts';
import { isInUseOn } from './datastore-use.ts';

export function hostSettingsHandlers(house: House): Handlers {
  const { endpoint } = house;
  const settingsOf = (call: Call) => ownerOf(house, call.self.ref).settings;

  const changed = (call: Call, isChanged: boolean) => {
    endpoint.objects.touch(call.self.ref, ownerOf(house, call.self.ref).ref);
    endpoint.record(call, isChanged);
  };
  const service = (call: Call, id: string) => {
    const found = settingsOf(call).services.get(id);
    if (!found) throw new VimFault('NotFound', {}, `There is no service ${id}.`);
    return found;
  };
  const ruleset = (call: Call, id: string) => {
    const found = settingsOf(call).rulesets.get(id);
    if (!found) throw new VimFault('NotFound', {}, `There is no ruleset ${id}.`);
    return found;
  };
  const run = (call: Call, id: string, isRunning: boolean) => {
    const found = service(call, id);
    const isChanged = found.isRunning !== isRunning;
    found.isRunning = isRunning;
    changed(call, isChanged);
  };
  const enable = (call: Call, id: string, isEnabled: boolean) => {
    const found = ruleset(call, id);
    const isChanged = found.isEnabled !== isEnabled;
    found.isEnabled = isEnabled;
    changed(call, isChanged);
  };

  return {
    QueryOptions: (call, { name }) => {
      const found = describeOptions(settingsOf(call), name);
      if (found.length === 0) throw new VimFault('InvalidName', { name: name ?? '' }, `There is no option ${name}.`);
      return found;
    },
    UpdateOptions: (call, { changedValue = [] }) => {
      const { options } = settingsOf(call);
      let isChanged = false;
      for (const { key, value } of changedValue) {
        const known = options.get(key);
        if (!known) throw new VimFault('InvalidName', { name: key }, `There is no option ${key}.`);
        // An integer option takes xsd:long and nothing else; hostd says so in these words.
        if (!isAny(value) || value.xsi !== `xsd:${known.type}`) throw invalidArgument(`changedValue.${key}`);
        // The strict parser has made a scalar of exactly the type that was just checked.
        const scalar = value.value as string | number | boolean;
        isChanged ||= known.value !== scalar;
        options.set(key, { ...known, value: scalar });
      }
      changed(call, isChanged);
    },
    StartService: (call, { id }) => run(call, id, true),
    RestartService: (call, { id }) => run(call, id, true),
    StopService: (call, { id }) => run(call, id, false),
    RefreshServices: () => undefined,
    UpdateServicePolicy: (call, { id, policy }) => {
      if (!['on', 'off', 'automatic'].includes(policy)) throw invalidArgument('policy');
      const found = service(call, id);
      const isChanged = found.policy !== policy;
      found.policy = policy;
      changed(call, isChanged);
    },
    EnableRuleset: (call, { id }) => enable(call, id, true),
    DisableRuleset: (call, { id }) => enable(call, id, false),
    UpdateRuleset: (call, { id, spec }) => {
      const found = ruleset(call, id);
      const before = JSON.stringify(found.allowedHosts);
      found.allowedHosts = spec.allowedHosts;
      changed(call, JSON.stringify(found.allowedHosts) !== before);
    },
    RefreshFirewall: () => undefined,
    QueryDateTime: () => new Date(),
    RefreshDateTimeSystem: () => undefined,
    UpdateDateTimeConfig: (call, { config }) => {
      const settings = settingsOf(call);
      const before = JSON.stringify([settings.timeZone, settings.ntpServers]);
      settings.timeZone = config.timeZone ?? settings.timeZone;
      if (config.ntpConfig) settings.ntpServers = [...(config.ntpConfig.server ?? [])];
      changed(call, JSON.stringify([settings.timeZone, settings.ntpServers]) !== before);
    },
    ChangeLockdownMode: (call, { mode }) => {
      const settings = settingsOf(call);
      const isChanged = settings.lockdownMode !== mode;
      settings.lockdownMode = mode;
      changed(call, isChanged);
    },
    QueryLockdownExceptions: (call) => settingsOf(call).lockdownExceptions,
    UpdateLockdownExceptions: (call, { users = [] }) => {
      const unknown = users.find((user) => !endpoint.sessions.findAccount(user));
      if (unknown !== undefined) {
        throw new VimFault('UserNotFound', { principal: unknown, unresolved: true }, `There is no user ${unknown}.`);
      }
      settingsOf(call).lockdownExceptions = [...users];
      changed(call, true);
    },
    RescanAllHba: () => undefined,
    RescanVmfs: () => undefined,
    RefreshStorageSystem: () => undefined,
    EnterMaintenanceMode_Task: (call) => {
      const host = ownerOf(house, call.self.ref);
      return endpoint.startTask(
        call,
        { entity: host.ref, entityName: host.name, isCancelable: true },
        async (progress) => {
          await progress.spend(2);
          while (isInUseOn(house, host)) await progress.spend(1, 90);
          const isChanged = !host.isInMaintenance;
          host.isInMaintenance = true;
          endpoint.objects.touch(host.ref);
          endpoint.record(call, isChanged, host.name);
          return undefined;
        },
      );
    },
    ExitMaintenanceMode_Task: (call) => {
      const host = ownerOf(house, call.self.ref);
      return endpoint.startTask(call, { entity: host.ref, entityName: host.name }, async (progress) => {
        if (!host.isInMaintenance) throw new VimFault('InvalidState', {}, `${host.name} is not in maintenance mode.`);
        await progress.spend(1);
        host.isInMaintenance = false;
        endpoint.objects.touch(host.ref);
        endpoint.record(call, true, host.name);
        return undefined;
      });
    },
  };
}
