import type { Tx } from '../database/database.ts';
import { currentTargetPlan, insertTargetPlanVersion } from '../target-plans/store.ts';
import type { Catalogue } from './catalogue.ts';
import { differing, type Change, type Difference } from './change.ts';

/** A plan that differs gets a new version: targets keep the one that they were sold with. */
export async function compareTargetPlans(tx: Tx, catalogue: Catalogue, providerId: string): Promise<Difference> {
  const changes: Change[] = [];
  for (const { site: siteId, memory, storage, ...entry } of catalogue.targetPlans) {
    const spec = {
      siteId,
      name: entry.name,
      description: entry.description ?? null,
      cpuCount: entry.cpuCount,
      memoryBytes: memory,
      storageBytes: storage,
      storageClass: entry.storageClass,
      maxProtectedVms: entry.maxProtectedVms ?? null,
    };
    const current = await currentTargetPlan(tx, spec);
    const fields = current ? differing(current, spec) : [];
    if (!fields) continue;
    changes.push({
      action: current ? 'change' : 'create',
      what: `target plan ${entry.name} at ${siteId}${current ? ` (version ${current.version + 1})` : ''}`,
      fields,
      auditedTo: providerId,
      apply: async (inner) => void (await insertTargetPlanVersion(inner, spec)),
    });
  }
  return { changes, leftovers: [] };
}
