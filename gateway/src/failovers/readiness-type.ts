import {
  Arg,
  Args,
  Ctx,
  Field,
  FieldResolver,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql';
import { Requires } from '../access/requires.ts';
import { AllowedOperation } from '../graphql/allowed-operation.ts';
import { connectionOf, PageArgs, pageOf, pageSize, type Page } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { decodeCursor, encodeCursor } from '../graphql/cursor.ts';
import { enumType } from '../graphql/enum-type.ts';
import { Node } from '../graphql/node.ts';
import { payloadOf } from '../graphql/payload.ts';
import { DateTime, Duration } from '../graphql/scalars.ts';
import { operationFields, OperationType, visibleOperationRow } from '../operations/operation-type.ts';
import { StepType } from '../operations/step-type.ts';
import type { OperationRow } from '../operations/store.ts';
import { ProtectedVmType, visibleProtectedVm } from '../protected-vms/protected-vm-type.ts';
import { checkReadiness, type CheckedPlan } from './check-readiness.ts';
import { FailoverType } from './enum-types.ts';
import type { FailoverType as Type } from './failover.ts';
import { FailoverSelectionInput, keyDescription } from './inputs.ts';
import { machineSteps, runStepsOf } from './plan.ts';
import { severities, type Finding, type Severity as SeverityValue } from './readiness.ts';
import type { ReadinessResult } from './readiness-workflow.ts';
import { failoverErrorCodes } from './refusal.ts';

export const Severity = enumType('Severity', severities, 'How much a finding weighs.');

@InputType()
export class RunReadinessCheckInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => FailoverType, { description: 'Only UNPLANNED is served yet.' })
  type!: Type;

  @Field(() => FailoverSelectionInput)
  selection!: FailoverSelectionInput;
}

@ObjectType('ReadinessFinding', { description: 'Something worth knowing before machines are started.' })
export class ReadinessFindingType {
  @Field(() => Severity)
  severity!: SeverityValue;

  @Field(() => String, { description: 'A stable code, such as REPLICA_MISSING.' })
  code!: string;

  @Field(() => String)
  message!: string;

  @Field(() => String)
  remedy!: string;

  /** For the resolver; null when it is about the run. */
  vmId!: string | null;
}

export const ReadinessFindingConnection = connectionOf(() => ReadinessFindingType, 'ReadinessFinding');

@ObjectType('ReadinessReport', {
  description: 'What a run of these machines would find, and the steps that it would take.',
})
export class ReadinessReportType {
  @Field(() => DateTime)
  checkedAt!: Date;

  @Field(() => String, { description: 'Binds a start to what was checked: SHA-256, hexadecimal.' })
  planHash!: string;

  @Field(() => String, { description: 'What a person has to type to start this.' })
  confirmation!: string;

  @Field(() => Boolean, { description: 'Nothing stands in the way.' })
  isReady!: boolean;

  @Field(() => Int)
  vmCount!: number;

  @Field(() => [StepType], { description: 'The steps of the run as a whole.' })
  runSteps!: StepType[];

  @Field(() => [StepType], { description: 'The steps of each machine.' })
  vmSteps!: StepType[];

  @Field(() => Duration, {
    nullable: true,
    description: 'Until every machine is on, by what earlier failovers took; null before the first one.',
  })
  estimatedDuration!: number | null;

  all!: readonly Finding[];
}

@ObjectType('ReadinessCheck', {
  implements: [OperationType, Node],
  description:
    'A look at everything that a failover of these machines would need. It touches nothing and holds nothing.',
})
export class ReadinessCheckType extends OperationType {
  readonly __typename = 'ReadinessCheck';

  @Field(() => FailoverType)
  type!: Type;

  @Field(() => ReadinessReportType, { nullable: true, description: 'Null until it has been made.' })
  report!: ReadinessReportType | null;
}

export function readinessNode(row: OperationRow): ReadinessCheckType {
  // Written by `checkReadiness` and by its workflow.
  const { plan } = row.input as unknown as { plan: CheckedPlan };
  const result = row.result as unknown as ReadinessResult | null;
  return {
    __typename: 'ReadinessCheck',
    ...operationFields(row),
    type: plan.type,
    report: result && reportOf(plan, result),
  };
}

function reportOf(plan: CheckedPlan, { checkedAt, findings, estimatedSeconds }: ReadinessResult): ReadinessReportType {
  return {
    checkedAt: new Date(checkedAt),
    planHash: plan.planHash,
    confirmation: plan.confirmation,
    isReady: findings.every(({ severity }) => severity !== 'BLOCK'),
    vmCount: plan.vms.length,
    runSteps: runStepsOf(plan.targets).map(plannedStep),
    vmSteps: machineSteps.map(plannedStep),
    estimatedDuration: estimatedSeconds,
    all: findings,
  };
}

function plannedStep({ name, title }: { name: string; title: string }): StepType {
  const notYet = { attempt: 0, percent: null, startedAt: null, finishedAt: null, problem: null };
  return { name, title, state: 'PENDING', ...notYet };
}

const order = 'readiness-findings/found';
const RunReadinessCheckPayload = payloadOf({
  mutation: 'RunReadinessCheck',
  codes: failoverErrorCodes,
  result: { name: 'operation', type: () => ReadinessCheckType },
});

@Resolver(() => ReadinessCheckType)
export class ReadinessCheckResolver {
  @Mutation(() => RunReadinessCheckPayload, {
    nullable: true,
    description:
      'Looks at everything that a failover of these machines would need, on the path of the failover itself.',
  })
  @Requires('failovers:test')
  async runReadinessCheck(
    @Arg('input', () => RunReadinessCheckInput) input: RunReadinessCheckInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    const accepted = await checkReadiness(gateway, scope, input, requestId);
    if ('refusals' in accepted) return { operation: null, userErrors: accepted.refusals.map((one) => ({ ...one })) };
    const row = await visibleOperationRow(context, accepted.operationId);
    if (!row) throw new Error(`Check ${accepted.operationId} was accepted and is not visible to who asked for it.`);
    return { operation: readinessNode(row), userErrors: [] };
  }

  @FieldResolver(() => [AllowedOperation], { description: 'A check is over by itself: nothing can be done with it.' })
  allowedOperations(@Arg('names', () => [String], { nullable: true }) _names: string[] | null): AllowedOperation[] {
    return [];
  }
}

@Resolver(() => ReadinessReportType)
export class ReadinessReportResolver {
  @FieldResolver(() => ReadinessFindingConnection)
  findings(
    @Root() { all }: ReadinessReportType,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('severities', () => [Severity], { nullable: true }) asked: SeverityValue[] | null,
  ): Page<ReadinessFindingType> {
    const size = pageSize(args);
    const [after] = args.after ? decodeCursor(order, args.after, 1) : [];
    const start = after === undefined ? 0 : Number(after) + 1;
    const found = all.map((finding, place) => ({ finding, place }));
    const wanted = found.filter(({ finding }) => !asked || asked.includes(finding.severity));
    const rows = wanted.filter(({ place }) => place >= start).slice(0, size + 1);
    return pageOf(rows, size, args, {
      node: ({ finding: { severity, code, message, remedy, subjectId } }) => ({
        severity,
        code,
        message,
        remedy,
        vmId: subjectId,
      }),
      cursor: ({ place }) => encodeCursor(order, [place]),
      count: async () => wanted.length,
    });
  }
}

@Resolver(() => ReadinessFindingType)
export class ReadinessFindingResolver {
  @FieldResolver(() => ProtectedVmType, { nullable: true, description: 'Null when it is about the run as a whole.' })
  async vm(@Root() { vmId }: ReadinessFindingType, @Ctx() context: GatewayContext): Promise<ProtectedVmType | null> {
    return vmId === null ? null : visibleProtectedVm(context, vmId);
  }
}

export const readinessResolvers = [ReadinessCheckResolver, ReadinessReportResolver, ReadinessFindingResolver] as const;
