import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from 'postgres';

/**
 * Questions to the tables once everything has ended. Each answers with what must not be there, a line for each; what is
 * allowed to last for a moment longer (a row of the engine, a lock) is asked for again.
 */
const questions: Readonly<Record<string, string>> = {
  'an operation has not ended': `
    select id || ' ' || workflow || ' is ' || status as line from operation
    where status not in ('SUCCEEDED', 'FAILED', 'CANCELLED') or finished_at is null`,
  'an event is missing, or was counted and not written': `
    select o.id || ' has ' || count(e.sequence) || ' events, numbers ' || coalesce(min(e.sequence), 0) || ' to '
      || coalesce(max(e.sequence), 0) || ', and counts ' || o.last_sequence as line
    from operation o left join operation_event e on e.operation_id = o.id
    group by o.id having count(e.sequence) <> o.last_sequence or min(e.sequence) <> 1 or max(e.sequence) <> o.last_sequence`,
  'an operation’s log does not end with its end': `
    select o.id || ' ends with ' || e.type as line from operation o
    join operation_event e on e.operation_id = o.id and e.sequence = o.last_sequence
    where e.type <> 'FINISHED'`,
  'a step is still under way': `
    select s.operation_id || ' ' || s.unit || '/' || s.name || ' is ' || s.state as line
    from operation_step s where s.state in ('RUNNING', 'RETRYING')`,
  'an operation succeeded without one of its steps': `
    select s.operation_id || ' ' || s.unit || '/' || s.name || ' is ' || s.state as line
    from operation_step s join operation o on o.id = s.operation_id
    where o.status = 'SUCCEEDED' and s.state = 'PENDING'
      -- Declared for each machine; the last one to leave the share does it for all.
      and s.name not in ('release-mount', 'restore-write-access')
      -- Whoever was left out took no further step.
      and s.unit not in (select id from failover_vm where state in ('SKIPPED', 'BACK'))`,
  'the ledger and the steps disagree': `
    select f.operation_id || ' ' || f.key || ' is ' || f.state || ' in the ledger, its step is ' || s.state as line
    from effect f join operation_step s on s.operation_id = f.operation_id and s.unit || '/' || s.name = f.key
    where (f.state = 'done') <> (s.state = 'SUCCEEDED')`,
  'an effect was begun and never ended': `
    select f.operation_id || ' ' || f.key as line
    from effect f join operation o on o.id = f.operation_id
    left join operation_step s on s.operation_id = f.operation_id and s.unit || '/' || s.name = f.key
    where f.state = 'intent' and o.status = 'SUCCEEDED' and s.state is distinct from 'FAILED'`,
  'the engine has work left': `
    select workflow_uuid || ' ' || name || ' is ' || status as line from dbos.workflow_status
    where status not in ('SUCCESS', 'CANCELLED')`,
  'room is still held': `
    select failover_vm_id || ' on ' || host_name || ' and ' || datastore as line from reservation
    where host_released_at is null or datastore_released_at is null`,
  'a mount is still held': `
    select failover_id || ' ' || target_id || ' on ' || host_ref as line from mount where state = 'HELD'`,
  'a tenant may not write to its share': `
    select failover_id || ' ' || target_id as line from failover_target
    where access_suspended_at is not null and access_restored_at is null`,
  'a share’s snapshot is still recorded': `
    select failover_id || ' ' || target_id || ' ' || snapshot_name as line from failover_target
    where snapshot_name is not null and snapshot_removed_at is null`,
  'a machine is still taken': `
    select id || ' of ' || failover_id || ' is ' || state as line from failover_vm
    where open_vm_id is not null or state not in ('SETTLED', 'SKIPPED', 'BACK')`,
  'a target is still busy': `
    select id || ' ' || state || ' with ' || current_operation_id as line from target where current_operation_id is not null`,
  'an address is between two states, or of a target that is gone': `
    select a.ip || ' is ' || a.state || ' of ' || coalesce(a.owner_id, 'nobody') as line from address a
    left join target t on t.id = a.owner_id
    where a.state in ('reserved', 'releasing') or (a.state = 'active' and t.state is distinct from 'ACTIVE')`,
  'a target has not the two addresses that it needs': `
    select t.id || ' has ' || count(a.ip) as line from target t
    left join address a on a.owner_id = t.id and a.state = 'active'
    where t.state = 'ACTIVE' group by t.id having count(a.ip) <> 2`,
  'a lock is still held': `
    select classid || '/' || objid || ' by ' || a.application_name as line
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.classid <> 7001`,
};

/** Asks until nothing is left over, or the limit is reached. @returns what is left then */
export async function leftovers(admin: Sql, limitMs = 15_000): Promise<string[]> {
  const started = Date.now();
  for (;;) {
    const found = await ask(admin);
    if (found.length === 0 || Date.now() - started > limitMs) return found;
    await sleep(100);
  }
}

async function ask(admin: Sql): Promise<string[]> {
  const found: string[] = [];
  for (const [what, query] of Object.entries(questions)) {
    const rows = await admin.unsafe<{ line: string }[]>(query);
    found.push(...rows.map(({ line }) => `${what}: ${line}`));
  }
  return found;
}
