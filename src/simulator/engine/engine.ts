import type { Microseconds } from '../../units.ts';

/** A request in tokens. `output` is at least 1. */
export interface EngineRequest {
  prompt: number;
  output: number;
}

/** Token `k` (0, 1, 2 …) of request `id`, due at `due_us`. */
export type OnToken = (id: number, k: number, due_us: Microseconds) => void;

/**
 * A discrete-event engine without a clock: the driver passes the current instant, so that the same engine can serve real sockets or run
 * in virtual time. Instants are whole microseconds of the driver's clock. Before `submit` and `cancel` the driver advances to the same
 * instant, so that earlier events have happened.
 */
export interface Engine {
  submit(now_us: Microseconds, request: EngineRequest): number;
  cancel(now_us: Microseconds, id: number): void;
  /** Returns the next instant at which the engine has work; `null` if it is idle. */
  next_us(): Microseconds | null;
  /** Does everything that is due at or before `now_us`, in order of time. */
  advance(now_us: Microseconds, onToken: OnToken): void;
  readonly inFlight: number;
}
