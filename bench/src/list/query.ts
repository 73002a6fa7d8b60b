/** The lists that everybody is asked for, by case. The raw route answers to the operation's name. */
export const queries = {
  machines: {
    operationName: 'Machines',
    query: `query Machines($first: Int) {
  protectedVms(first: $first) {
    nodes { id name state testState replicationHealth activeSide guestOs cpuCount memory observedAt }
    pageInfo { hasNextPage endCursor }
  }
}`,
  },
  'and restore points': {
    operationName: 'MachinesAndRestorePoints',
    query: `query MachinesAndRestorePoints($first: Int) {
  protectedVms(first: $first) {
    nodes {
      id name state testState replicationHealth activeSide guestOs cpuCount memory observedAt
      latestRestorePoint { id createdAt }
    }
    pageInfo { hasNextPage endCursor }
  }
}`,
  },
} as const;

export type CaseName = keyof typeof queries;
export const cases = Object.keys(queries) as CaseName[];

export const pageSize = 50;

export function requestBody(caseName: CaseName): string {
  return JSON.stringify({ ...queries[caseName], variables: { first: pageSize } });
}
