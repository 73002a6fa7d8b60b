import { connect } from 'node:net';

export interface SeenPort {
  name: string;
  /** `MAC IP` elements. */
  portSecurity: string[];
  hasReservation: boolean;
}

type OvsdbSet = string | ['set' | 'uuid', unknown];

interface PortRow {
  name: string;
  port_security: OvsdbSet;
  dhcpv4_options: OvsdbSet;
}

/** Reads the logical ports of the northbound database by one plain `transact`. */
export function readPorts(address: { host: string; port: number }): Promise<SeenPort[]> {
  const query = {
    id: 1,
    method: 'transact',
    params: [
      'OVN_Northbound',
      { op: 'select', table: 'Logical_Switch_Port', where: [], columns: ['name', 'port_security', 'dhcpv4_options'] },
    ],
  };
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => socket.write(JSON.stringify(query)));
    socket
      .setEncoding('utf8')
      .setTimeout(5000, () => socket.destroy(new Error('The northbound database did not answer.')));
    socket.on('error', reject);
    let received = '';
    socket.on('data', (chunk: string) => {
      received += chunk;
      const answer = complete(received);
      if (!answer) return;
      socket.end();
      const [result] = answer.result as { rows?: PortRow[]; error?: string }[];
      if (!result?.rows) return reject(new Error(`The northbound database refused: ${result?.error}`));
      resolve(
        result.rows.map((row) => ({
          name: row.name,
          portSecurity: elements(row.port_security),
          hasReservation: !(Array.isArray(row.dhcpv4_options) && row.dhcpv4_options[0] === 'set'),
        })),
      );
    });
  });
}

/** One request, one answer, one connection: the whole text is one JSON value or not yet all of it. */
function complete(text: string): { result: unknown } | undefined {
  try {
    return JSON.parse(text) as { result: unknown };
  } catch {
    return undefined;
  }
}

function elements(value: OvsdbSet): string[] {
  if (typeof value === 'string') return [value];
  return value[0] === 'set' ? (value[1] as string[]) : [];
}
