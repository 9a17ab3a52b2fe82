import type { Microseconds } from '../../units.ts';

/** A request as an engine sees it, in tokens. `output` is at least 1. */
export interface EngineRequest {
  prompt: number;
  output: number;
}

/** Token `k` (0, 1, 2 …) of request `id`, due at `due_us`. */
export type OnToken = (id: number, k: number, due_us: Microseconds) => void;

/**
 * A discrete-event engine without a clock: whoever drives it says what time it is, so that the same engine serves real
 * sockets and runs as fast as it can on a virtual clock. Instants are whole microseconds of the driver's clock. Before
 * `submit` and `cancel` the driver advances to the same instant, so that what was due earlier has happened.
 */
export interface Engine {
  /** Takes a request and returns the id under which its tokens come. */
  submit(now_us: Microseconds, request: EngineRequest): number;
  /** Drops a request: no more tokens, and its place is free. Nothing happens where it has ended. */
  cancel(now_us: Microseconds, id: number): void;
  /** When the engine has something to do next; `null` while it is idle. */
  next_us(): Microseconds | null;
  /** Does everything due at or before `now_us`, in order of time. */
  advance(now_us: Microseconds, onToken: OnToken): void;
  /** Requests submitted and neither finished nor cancelled. */
  readonly inFlight: number;
}
