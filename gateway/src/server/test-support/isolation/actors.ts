import type { OrganizationRole } from '../../../access/role.ts';
import type { TenantName } from './world.ts';

/** Somebody who asks, and what is its own. */
export interface Actor {
  name: string;
  /** Absent: nobody is signed in. */
  who?: string;
  /** The role in `own`, directly or from above. */
  role?: OrganizationRole;
  isMember?: boolean;
  own: TenantName;
  /** A tenant that it must not know of. Absent for the provider, to whom nothing is foreign. */
  foreign?: TenantName;
  /** The names of all organizations that it may know. */
  sees: readonly string[];
}

const northwind = ['Northwind MSP', 'Acme GmbH', 'Globex Corp'];
const contoso = ['Contoso MSP', 'Initech Ltd'];
const [acme, globex] = [['Acme GmbH'], ['Globex Corp']];

export const actors: readonly Actor[] = [
  { name: 'nobody', own: 'acme', foreign: 'globex', sees: [] },
  { name: 'an admin', who: 'ada', role: 'ADMIN', isMember: true, own: 'acme', foreign: 'globex', sees: acme },
  { name: 'an operator', who: 'oscar', role: 'OPERATOR', isMember: true, own: 'acme', foreign: 'initech', sees: acme },
  { name: 'a viewer', who: 'vic', role: 'VIEWER', isMember: true, own: 'acme', foreign: 'globex', sees: acme },
  {
    name: 'a billing reader',
    who: 'bill',
    role: 'BILLING',
    isMember: true,
    own: 'acme',
    foreign: 'globex',
    sees: acme,
  },
  { name: 'another admin', who: 'gus', role: 'ADMIN', isMember: true, own: 'globex', foreign: 'acme', sees: globex },
  { name: 'an MSP’s operator', who: 'nora', role: 'OPERATOR', own: 'acme', foreign: 'initech', sees: northwind },
  { name: 'another MSP’s admin', who: 'cora', role: 'ADMIN', own: 'initech', foreign: 'acme', sees: contoso },
  {
    name: 'a viewer here, as admin elsewhere',
    who: 'dana',
    role: 'ADMIN',
    isMember: true,
    own: 'globex',
    foreign: 'initech',
    sees: [...acme, ...globex],
  },
  {
    name: 'an admin elsewhere, as viewer here',
    who: 'dana',
    role: 'VIEWER',
    isMember: true,
    own: 'acme',
    foreign: 'initech',
    sees: [...acme, ...globex],
  },
];
