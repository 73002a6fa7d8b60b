import { enumType } from '../graphql/enum-type.ts';
import {
  commitPolicies,
  failoverPhases,
  failoverTypes,
  failoverVmStates,
  ioLocations,
  pauseReasons,
  relocationPolicies,
} from './failover.ts';

export const FailoverType = enumType('FailoverType', failoverTypes);
export const FailoverPhase = enumType(
  'FailoverPhase',
  failoverPhases,
  'Where a failover stands (LIVE and PAUSED wait).',
);
export const FailoverOutcome = enumType('FailoverOutcome', ['FULL', 'PARTIAL']);
export const PauseReason = enumType('PauseReason', pauseReasons);
export const RelocationPolicy = enumType(
  'RelocationPolicy',
  relocationPolicies,
  "When a machine's disks are moved to production storage: as soon as it is live, or when the failover is committed.",
);
export const CommitPolicy = enumType('CommitPolicy', commitPolicies, 'What the clock does to a live failover.');
export const FailoverVmState = enumType('FailoverVmState', failoverVmStates);
export const IoLocation = enumType('IoLocation', ioLocations, "Where a machine's disks are read and written now.");
