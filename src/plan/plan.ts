import type { Phase } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import type { Prompt } from '../workload/prompt.ts';

/** One request of the plan. */
export interface PlannedRequest {
  /** 0, 1, 2 … in the order of the plan. */
  i: number;
  /** Instant from the start of the load, which is the run's origin. `null` in closed loop: when a slot is free. */
  planned_us: Microseconds | null;
  /** By plan in open loop, `null` in closed loop, where the instant of the send decides. */
  phase: Phase | null;
  prompt: Prompt;
  /** Input tokens asked for; `null` where prompts come from a file. */
  input: number | null;
  /** Output tokens asked for (sent as max_tokens). */
  output: number;
}
