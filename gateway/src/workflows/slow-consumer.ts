/** A watcher that reads too slowly: its queue is full, and it has to come back with the last number it saw. */
export class SlowConsumer extends Error {
  override readonly name = 'SlowConsumer';

  constructor(
    readonly operationId: string,
    readonly lastSequence: number,
  ) {
    super('This subscription reads too slowly; resume after the last event that it has seen.');
  }
}
