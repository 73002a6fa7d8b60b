CREATE TABLE "problem_detail" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"operation_id" text NOT NULL,
	"detail" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "problem_detail_operation" ON "problem_detail" USING btree ("tenant_id","operation_id");--> statement-breakpoint
ALTER TABLE "problem_detail" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "problem_detail" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT, INSERT ON "problem_detail" TO bulkhead_provider, bulkhead_worker;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "problem_detail" TO bulkhead_maintenance;--> statement-breakpoint
CREATE POLICY provider_all ON "problem_detail" FOR ALL TO bulkhead_provider USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY worker_own ON "problem_detail" FOR ALL TO bulkhead_worker USING (tenant_id = any((select bulkhead.visible('write'))::text[])) WITH CHECK (tenant_id = any((select bulkhead.visible('write'))::text[]));--> statement-breakpoint
CREATE POLICY maintenance_all ON "problem_detail" FOR ALL TO bulkhead_maintenance USING (true) WITH CHECK (true);
