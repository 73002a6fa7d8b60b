-- Who may do what. The roles themselves belong to the server and are made before (database/roles.ts).

create schema if not exists bulkhead;
--> statement-breakpoint
grant usage on schema bulkhead to bulkhead_tenant, bulkhead_provider, bulkhead_worker, bulkhead_maintenance;
--> statement-breakpoint

-- The organizations above and below each other, kept by trigger: every organization with itself, and all pairs above.
create function bulkhead.keep_closure() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into public.organization_closure (ancestor, descendant, depth) values (new.id, new.id, 0);
    insert into public.organization_closure (ancestor, descendant, depth)
      select above.ancestor, new.id, above.depth + 1
      from public.organization_closure above where above.descendant = new.parent_id;
  elsif new.parent_id is distinct from old.parent_id then
    if exists (select 1 from public.organization_closure where ancestor = new.id and descendant = new.parent_id) then
      raise exception 'organization % cannot be moved below itself', new.id;
    end if;
    delete from public.organization_closure moved
      using public.organization_closure below
      where below.ancestor = new.id and moved.descendant = below.descendant
        and moved.ancestor not in (select descendant from public.organization_closure where ancestor = new.id);
    insert into public.organization_closure (ancestor, descendant, depth)
      select above.ancestor, below.descendant, above.depth + below.depth + 1
      from public.organization_closure above cross join public.organization_closure below
      where above.descendant = new.parent_id and below.ancestor = new.id;
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger keep_closure after insert or update of parent_id on organization
  for each row execute function bulkhead.keep_closure();
--> statement-breakpoint

-- What the transaction's roots reach: `read` or `write`. A setting that is absent reaches nothing. An expired delegation
-- ends the reach of whoever is above it; a delegation to look lets nobody write.
create function bulkhead.visible(mode text) returns text[] language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(distinct c.descendant), '{}')
  from unnest(string_to_array(nullif(current_setting('bulkhead.' || mode, true), ''), ',')) root(id)
  join public.organization_closure c on c.ancestor = root.id
  where c.depth = 0 or not exists (
    select 1 from public.delegation d
    join public.organization_closure above on above.ancestor = c.ancestor and above.descendant = d.delegate_id
    join public.organization_closure below on below.ancestor = d.tenant_id and below.descendant = c.descendant
    where d.expires_at <= now() or (mode = 'write' and d.max_role = 'viewer'))
$$;
--> statement-breakpoint
revoke all on function bulkhead.visible(text) from public;
--> statement-breakpoint
grant execute on function bulkhead.visible(text) to bulkhead_tenant, bulkhead_worker;
--> statement-breakpoint

-- Logs are added to and never changed.
create function bulkhead.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
--> statement-breakpoint
do $$
declare name text;
begin
  foreach name in array array['audit_entry', 'operation_event', 'usage_interval'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function bulkhead.refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function bulkhead.refuse_change()', name);
  end loop;
end $$;
--> statement-breakpoint

-- Row-level security, forced, on every table that has an owner.
do $$
declare
  name text;
  -- What a tenant may see of its own; the provider's half of it is in the second list.
  tenants text[] := array['organization', 'delegation', 'production_principal', 'network', 'target', 'protected_vm',
    'restore_point', 'operation', 'operation_step', 'operation_event', 'idempotency_key', 'failover', 'failover_vm',
    'usage_interval', 'audit_entry'];
  providers text[] := array['target_host', 'target_account', 'failover_placement', 'failover_target', 'mount',
    'reservation', 'effect'];
  append_only text[] := array['audit_entry', 'operation_event', 'usage_interval'];
  verbs text;
begin
  foreach name in array tenants || providers loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    verbs := case when name = any(append_only) then 'select, insert' else 'select, insert, update' end;

    if name = any(tenants) then
      execute format('grant %s on %I to bulkhead_tenant', verbs, name);
      execute format('create policy tenant_reads on %I for select to bulkhead_tenant using (tenant_id = any((select bulkhead.visible(''read''))::text[]))', name);
      execute format('create policy tenant_adds on %I for insert to bulkhead_tenant with check (tenant_id = any((select bulkhead.visible(''write''))::text[]))', name);
      execute format('create policy tenant_changes on %I for update to bulkhead_tenant using (tenant_id = any((select bulkhead.visible(''write''))::text[])) with check (tenant_id = any((select bulkhead.visible(''write''))::text[]))', name);
    end if;

    execute format('grant %s on %I to bulkhead_provider', verbs, name);
    execute format('create policy provider_all on %I for all to bulkhead_provider using (true) with check (true)', name);

    -- A worker acts for one organization at a time: the one that owns the operation.
    execute format('grant %s, delete on %I to bulkhead_worker', verbs, name);
    execute format('create policy worker_own on %I for all to bulkhead_worker using (tenant_id = any((select bulkhead.visible(''write''))::text[])) with check (tenant_id = any((select bulkhead.visible(''write''))::text[]))', name);

    execute format('grant %s, delete on %I to bulkhead_maintenance', verbs, name);
    execute format('create policy maintenance_all on %I for all to bulkhead_maintenance using (true) with check (true)', name);
  end loop;
end $$;
--> statement-breakpoint

-- Tables without an owner: what everybody may read, and what is the provider's.
grant select on site, target_plan to bulkhead_tenant, bulkhead_provider, bulkhead_worker;
--> statement-breakpoint
grant select, insert, update, delete on site, target_plan, organization_closure, address_pool, address, mac_block, management_vlan, worker to bulkhead_maintenance;
--> statement-breakpoint
grant select, insert, update on address_pool, address, mac_block, management_vlan, target_plan to bulkhead_provider;
--> statement-breakpoint
grant select on address_pool to bulkhead_worker;
--> statement-breakpoint
grant select, update on address, mac_block, management_vlan to bulkhead_worker;
