/** Recurring work of a worker process. Several workers may run one at the same time: each repeat changes nothing. */
export interface Upkeep {
  name: string;
  everySeconds: number;
  run(signal: AbortSignal): Promise<void>;
}
