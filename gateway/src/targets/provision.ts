import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import { recordedActor } from '../audit/recorded-actor.ts';
import type { Database, Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { isUniqueViolation } from '../database/unique-violation.ts';
import { findNetwork, hasTargetAddresses } from '../networks/store.ts';
import { findOrganization } from '../organizations/store.ts';
import type { Sites } from '../sites/site.ts';
import { findTargetPlan } from '../target-plans/store.ts';
import { withIdempotency } from '../workflows/idempotency.ts';
import { queueOperation } from '../workflows/queue-operation.ts';
import { declaredProvisionSteps, provisionWorkflowName } from './provision-steps.ts';
import { orRefusal, refused, type TargetRefusal, type TargetRefused } from './refusal.ts';
import { findTargetByName, insertTarget } from './store.ts';
import type { CredentialProfile } from './target.ts';

export interface ProvisionTargetInput {
  idempotencyKey: string;
  organizationId: string;
  siteId: string;
  planId: string;
  name: string;
  networkId: string;
  credentialProfile: CredentialProfile;
}

/** The operation that was started, or that the same key started before. */
export type Accepted = { operationId: string; isReplayed: boolean } | { refusal: TargetRefusal };

const mutation = 'provisionReplicationTarget';

/** What people type as a target's name, and type again to give it up: no surprises at its ends, nothing invisible. */
const namePattern = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._-]{0,61}[\p{L}\p{N}])?$/u;

/**
 * Accepts a new target and queues its provisioning. The same key again answers with the same operation.
 * @throws RequestError `NOT_FOUND` or `FORBIDDEN` by the organization.
 */
export async function provisionTarget(
  { database, sites }: { database: Database; sites: Sites },
  scope: TenantScope,
  input: ProvisionTargetInput,
  requestId: string,
): Promise<Accepted> {
  const { idempotencyKey, ...choices } = input;
  const { organizationId } = choices;
  await scope.require('targets:provision', organizationId);
  // Pools are the provider's: asked outside the tenant's transaction, told only after the network proved to be its own.
  const hasAddresses = await database.asMaintenance((tx) => hasTargetAddresses(tx, choices.networkId));
  const narrow = scope.narrowedTo(organizationId);
  return orRefusal(() =>
    database.inScope(narrow, async (tx) => {
      const claim = { tenantId: organizationId, mutation, key: idempotencyKey, input: choices };
      const outcome = await withIdempotency(tx, narrow, claim, async () => {
        await check(tx, narrow, sites, choices, hasAddresses);
        try {
          return await accept(tx, narrow, choices, requestId);
        } catch (error) {
          // Somebody else took the name between the check and the insert.
          throw isUniqueViolation(error, 'target_name') ? nameTaken(choices.name) : error;
        }
      });
      if (outcome === 'IDEMPOTENCY_KEY_REUSED') {
        throw refused(outcome, ['idempotencyKey'], 'This key was used before, for another request. Use a new one.');
      }
      return { operationId: outcome.resultId, isReplayed: outcome.replayed };
    }),
  );
}

type Choices = Omit<ProvisionTargetInput, 'idempotencyKey'>;

async function check(tx: Tx, scope: TenantScope, sites: Sites, choices: Choices, hasAddresses: boolean): Promise<void> {
  const { organizationId, siteId, planId, networkId, name } = choices;
  const organization = await findOrganization(tx, scope, organizationId);
  if (organization?.kind !== 'TENANT') {
    throw refused('INVALID', ['organizationId'], 'A replication target belongs to a tenant; choose one.');
  }
  if (!namePattern.test(name)) {
    throw refused(
      'INVALID',
      ['name'],
      'A name has 1 to 63 letters, digits, spaces, dots, dashes or underscores, and begins and ends with a letter or digit.',
    );
  }
  if (!sites.find(siteId)) throw refused('NOT_FOUND', ['siteId'], 'There is no such site.');
  const plan = await findTargetPlan(tx, scope, planId);
  if (!plan?.isOffered || plan.siteId !== siteId) {
    throw refused('NOT_FOUND', ['planId'], 'There is no such target plan on offer at this site.');
  }
  const network = await findNetwork(tx, scope, networkId);
  // Another tenant's network and one that does not exist get the same answer.
  if (network?.tenantId !== organizationId) {
    throw refused('NETWORK_NOT_OWNED', ['networkId'], 'The organization has no such network.');
  }
  if (network.siteId !== siteId || network.kind !== 'PRODUCTION') {
    throw refused('INVALID', ['networkId'], 'Choose a production network of this site.');
  }
  if (!hasAddresses) {
    throw refused('NO_CAPACITY', ['networkId'], 'This network has no addresses set aside for replication targets.');
  }
  if (await findTargetByName(tx, scope, organizationId, name)) throw nameTaken(name);
}

function nameTaken(name: string): TargetRefused {
  return refused('NAME_TAKEN', ['name'], `The organization has a replication target named ${name} already.`);
}

async function accept(tx: Tx, scope: TenantScope, choices: Choices, requestId: string): Promise<string> {
  const { organizationId: tenantId, siteId, planId, networkId, name, credentialProfile } = choices;
  const plan = await findTargetPlan(tx, scope, planId);
  if (!plan) throw new Error(`Target plan ${planId} vanished inside a transaction.`);
  const [targetId, operationId] = [newId('rt'), newId('op')];
  await insertTarget(tx, scope, {
    id: targetId,
    tenantId,
    siteId,
    planId,
    networkId,
    name,
    state: 'REQUESTED',
    health: 'UNKNOWN',
    credentialProfile,
    storageBytes: plan.storageBytes,
    storageClass: plan.storageClass,
    currentOperationId: operationId,
  });
  await queueOperation(tx, scope, {
    id: operationId,
    tenantId,
    kind: 'PROVISION_TARGET',
    workflow: provisionWorkflowName,
    subjectId: targetId,
    input: { targetId },
    requestedBy: recordedActor(scope),
    requestId,
    steps: declaredProvisionSteps,
    message: `Provisioning of replication target ${name} was requested.`,
  });
  await audit.record(tx, scope, {
    tenantId,
    action: 'target.provision',
    subjectId: targetId,
    subjectName: name,
    summary: `Ordered replication target ${name} (plan ${plan.name}).`,
    requestId,
  });
  return operationId;
}
