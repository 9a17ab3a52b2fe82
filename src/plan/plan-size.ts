import { HashIdReuse } from '../dataset/reuse/hash-id-reuse.ts';
import { arrivals } from './arrivals.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { WorkloadData } from '../workload/data.ts';
import { startsOf } from './plan.ts';
import { COMPLETE, isIn, partOf } from './share.ts';
import { openWorkload } from '../workload/workload.ts';

/** Requests and tokens of a plan. `null`: not known before the run. */
export interface PlanSize {
  /** Sessions, if they have several turns, and how many these have on average; otherwise `null`. */
  sessions: { warmup: number | null; measure: number | null; turns_mean: number } | null;
  requests: { warmup: number | null; measure: number | null };
  /** Tokens of these requests; the input tokens of texts from data sets are unknown. `reusable`: only with `hash_ids`, in an open loop. */
  tokens: { input: number | null; output: number | null; reusable?: number };
  /** Means over these requests; in a closed loop over the first requests of the plan. */
  perRequest: { input: number | null; output: number };
}

/** The number of requests for the means of a closed loop, whose plan has no end. */
const SAMPLED = 1000;

/** Returns the size of a plan, with ranks that of the rank, from its instants and lengths, without generating texts. */
export function planSize(scenario: Scenario, data: WorkloadData | null): PlanSize {
  const workload = openWorkload(scenario, { data });
  const { load } = scenario;
  const requests = { warmup: 0, measure: 0 };
  const reuse = data?.sessions.hasIds === true ? new HashIdReuse(data.blockTokens) : null;
  const started = { warmup: 0, measure: 0 };
  const sum = { sessions: 0, requests: 0, input: 0, output: 0, reusable: 0 };
  let isKnown = true;
  const { share = COMPLETE } = load;
  const add = (s: number): number => {
    const { turns } = workload.session(s);
    if (!isIn(share, s)) {
      // The prefixes of other ranks are in the cache too.
      for (const { input, hash_ids } of turns)
        if (input !== null && hash_ids !== null) reuse?.add({ input_tokens: input, hash_ids });
      return 0;
    }
    sum.sessions++;
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
    for (const { i, phase } of arrivals(startsOf(scenario, workload))) {
      if (isIn(share, i)) started[phase]++;
      requests[phase] += add(i);
    }
    return {
      sessions: workload.hasTurns ? { ...started, turns_mean: mean(sum.requests, sum.sessions) } : null,
      requests,
      tokens: {
        input: isKnown ? sum.input : null,
        output: sum.output,
        ...(reuse === null ? {} : { reusable: sum.reusable }),
      },
      perRequest: perRequest(),
    };
  }
  const limit =
    load.requests ?? load.sessions ?? (load.duration === null ? partOf(share, workload.count) : SAMPLED);
  const sampled = Math.min(limit, partOf(share, workload.count));
  for (let s = 0; s < sampled; s++) add(share.index + share.of * s);
  const warmup = load.warmup === 0 ? 0 : null;
  const { hasTurns } = workload;
  // Sessions of one turn are requests.
  const counted = load.requests ?? (hasTurns || load.duration !== null ? null : sampled);
  return {
    sessions: hasTurns
      ? {
          warmup,
          measure: load.duration === null && load.requests === null ? sampled : null,
          turns_mean: mean(sum.requests, sum.sessions),
        }
      : null,
    requests: { warmup, measure: counted },
    // The lengths of the measured requests depend on how many requests the warm-up takes.
    tokens:
      load.duration === null && (load.requests === null || !hasTurns) && load.warmup === 0
        ? { input: isKnown ? sum.input : null, output: sum.output }
        : { input: null, output: null },
    perRequest: perRequest(),
  };
}

const mean = (total: number, count: number): number => (count === 0 ? 0 : total / count);
