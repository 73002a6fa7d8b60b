import { defineWorkflow, type WorkflowDefinition } from '@bulkhead/gateway/internal/workflows/workflow';
import { z } from 'zod';

export const noopWorkflowName = 'bench-steps';

const noopInput = z.object({ steps: z.number().int() });

/**
 * As many steps as its input says, against a backend that answers at once: what is left is the engine's checkpoint, the
 * ledger, the steps as people see them, and the events.
 */
export const noopWorkflow: WorkflowDefinition = defineWorkflow({
  name: noopWorkflowName,
  async run(context, input) {
    const { steps } = noopInput.parse(input);
    for (let index = 1; index <= steps; index += 1) {
      await context.step<null>({
        name: `step-${index}`,
        title: `Step ${index}`,
        probe: async () => undefined,
        act: async () => null,
      });
    }
    await context.transaction('finish', (_tx, recorder) =>
      recorder.operation({ status: 'SUCCEEDED', message: 'Done.' }),
    );
  },
});
