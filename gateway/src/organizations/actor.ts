import { shownName } from '../audit/recorded-actor.ts';
import { loadOne, type LoadMany } from '../graphql/batch.ts';
import type { GatewayContext } from '../graphql/context.ts';
import type { Actor } from '../operations/operation.ts';
import type { ActorType } from './organization-type.ts';
import { findProviderName } from './provider-name.ts';

const loadProviderName: LoadMany<GatewayContext, string> = async ({ gateway }, ids) => {
  const name = await findProviderName(gateway.database);
  return new Map(ids.map((id) => [id, name]));
};

/** An actor as this caller may see it. */
export async function shownActor(context: GatewayContext, actor: Actor): Promise<ActorType> {
  const { kind, organizationId = null } = actor;
  const providerName = actor.isProvider ? await loadOne(context, loadProviderName, 'provider') : undefined;
  return { displayName: shownName(context.scope, actor, providerName ?? 'The provider'), kind, organizationId };
}
