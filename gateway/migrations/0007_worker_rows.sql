-- A worker acts for exactly one organization, the one that its transaction's setting names, and for nothing below it. What is
-- below was looked up again by each policy of each statement, which cost more than the statements themselves.
do $$
declare
  name text;
begin
  for name in select tablename from pg_policies where schemaname = 'public' and policyname = 'worker_own' loop
    execute format('alter policy worker_own on %I using (tenant_id = current_setting(''bulkhead.write'', true)) with check (tenant_id = current_setting(''bulkhead.write'', true))', name);
  end loop;
end $$;
--> statement-breakpoint
revoke execute on function bulkhead.visible(text) from bulkhead_worker;
