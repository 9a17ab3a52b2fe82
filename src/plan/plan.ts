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

/** Worker `index` of `of`: takes the requests whose number modulo `of` is `index`. */
export interface PlanShare {
  index: number;
  of: number;
}

const WHOLE: PlanShare = { index: 0, of: 1 };

/**
 * The requests of a plan, or a worker's share of them, lazily and in order of time: identical for the same seed on
 * every machine. Only the share's own texts are made. In open loop it ends with the measure phase; in closed loop it
 * never ends, as nobody knows beforehand how many a warm-up takes.
 * @throws {GoodputError} as `openWorkload`.
 */
export function* planRequests(
  scenario: Pick<Scenario, 'seed' | 'workload'> & ArrivalPlan,
  inputs: WorkloadInputs = {},
  share: PlanShare = WHOLE,
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
