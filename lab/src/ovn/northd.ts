import type { LabClock } from '../clock.ts';
import type { Change, Database, Row } from './database.ts';
import type { Atom, Datum } from './datum.ts';

/** What the edge has in its flows: the northbound state as of the last time it was carried over. */
export interface Realized {
  ports: readonly Row[];
  dhcpOptions: ReadonlyMap<string, Row>;
}

export interface Northd {
  realized: () => Realized;
  /** Stops to follow the northbound database; what is realized stays in force. */
  stop: () => void;
  start: () => void;
  /** Edge hosts: while down, `sb_cfg` follows and `hv_cfg` does not. */
  setChassisUp: (isUp: boolean) => void;
  /** Ends it for good. */
  close: () => void;
}

export interface NorthdOptions {
  clock: LabClock;
  /** Simulated seconds from a commit to `sb_cfg`, and from there to `hv_cfg`. */
  realizeSeconds: number;
  hasChassis: boolean;
}

const texts = (datum: Datum | undefined): string[] => (datum ?? []).map(([atom]) => String(atom));
const first = (row: Row | undefined, column: string): Atom | undefined => row?.columns[column]?.[0]?.[0];

/** Carries the northbound state over to the edge, as ovn-northd and ovn-controller do, some time after each commit. */
export function startNorthd(database: Database, { clock, realizeSeconds, hasChassis }: NorthdOptions): Northd {
  const ended = new AbortController();
  let isStopped = false;
  let isChassisUp = hasChassis;
  let isRunning = false;
  let isStale = true;
  let realized: Realized = { ports: [], dhcpOptions: new Map() };

  const globalRow = (): Row | undefined => [...database.table('NB_Global').values()][0];
  const setGlobal = (column: 'sb_cfg' | 'hv_cfg', value: number): void => {
    const row = globalRow();
    if (!row || first(row, column) === value) return;
    const draft = database.begin();
    const at: Datum = [[Date.now()]];
    draft.set('NB_Global', row.uuid, { ...row.columns, [column]: [[value]], [`${column}_timestamp`]: at });
    draft.commit();
  };

  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    try {
      for (;;) {
        if (!isStale || isStopped || ended.signal.aborted) return;
        isStale = false;
        await clock.pass(realizeSeconds, ended.signal);
        if (isStopped) return;
        const seen = {
          config: Number(first(globalRow(), 'nb_cfg') ?? 0),
          ports: [...database.table('Logical_Switch_Port').values()],
          dhcpOptions: new Map(database.table('DHCP_Options')),
        };
        settlePorts(database, isChassisUp);
        setGlobal('sb_cfg', seen.config);
        if (!isChassisUp) continue;
        await clock.pass(realizeSeconds, ended.signal);
        if (!isChassisUp) continue;
        realized = { ports: seen.ports, dhcpOptions: seen.dhcpOptions };
        setGlobal('hv_cfg', seen.config);
      }
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    } finally {
      isRunning = false;
    }
  };
  const follow = (): void => {
    isStale = true;
    void run();
  };
  const unsubscribe = database.onCommit((changes) => {
    if (!changes.every(isOurs)) follow();
  });
  follow();

  return {
    realized: () => realized,
    stop: () => {
      isStopped = true;
    },
    start: () => {
      isStopped = false;
      follow();
    },
    setChassisUp: (isUp) => {
      isChassisUp = isUp;
      follow();
    },
    close: () => {
      unsubscribe();
      ended.abort();
    },
  };
}

/** northd writes `tag` after `tag_request`, and `up` when an edge host has the port, or for a child its parent. */
function settlePorts(database: Database, hasEdge: boolean): void {
  const draft = database.begin();
  for (const row of database.table('Logical_Switch_Port').values()) {
    const requested = Number(first(row, 'tag_request') ?? 0);
    const isChild = row.columns.parent_name?.length !== 0;
    const isClaimed = texts(row.columns.options).includes('requested-chassis');
    const isUp = first(row, 'type') === 'router' || (hasEdge && (isChild || isClaimed));
    const columns: Record<string, Datum> = { ...row.columns, up: [[isUp]] };
    if (requested > 0) columns.tag = [[requested]];
    draft.set('Logical_Switch_Port', row.uuid, columns);
  }
  draft.commit();
}

/** northd's own commits do not set it to work again. */
function isOurs({ table, before, after }: Change): boolean {
  if (!before || !after) return false;
  const own = table === 'NB_Global' ? /^(sb|hv)_cfg/ : table === 'Logical_Switch_Port' ? /^(up|tag)$/ : undefined;
  const changed = Object.keys(after.columns).filter(
    (column) => JSON.stringify(before.columns[column]) !== JSON.stringify(after.columns[column]),
  );
  return own !== undefined && changed.every((column) => own.test(column));
}
