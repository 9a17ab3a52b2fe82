import type { Phase } from '../sample.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import type { Prompt } from '../workload/prompt.ts';
import { openWorkload, type WorkloadInputs, type WorkloadSource } from '../workload/workload.ts';
import { arrivals, type ArrivalPlan } from './arrivals.ts';

/** One request of the plan. */
export interface PlannedRequest {
  /** 0, 1, 2 … in the order of the plan. */
  i: number;
  /** Instant since the run's origin. `null` in a closed loop: when a slot is free. */
  planned_us: Microseconds | null;
  /** `null` in a closed loop, where the instant of the send decides. */
  phase: Phase | null;
  prompt: Prompt;
  /** Planned input tokens; `null` for prompts from a file. */
  input: number | null;
  /** Planned output tokens (sent as max_tokens). */
  output: number;
}

/** The share of a worker: the requests whose number modulo `of` is `index`. */
export interface PlanShare {
  index: number;
  of: number;
}

const COMPLETE: PlanShare = { index: 0, of: 1 };

/**
 * Yields the requests of a plan, or a worker's share of them, in order of time. They are the same for the same seed on every machine.
 * Only the texts of the share are generated. In an open loop the plan ends with the measurement; in a closed loop it never ends,
 * because the number of requests in the warm-up is not known beforehand.
 * @throws {GoodputError} as `openWorkload`
 */
export function* planRequests(
  scenario: Pick<Scenario, 'seed' | 'workload'> & ArrivalPlan,
  inputs: WorkloadInputs = {},
  share: PlanShare = COMPLETE,
): Generator<PlannedRequest, void> {
  const workload = openWorkload(scenario, inputs);
  if (scenario.load.rate === null && scenario.load.stages === null) {
    yield* unscheduled(workload, share);
    return;
  }
  for (const arrival of arrivals(scenario)) {
    if (arrival.i % share.of === share.index) yield { ...arrival, ...workload.content(arrival.i) };
  }
}

function* unscheduled(workload: WorkloadSource, share: PlanShare): Generator<PlannedRequest, void> {
  for (let i = share.index; ; i += share.of) {
    yield { i, planned_us: null, phase: null, ...workload.content(i) };
  }
}
