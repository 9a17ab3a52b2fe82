import type { IterationReads } from './connection/read-clock.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds, Milliseconds } from '../units.ts';
import type { ApiName } from './api/api.ts';
import type { Observe } from './observer.ts';
import type { Prepared } from './connection/pool.ts';
import type { Route } from './connection/network-route.ts';

export type Timeouts = Record<'connect' | 'headers' | 'firstToken' | 'idle' | 'total', Milliseconds>;

export interface ClientOptions {
  /** Base URL with its `/v1`, no trailing slash. */
  url: string;
  api: ApiName;
  apiKey: string | null;
  headers: Readonly<Record<string, string>>;
  /** The user's own fields of the bodies: secrets among them are redacted from what the server writes. */
  body?: Readonly<Record<string, unknown>>;
  /** Values from environment variables in headers, body and query: redacted whatever their names are. */
  secrets?: readonly string[];
  timeouts: Timeouts;
  /** How to reach the server; by default, directly as the URL says. */
  route?: Route;
  keepText: boolean;
  /** Called with every payload. Not for measured requests, because it makes the client parse every event. */
  observe?: Observe;
  /** Returns microseconds since the run's origin, whole or fractional; monotonic. */
  now: () => Microseconds;
  /** Called for output events as they arrive, for live figures. */
  live?: OutputListener;
  /** Called after each iteration of the event loop in which sockets were read. */
  onRead?(reads: IterationReads): void;
}

export interface OutputListener {
  /** First output event of a request, with the time since `from_us` or, without it, since the send. */
  first(latency_us: Microseconds): void;
  /** Later output event, with the time since the previous one. */
  next(gap_us: Microseconds): void;
}

/** Result of one request. The caller adds the rest of the sample (plan, worker, phase). */
export type Exchange = Omit<
  Sample,
  | 'i'
  | 'session'
  | 'turn'
  | 'turns'
  | 'tags'
  | 'worker'
  | 'phase'
  | 'planned_us'
  | 'released_us'
  | 'planned_input'
  | 'planned_output'
>;

export interface Flight {
  /** Resolves when the request has ended, whatever its outcome. Rejects only if goodput itself failed. */
  readonly done: Promise<Exchange>;
  /** Ends the request as `aborted`, unless it has ended. */
  abort(reason: string): void;
}

export interface SendOptions {
  /** Start of its live latency, by default the send. */
  from_us?: Microseconds | undefined;
  /** Selects the replica: the number of its session in the plan. */
  number?: number;
  /** Keep what a later request repeats of the answer, even if the client keeps no text. */
  keepsHistory?: boolean;
}

export interface Client {
  /** Sends one serialised request body immediately. */
  send(body: Uint8Array, options?: SendOptions): Flight;
  /** Opens this many connections before requests need them, which then report them as `reused`. Never rejects. */
  prepare(count: number): Promise<Prepared>;
  readonly counters: { outputEvents: number; connectionsOpened: number };
  /** Closes every connection; requests in flight end as `aborted`. */
  close(): Promise<void>;
}
