import { arrivals } from './arrivals.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import { openWorkload } from '../workload/workload.ts';

/** Requests and tokens of a plan. `null`: not known before the run. */
export interface PlanSize {
  requests: { warmup: number | null; measure: number | null };
  /** Tokens of these requests; the input tokens of a prompt file are unknown. */
  tokens: { input: number | null; output: number | null };
  /** Means over these requests; in a closed loop over the first requests of the plan. */
  perRequest: { input: number | null; output: number };
}

/** The number of requests for the means of a closed loop, whose plan has no end. */
const SAMPLED = 1000;

/** Returns the size of a plan from its instants and lengths, without generating texts. */
export function planSize(scenario: Scenario, prompts: readonly PromptEntry[] | null): PlanSize {
  const workload = openWorkload(scenario, { prompts });
  const { load } = scenario;
  const requests = { warmup: 0, measure: 0 };
  const sum = { input: 0, output: 0 };
  const add = (i: number): void => {
    const { input, output } = workload.size(i);
    sum.input += input ?? 0;
    sum.output += output;
  };
  const known = prompts === null;

  if (load.concurrency === null) {
    for (const { i, phase } of arrivals(scenario)) {
      requests[phase]++;
      add(i);
    }
    const count = requests.warmup + requests.measure;
    return {
      requests,
      tokens: { input: known ? sum.input : null, output: sum.output },
      perRequest: { input: known ? mean(sum.input, count) : null, output: mean(sum.output, count) },
    };
  }
  const sampled = load.requests ?? SAMPLED;
  for (let i = 0; i < sampled; i++) add(i);
  return {
    requests: { warmup: load.warmup === 0 ? 0 : null, measure: load.requests },
    // The lengths of the measured requests depend on how many requests the warm-up takes.
    tokens:
      load.requests !== null && load.warmup === 0
        ? { input: known ? sum.input : null, output: sum.output }
        : { input: null, output: null },
    perRequest: { input: known ? mean(sum.input, sampled) : null, output: mean(sum.output, sampled) },
  };
}

const mean = (total: number, count: number): number => (count === 0 ? 0 : total / count);
