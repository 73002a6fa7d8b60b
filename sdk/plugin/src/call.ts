/** Writes to the host's log, with the call's ids already attached. Never pass a secret. */
export interface PluginLog {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** How far one call has come. The host passes at most a few of these per second on to whoever watches. */
export interface CallProgress {
  /** 0 to 100; absent while unknown. */
  percent?: number;
  message?: string;
}

/** What accompanies every call. */
export interface PluginCall {
  /** Stable over retries of one effect. Put it into the backend's own log where it has a place for it. */
  readonly callId: string;
  /** The organization on whose behalf the call is made; absent for calls about a whole site. */
  readonly tenantId?: string;
  /** The request that led here, for correlation. */
  readonly requestId?: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** After this instant the host no longer waits for the answer, and `signal` is aborted. */
  readonly deadline: Date;
  /** Aborted at the deadline and when the host shuts down: return within a second, the effect may be half done. */
  readonly signal: AbortSignal;
  readonly log: PluginLog;
  progress(update: CallProgress): void;
}

/** A user name and password that the host made and keeps sealed. It must not reach a log, an error or a result. */
export interface Credential {
  userName: string;
  password: string;
}

/** Answer of every plugin's `probe`: is the backend able to do work? Must answer within two seconds. */
export interface ProbeResult {
  state: 'starting' | 'ready' | 'degraded' | 'failed';
  /** Why it is not `ready`; for operators. */
  reason?: string;
  /** Product and version as the backend states them. */
  product?: string;
}
