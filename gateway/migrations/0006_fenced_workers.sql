ALTER TABLE "worker" ADD COLUMN "fenced_at" timestamp with time zone;--> statement-breakpoint
-- Asked in each of its transactions: whether its work is still its own.
GRANT SELECT ON "worker" TO bulkhead_worker;
