import { HashIdReuse } from '../dataset/reuse/hash-id-reuse.ts';
import { arrivals } from './arrivals.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { WorkloadData } from '../workload/data.ts';
import { openWorkload } from '../workload/workload.ts';

/** Requests and tokens of a plan. `null`: not known before the run. */
export interface PlanSize {
  requests: { warmup: number | null; measure: number | null };
  /** Tokens of these requests; the input tokens of texts from data sets are unknown. `reusable`: only with `hash_ids`, in an open loop. */
  tokens: { input: number | null; output: number | null; reusable?: number };
  /** Means over these requests; in a closed loop over the first requests of the plan. */
  perRequest: { input: number | null; output: number };
}

/** The number of requests for the means of a closed loop, whose plan has no end. */
const SAMPLED = 1000;

/** Returns the size of a plan from its instants and lengths, without generating texts. */
export function planSize(scenario: Scenario, data: WorkloadData | null): PlanSize {
  const workload = openWorkload(scenario, { data });
  const { load } = scenario;
  const requests = { warmup: 0, measure: 0 };
  const reuse = data?.sessions.hasIds === true ? new HashIdReuse(data.blockTokens) : null;
  const sum = { requests: 0, input: 0, output: 0, reusable: 0 };
  let isKnown = true;
  const add = (s: number): number => {
    const { turns } = workload.session(s);
    for (const { input, output, hash_ids } of turns) {
      isKnown &&= input !== null;
      sum.requests++;
      sum.input += input ?? 0;
      sum.output += output;
      if (reuse !== null && input !== null && hash_ids !== null)
        sum.reusable += reuse.add({ input_tokens: input, hash_ids });
    }
    return turns.length;
  };
  const perRequest = (): PlanSize['perRequest'] => ({
    input: isKnown ? mean(sum.input, sum.requests) : null,
    output: mean(sum.output, sum.requests),
  });

  if (load.concurrency === null) {
    for (const { i, phase } of arrivals(scenario)) requests[phase] += add(i);
    return {
      requests,
      tokens: {
        input: isKnown ? sum.input : null,
        output: sum.output,
        ...(reuse === null ? {} : { reusable: sum.reusable }),
      },
      perRequest: perRequest(),
    };
  }
  const sampled = Math.min(load.requests ?? SAMPLED, workload.count);
  for (let s = 0; s < sampled; s++) add(s);
  return {
    requests: { warmup: load.warmup === 0 ? 0 : null, measure: load.requests },
    // The lengths of the measured requests depend on how many requests the warm-up takes.
    tokens:
      load.requests !== null && load.warmup === 0
        ? { input: isKnown ? sum.input : null, output: sum.output }
        : { input: null, output: null },
    perRequest: perRequest(),
  };
}

const mean = (total: number, count: number): number => (count === 0 ? 0 : total / count);
