/** A machine in the order in which it is brought up, and where it was put. */
export interface PlacedMachine {
  host: string;
  datastore: string;
}

export interface BackendTimes {
  /** Before the first machine. */
  shareSeconds: number;
  /** What one machine's own tasks take until it is on, one after the other. */
  bringUpSeconds: number;
  relocateSeconds: number;
}

export interface BackendLimits {
  powerOnsPerHost: number;
  relocationsPerDatastore: number;
}

/**
 * The backend's own time, were there no gateway and no waiting but for the backend's limits: each host brings so many
 * machines up at once, in their order, each datastore takes so many disks at once, as soon as their machines are on.
 */
export function criticalPath(
  machines: readonly PlacedMachine[],
  times: BackendTimes,
  limits: BackendLimits,
): { liveSeconds: number; relocatedSeconds: number } {
  const hosts = slots(
    machines.map(({ host }) => host),
    limits.powerOnsPerHost,
  );
  const live = machines.map(({ host }) => occupy(hosts.get(host), times.shareSeconds, times.bringUpSeconds));
  const datastores = slots(
    machines.map(({ datastore }) => datastore),
    limits.relocationsPerDatastore,
  );
  const inOrder = machines
    .map(({ datastore }, index) => ({ datastore, from: live[index] ?? 0 }))
    .toSorted((a, b) => a.from - b.from);
  const moved = inOrder.map(({ datastore, from }) => occupy(datastores.get(datastore), from, times.relocateSeconds));
  return { liveSeconds: Math.max(...live), relocatedSeconds: Math.max(...moved) };
}

/** For each place, when each of its slots is free. */
function slots(places: readonly string[], count: number): Map<string, number[]> {
  return new Map(places.map((place) => [place, Array.from({ length: count }, () => 0)]));
}

/** Takes the slot that is free first; answers when it is free again. */
function occupy(free: number[] | undefined, from: number, seconds: number): number {
  if (!free) throw new Error('A machine is nowhere.');
  const first = free.indexOf(Math.min(...free));
  const end = Math.max(from, free[first] ?? 0) + seconds;
  free[first] = end;
  return end;
}
