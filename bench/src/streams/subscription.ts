/** What every watcher asks for: seven fields of each event. */
export const text = `subscription Watch($operationId: ID!, $after: Cursor) {
  operationEvents(operationId: $operationId, after: $after) { cursor sequence occurredAt type status percent message }
}`;

export const fieldName = 'operationEvents';

/** What shows that a frame is the event of this number. */
export function markOf(sequence: number): string {
  return `"sequence":${sequence},`;
}
