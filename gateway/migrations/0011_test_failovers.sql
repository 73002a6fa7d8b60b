CREATE TABLE "isolated_network" (
	"failover_id" text NOT NULL,
	"site_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"vlan_id" integer NOT NULL,
	"port_group" text,
	"released_at" timestamp with time zone,
	CONSTRAINT "isolated_network_failover_id_site_id_pk" PRIMARY KEY("failover_id","site_id")
);
--> statement-breakpoint
ALTER TABLE "failover" ADD COLUMN "keep_for_seconds" integer;--> statement-breakpoint
ALTER TABLE "failover_target" ADD COLUMN "clone_host" text;--> statement-breakpoint
ALTER TABLE "failover_target" ADD COLUMN "clone_path" text;--> statement-breakpoint
ALTER TABLE "failover_vm" ADD COLUMN "open_test_vm_id" text;--> statement-breakpoint
CREATE UNIQUE INDEX "isolated_network_vlan" ON "isolated_network" USING btree ("site_id","vlan_id") WHERE released_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "failover_vm_open_test" ON "failover_vm" USING btree ("open_test_vm_id");--> statement-breakpoint
CREATE INDEX "failover_vm_target_test" ON "failover_vm" USING btree ("target_id") WHERE open_test_vm_id is not null;--> statement-breakpoint
-- As for the provider's other tables (0001, 0007): tenants have no grant; a worker acts for the organization of its operation.
ALTER TABLE "isolated_network" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "isolated_network" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "isolated_network" TO bulkhead_provider;--> statement-breakpoint
CREATE POLICY provider_all ON "isolated_network" FOR ALL TO bulkhead_provider USING (true) WITH CHECK (true);--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "isolated_network" TO bulkhead_worker;--> statement-breakpoint
CREATE POLICY worker_own ON "isolated_network" FOR ALL TO bulkhead_worker USING (tenant_id = current_setting('bulkhead.write', true)) WITH CHECK (tenant_id = current_setting('bulkhead.write', true));--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "isolated_network" TO bulkhead_maintenance;--> statement-breakpoint
CREATE POLICY maintenance_all ON "isolated_network" FOR ALL TO bulkhead_maintenance USING (true) WITH CHECK (true);
