import type { Sample } from '../sample.ts';
import type { Microseconds, Milliseconds } from '../units.ts';
import type { ApiName } from './api/api.ts';
import type { Observe } from './observer.ts';
import type { Prepared } from './connection/pool.ts';
import type { Route } from './connection/route.ts';

export type Timeouts = Record<'connect' | 'headers' | 'firstToken' | 'idle' | 'total', Milliseconds>;

export interface ClientOptions {
  /** Base URL with its `/v1`, no trailing slash. */
  url: string;
  api: ApiName;
  apiKey: string | null;
  headers: Readonly<Record<string, string>>;
  /** What the bodies hold of the user's own: its secrets are taken out of what the server says. */
  body?: Readonly<Record<string, unknown>>;
  /** Values of headers, body and query that came from the environment: taken out likewise, whatever their names. */
  secrets?: readonly string[];
  timeouts: Timeouts;
  /** How the server is reached; without it, as the URL says. */
  route?: Route;
  keepText: boolean;
  /** Sees every payload; only where nothing is measured. */
  observe?: Observe;
  /** Whole or fractional microseconds since the run's origin; monotonic. */
  now: () => Microseconds;
  /** Told of output events as they arrive, for figures of the moment. */
  live?: OutputListener;
  /** Told, after each turn of the event loop in which sockets were read, how long that took (HTTP/1.1). */
  onRead?(for_us: Microseconds): void;
}

export interface OutputListener {
  /** A first output event: the time since the instant that `send` was given, or since the send. */
  first(latency_us: Microseconds): void;
  /** A later one: the time since the one before. */
  next(gap_us: Microseconds): void;
}

/** What the client knows of a request once it has ended. The rest of the sample (plan, worker, phase) is the caller's. */
export type Exchange = Omit<
  Sample,
  'i' | 'worker' | 'phase' | 'planned_us' | 'released_us' | 'planned_input' | 'planned_output'
>;

export interface Flight {
  /** Resolves when the request has ended, whatever its outcome; rejects only where goodput itself failed. */
  readonly done: Promise<Exchange>;
  /** Ends it as `aborted` now, unless it has ended. */
  abort(reason: string): void;
}

export interface Client {
  /**
   * Hands one serialised request body to the transport at once.
   * @param from_us where its live latency begins, if not at the send
   * @param number in the plan, by which one of several replicas is chosen
   */
  send(body: Uint8Array, from_us?: Microseconds, number?: number): Flight;
  /** Opens so many connections before there are requests for them; those are then `reused`. Never rejects. */
  prepare(count: number): Promise<Prepared>;
  /** Live counters for progress. */
  readonly counters: { outputEvents: number; connectionsOpened: number };
  /** Closes every connection; requests in flight end as `aborted`. */
  close(): Promise<void>;
}
