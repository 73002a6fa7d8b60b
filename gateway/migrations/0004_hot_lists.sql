CREATE INDEX "failover_list" ON "failover" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "failover_placement_run" ON "failover_placement" USING btree ("failover_id");--> statement-breakpoint
CREATE INDEX "failover_target_suspended" ON "failover_target" USING btree ("target_id") WHERE access_suspended_at is not null and access_restored_at is null;--> statement-breakpoint
CREATE INDEX "failover_vm_target" ON "failover_vm" USING btree ("target_id") WHERE open_vm_id is not null;--> statement-breakpoint
CREATE INDEX "mount_held" ON "mount" USING btree ("target_id") WHERE state = 'HELD';--> statement-breakpoint
CREATE INDEX "operation_running" ON "operation" USING btree ("tenant_id","workflow") WHERE status = 'RUNNING';--> statement-breakpoint
CREATE INDEX "usage_interval_vm" ON "usage_interval" USING btree ("tenant_id","vm_id","meter");--> statement-breakpoint
CREATE INDEX "usage_interval_target" ON "usage_interval" USING btree ("tenant_id","target_id","meter");--> statement-breakpoint
CREATE INDEX "usage_interval_edges" ON "usage_interval" USING btree ("tenant_id","interval_id","edge");