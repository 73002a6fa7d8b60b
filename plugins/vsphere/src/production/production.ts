import type { Limits, VsphereConfig } from '../config.ts';
import type { VimSession } from '../session/session.ts';

/** The production side of one site: its vCenter and what the provider configured. */
export interface Production {
  readonly session: VimSession;
  readonly config: VsphereConfig;
  readonly limits: Limits;
}
