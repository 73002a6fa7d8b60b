-- `bulkhead.visible` runs as the owner, on whom row-level security is forced as well: without a policy of its own it saw no
-- delegation, and cut nothing. Nobody can log in as the owner.
create policy owner_reads on delegation for select to bulkhead_owner using (true);
