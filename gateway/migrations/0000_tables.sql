CREATE TABLE "audit_entry" (
	"tenant_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"id" text NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"actor" jsonb NOT NULL,
	"client_id" text,
	"token_id" text,
	"action" text NOT NULL,
	"subject_id" text,
	"subject_name" text,
	"outcome" text NOT NULL,
	"summary" text NOT NULL,
	"reason" text,
	"request_id" text,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "audit_entry_tenant_id_sequence_pk" PRIMARY KEY("tenant_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "failover" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"type" text NOT NULL,
	"phase" text NOT NULL,
	"outcome" text,
	"pause_reason" text,
	"relocation" text NOT NULL,
	"commit_policy" text NOT NULL,
	"commit_after_seconds" integer,
	"live_at" timestamp with time zone,
	"deadline" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "failover_placement" (
	"failover_vm_id" text PRIMARY KEY NOT NULL,
	"failover_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"host_ref" text NOT NULL,
	"host_name" text NOT NULL,
	"storage_address" text NOT NULL,
	"datastore" text NOT NULL,
	"production_ref" text
);
--> statement-breakpoint
CREATE TABLE "failover_target" (
	"failover_id" text NOT NULL,
	"target_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"access_suspended_at" timestamp with time zone,
	"access_restored_at" timestamp with time zone,
	"snapshot_name" text,
	"snapshot_removed_at" timestamp with time zone,
	CONSTRAINT "failover_target_failover_id_target_id_pk" PRIMARY KEY("failover_id","target_id")
);
--> statement-breakpoint
CREATE TABLE "failover_vm" (
	"id" text PRIMARY KEY NOT NULL,
	"failover_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"vm_id" text NOT NULL,
	"target_id" text NOT NULL,
	"name" text NOT NULL,
	"restore_point_id" text,
	"state" text NOT NULL,
	"ordinal" integer NOT NULL,
	"boot_group" integer DEFAULT 0 NOT NULL,
	"nics" jsonb NOT NULL,
	"manifest" jsonb,
	"percent" integer,
	"problem" jsonb,
	"io_location" text,
	"sequence" integer DEFAULT 0 NOT NULL,
	"powered_on_at" timestamp with time zone,
	"ip_addresses" jsonb,
	"open_vm_id" text
);
--> statement-breakpoint
CREATE TABLE "mount" (
	"failover_id" text NOT NULL,
	"target_id" text NOT NULL,
	"host_ref" text NOT NULL,
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"storage_address" text NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "mount_failover_id_target_id_host_ref_pk" PRIMARY KEY("failover_id","target_id","host_ref")
);
--> statement-breakpoint
CREATE TABLE "reservation" (
	"failover_vm_id" text PRIMARY KEY NOT NULL,
	"failover_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"site_id" text NOT NULL,
	"host_name" text NOT NULL,
	"memory_bytes" bigint NOT NULL,
	"cpu_count" integer NOT NULL,
	"datastore" text NOT NULL,
	"disk_bytes" bigint NOT NULL,
	"host_released_at" timestamp with time zone,
	"datastore_released_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "address" (
	"pool_id" text NOT NULL,
	"ip" bigint NOT NULL,
	"state" text NOT NULL,
	"owner_id" text,
	"mac" text,
	"vlan_id" integer,
	"generation" bigint DEFAULT 0 NOT NULL,
	"quarantined_until" timestamp with time zone,
	CONSTRAINT "address_pool_id_ip_pk" PRIMARY KEY("pool_id","ip")
);
--> statement-breakpoint
CREATE TABLE "address_pool" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"network_id" text,
	"cidr" text NOT NULL,
	"gateway" text NOT NULL,
	CONSTRAINT "address_pool_name" UNIQUE("site_id","name")
);
--> statement-breakpoint
CREATE TABLE "mac_block" (
	"site_id" text PRIMARY KEY NOT NULL,
	"first" integer NOT NULL,
	"last" integer NOT NULL,
	"next" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "management_vlan" (
	"site_id" text NOT NULL,
	"vlan_id" integer NOT NULL,
	"owner_id" text,
	"quarantined_until" timestamp with time zone,
	CONSTRAINT "management_vlan_site_id_vlan_id_pk" PRIMARY KEY("site_id","vlan_id"),
	CONSTRAINT "management_vlan_owner" UNIQUE("site_id","owner_id")
);
--> statement-breakpoint
CREATE TABLE "network" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"site_id" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"vlan_id" integer NOT NULL,
	"cidr" text NOT NULL,
	"gateway" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "network_name" UNIQUE("tenant_id","site_id","name"),
	CONSTRAINT "network_vlan" UNIQUE("site_id","vlan_id")
);
--> statement-breakpoint
CREATE TABLE "effect" (
	"operation_id" text NOT NULL,
	"key" text NOT NULL,
	"tenant_id" text NOT NULL,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"result" jsonb,
	"started_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"done_at" timestamp with time zone,
	CONSTRAINT "effect_operation_id_key_pk" PRIMARY KEY("operation_id","key")
);
--> statement-breakpoint
CREATE TABLE "idempotency_key" (
	"tenant_id" text NOT NULL,
	"client_id" text NOT NULL,
	"mutation" text NOT NULL,
	"key" text NOT NULL,
	"input_hash" text NOT NULL,
	"result_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_key_tenant_id_client_id_mutation_key_pk" PRIMARY KEY("tenant_id","client_id","mutation","key")
);
--> statement-breakpoint
CREATE TABLE "operation" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"workflow" text NOT NULL,
	"subject_id" text,
	"requested_by" jsonb NOT NULL,
	"request_id" text,
	"reason" text,
	"input" jsonb NOT NULL,
	"last_sequence" integer DEFAULT 0 NOT NULL,
	"percent" integer,
	"problem" jsonb,
	"take_overs" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "operation_event" (
	"operation_id" text NOT NULL,
	"sequence" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"key" text NOT NULL,
	"type" text NOT NULL,
	"data" jsonb NOT NULL,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "operation_event_operation_id_sequence_pk" PRIMARY KEY("operation_id","sequence"),
	CONSTRAINT "operation_event_key" UNIQUE("operation_id","key")
);
--> statement-breakpoint
CREATE TABLE "operation_step" (
	"operation_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"unit" text NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	"title" text NOT NULL,
	"state" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"percent" integer,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"problem" jsonb,
	CONSTRAINT "operation_step_operation_id_unit_name_pk" PRIMARY KEY("operation_id","unit","name")
);
--> statement-breakpoint
CREATE TABLE "delegation" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"delegate_id" text NOT NULL,
	"max_role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	CONSTRAINT "delegation_edge" UNIQUE("tenant_id","delegate_id")
);
--> statement-breakpoint
CREATE TABLE "organization" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"parent_id" text,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"identity_id" text,
	"external_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organization_identity_id_unique" UNIQUE("identity_id"),
	CONSTRAINT "organization_tenant" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "organization_closure" (
	"ancestor" text NOT NULL,
	"descendant" text NOT NULL,
	"depth" integer NOT NULL,
	CONSTRAINT "organization_closure_ancestor_descendant_pk" PRIMARY KEY("ancestor","descendant")
);
--> statement-breakpoint
CREATE TABLE "production_principal" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"site_id" text NOT NULL,
	"account" text NOT NULL,
	CONSTRAINT "production_principal_site" UNIQUE("tenant_id","site_id")
);
--> statement-breakpoint
CREATE TABLE "protected_vm" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"target_id" text NOT NULL,
	"instance_uuid" text NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"test_state" text DEFAULT 'NONE' NOT NULL,
	"replication_health" text DEFAULT 'UNKNOWN' NOT NULL,
	"active_side" text DEFAULT 'SOURCE' NOT NULL,
	"guest_os" text,
	"cpu_count" integer,
	"memory_bytes" bigint,
	"hardware_version" text,
	"disks" jsonb,
	"nics" jsonb,
	"is_usable" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"observed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "protected_vm_uuid" UNIQUE("target_id","instance_uuid")
);
--> statement-breakpoint
CREATE TABLE "restore_point" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"vm_id" text NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "restore_point_name" UNIQUE("vm_id","name")
);
--> statement-breakpoint
CREATE TABLE "site" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"location" text
);
--> statement-breakpoint
CREATE TABLE "target_plan" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"name" text NOT NULL,
	"version" integer NOT NULL,
	"is_offered" boolean NOT NULL,
	"description" text,
	"cpu_count" integer NOT NULL,
	"memory_bytes" bigint NOT NULL,
	"storage_bytes" bigint NOT NULL,
	"storage_class" text NOT NULL,
	"max_protected_vms" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "target_plan_version" UNIQUE("site_id","name","version")
);
--> statement-breakpoint
CREATE TABLE "target" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"site_id" text NOT NULL,
	"plan_id" text NOT NULL,
	"network_id" text NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"health" text NOT NULL,
	"conditions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"credential_profile" text NOT NULL,
	"customer_address" text,
	"port" integer,
	"user_name" text,
	"certificate_sha256" text,
	"credential_revealed_at" timestamp with time zone,
	"storage_bytes" bigint NOT NULL,
	"storage_class" text NOT NULL,
	"used_bytes" bigint,
	"storage_observed_at" timestamp with time zone,
	"current_operation_id" text,
	"retained_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"observed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "target_account" (
	"target_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"user_name" text NOT NULL,
	"sealed_secret" text NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"revealed_at" timestamp with time zone,
	CONSTRAINT "target_account_target_id_kind_pk" PRIMARY KEY("target_id","kind")
);
--> statement-breakpoint
CREATE TABLE "target_host" (
	"target_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"host_ref" text,
	"management_address" text,
	"management_mac" text,
	"management_vlan_id" integer,
	"management_port_group" text,
	"customer_mac" text,
	"remote_host" text,
	"remote_path" text,
	"storage_guid" text,
	"template" text
);
--> statement-breakpoint
CREATE TABLE "usage_interval" (
	"interval_id" text NOT NULL,
	"edge" text NOT NULL,
	"tenant_id" text NOT NULL,
	"site_id" text NOT NULL,
	"meter" text NOT NULL,
	"target_id" text,
	"vm_id" text,
	"storage_class" text,
	"quantity" numeric(40, 0) NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"revision" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "worker" (
	"executor_id" text PRIMARY KEY NOT NULL,
	"version" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"heartbeat_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "failover_vm_run" ON "failover_vm" USING btree ("failover_id","ordinal");--> statement-breakpoint
CREATE INDEX "failover_vm_history" ON "failover_vm" USING btree ("vm_id");--> statement-breakpoint
CREATE UNIQUE INDEX "failover_vm_open" ON "failover_vm" USING btree ("open_vm_id");--> statement-breakpoint
CREATE INDEX "reservation_open" ON "reservation" USING btree ("site_id") WHERE host_released_at is null or datastore_released_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "address_owner" ON "address" USING btree ("pool_id","owner_id") WHERE state in ('reserved', 'active', 'releasing');--> statement-breakpoint
CREATE UNIQUE INDEX "address_mac" ON "address" USING btree ("mac") WHERE state in ('reserved', 'active', 'releasing', 'quarantine');--> statement-breakpoint
CREATE INDEX "address_pick" ON "address" USING btree ("pool_id","state","ip");--> statement-breakpoint
CREATE INDEX "operation_list" ON "operation" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "operation_queue" ON "operation" USING btree ("created_at") WHERE status = 'QUEUED';--> statement-breakpoint
CREATE INDEX "operation_subject" ON "operation" USING btree ("subject_id");--> statement-breakpoint
CREATE UNIQUE INDEX "operation_one_per_target" ON "operation" USING btree ("subject_id") WHERE subject_id is not null and status in ('QUEUED', 'RUNNING', 'WAITING');--> statement-breakpoint
CREATE INDEX "organization_parent" ON "organization" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "organization_closure_descendant" ON "organization_closure" USING btree ("descendant");--> statement-breakpoint
CREATE INDEX "protected_vm_list" ON "protected_vm" USING btree ("tenant_id","name","id");--> statement-breakpoint
CREATE INDEX "protected_vm_target" ON "protected_vm" USING btree ("target_id");--> statement-breakpoint
CREATE INDEX "restore_point_list" ON "restore_point" USING btree ("tenant_id","vm_id","created_at");--> statement-breakpoint
CREATE INDEX "target_list" ON "target" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "target_name" ON "target" USING btree ("tenant_id","name") WHERE state <> 'DEPROVISIONED';--> statement-breakpoint
CREATE INDEX "usage_interval_list" ON "usage_interval" USING btree ("tenant_id","at","interval_id");