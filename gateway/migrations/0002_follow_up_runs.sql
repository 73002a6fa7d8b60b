ALTER TABLE "mount" ADD COLUMN "mounted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "run_number" integer DEFAULT 0 NOT NULL;