import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { operation, operationStep } from '../operations/table.ts';
import { defineWorkflow, StepFailed, type WorkflowDefinition } from '../workflows/workflow.ts';
import type { CheckedPlan } from './check-readiness.ts';
import type { FailoverServices } from './failover-work.ts';
import { runStepsOf } from './plan.ts';
import { foreseeReadiness, type Finding } from './readiness.ts';
import { readinessSteps, vmSteps, workflowNames } from './steps.ts';

/** What a check found, as its operation keeps it. */
export interface ReadinessResult {
  checkedAt: string;
  findings: Finding[];
  /** From the press of the button until every machine is on; null before there is anything to go by. */
  estimatedSeconds: number | null;
}

// Written by `checkReadiness` into the operation's input.
const inputShape = z.object({ plan: z.custom<CheckedPlan>((value) => typeof value === 'object' && value !== null) });

/** Looks, and says what it saw. It changes nothing at any backend and holds no room. */
export function readinessWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.readiness,
    steps: readinessSteps,
    async run(context, input) {
      const { plan } = inputShape.parse(input);
      const { scope, operationId } = context;
      const [step] = readinessSteps;
      try {
        const { findings } = await context.step({
          ...step,
          async act({ call }): Promise<ReadinessResult> {
            const vms = plan.vms.map((vm) => ({ id: vm.vmId, ...vm }));
            const { findings } = await foreseeReadiness({ services, scope }, vms, call);
            const estimatedSeconds = await services.database.inScope(scope, (tx) => estimate(tx, scope, plan));
            return { checkedAt: new Date().toISOString(), findings, estimatedSeconds };
          },
          async record(tx, result) {
            await tx
              .update(operation)
              .set({ result: { ...result } })
              .where(eq(operation.id, operationId));
          },
        });
        await context.transaction('checked', async (_tx, recorder) => {
          const blocking = findings.filter(({ severity }) => severity === 'BLOCK').length;
          const message =
            blocking === 0
              ? 'Everything is ready.'
              : `${blocking} ${blocking === 1 ? 'finding stands' : 'findings stand'} in the way.`;
          await recorder.operation({ status: 'SUCCEEDED', percent: 100, message });
        });
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        const { problem } = error;
        await context.transaction('not-checked', (_tx, recorder) =>
          recorder.operation({
            status: 'FAILED',
            problem,
            message: `Readiness could not be checked: ${problem.message}`,
          }),
        );
      }
    },
  });
}

/** Machines that a host starts at once, as the queue has it. */
const besideEachOther = 8;

/** By what the tenant's own failovers took before: the median of each step, machines of a host going side by side. */
async function estimate(tx: Tx, _scope: TenantScope, plan: CheckedPlan): Promise<number | null> {
  const names = [...runStepsOf(plan.targets), ...vmSteps].map(({ name }) => name);
  const rows = await tx
    .select({
      name: operationStep.name,
      isOfMachine: sql<boolean>`${operationStep.unit} <> 'run'`,
      seconds: sql<number>`percentile_cont(0.5) within group (order by extract(epoch from ${operationStep.finishedAt} - ${operationStep.startedAt}))::float8`,
    })
    .from(operationStep)
    .innerJoin(operation, eq(operation.id, operationStep.operationId))
    .where(
      and(
        eq(operation.kind, 'FAILOVER'),
        eq(operationStep.state, 'SUCCEEDED'),
        ne(operationStep.name, 'await-relocations'),
        inArray(operationStep.name, names),
      ),
    )
    .groupBy(operationStep.name, sql`${operationStep.unit} <> 'run'`);
  const secondsOf = (name: string, isOfMachine: boolean) =>
    rows.find((row) => row.name === name && row.isOfMachine === isOfMachine)?.seconds;
  const ofMachine = vmSteps.map(({ name }) => secondsOf(name, true));
  if (ofMachine.some((seconds) => seconds === undefined)) return null;
  const sum = (all: readonly (number | undefined)[]) => all.reduce<number>((total, one) => total + (one ?? 0), 0);
  const ofRun = runStepsOf(plan.targets).map(({ name }) => secondsOf(name, false));
  const rounds = Math.ceil(plan.vms.length / besideEachOther);
  return Math.ceil(sum(ofRun) + rounds * sum(ofMachine));
}
