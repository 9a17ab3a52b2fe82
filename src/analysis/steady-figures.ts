/** Figures of one half of W. */
interface HalfFigures {
  /** Successes that completed in the half ÷ its length. */
  rps: number;
  /** Mean over the requests that started in the half. */
  ttft_ms: number | null;
  /** Time-average of the requests in flight or waiting. */
  in_flight: number;
}

/**
 * `filling`: the run is too short compared with the residences. `overloaded`: more requests arrive than complete until the end of W.
 * `drifting`: the halves of W differ for another reason.
 */
export type SteadyStateName = 'steady' | 'filling' | 'overloaded' | 'drifting';

/** The state of the run in W, with the figures that show it. */
export interface SteadyFigures {
  state: SteadyStateName;
  /** True if the state is `steady`. */
  ok: boolean;
  /** True if the state is `overloaded`. */
  overload: boolean;
  /** Only if overloaded: requests planned in W ÷ W, and successes completed in W ÷ W. */
  offered_rps: number | null;
  completed_rps: number | null;
  /** Only if filling: a warm-up that is long enough. */
  warmup_needed_s: number | null;
  first: HalfFigures;
  second: HalfFigures;
  /** The difference between the halves, one sentence. */
  detail: string;
}
