import type { RequestContext } from '../access/request-context.ts';
import type { Database } from '../database/database.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { Sites } from '../sites/site.ts';
import type { EventFeed } from '../workflows/event-feed.ts';

/** What resolvers work with; one for the whole process. */
export interface GatewayServices {
  readonly database: Database;
  readonly sites: Sites;
  readonly feed: EventFeed;
  readonly sealer: Sealer;
}

/** What every resolver gets: who asks, and what there is to answer with. */
export interface GatewayContext extends RequestContext {
  readonly gateway: GatewayServices;
}
