import type { RunMetricName } from '../metrics/registry.ts';
import type { Microseconds } from '../units.ts';
import type { StatedReport } from './stated-report.ts';

/** Sums over the window W and over its cohort, from which every run metric is computed. */
export interface RunTotals {
  /** Length of W. */
  window_us: Microseconds;
  seconds: number;
  /** Requests planned in W, those included that left no sample; `null` in closed loop. */
  planned: number | null;
  sent: number;
  /** Successes; in closed loop each by the share of its residence in W. */
  completed: number;
  /** Good requests, counted like `completed`. */
  completedGood: number;
  /** Output tokens of `completedGood`. */
  goodTokens: number;
  outputTokens: number;
  /** `null` if no usage was reported: unknown is not zero. */
  inputTokens: number | null;
  /** The part of `inputTokens` that the server found in its prefix cache. */
  cachedTokens: number;
  /** Time in flight within W, summed over requests. */
  inFlight_us: Microseconds;
  maxInFlight: number;
  /** `ended − sent`, summed over the ends in W of requests that were sent. */
  residence_us: Microseconds;
  /** Ends in W of requests that were sent. */
  ends: number;
  /** Requests of the cohort. */
  judged: number;
  good: number;
  failed: number;
}

type RunFormula = (totals: RunTotals, stated: StatedReport) => number | null;

/** Returns `part` ÷ `whole`; `null` if the whole is not above 0: a window of no length has no rates. */
const ratio = (part: number | null, whole: number): number | null =>
  part === null || !(whole > 0) ? null : part / whole;

/** The formula of every run metric (docs/metrics.md, "Per run"). */
export const RUN_FORMULAS: Readonly<Record<RunMetricName, RunFormula>> = {
  offered_rps: ({ planned, seconds }) => ratio(planned, seconds),
  sent_rps: ({ sent, seconds }) => ratio(sent, seconds),
  rps: ({ completed, seconds }) => ratio(completed, seconds),
  rpm: ({ completed, seconds }) => ratio(completed * 60, seconds),
  output_tps: ({ outputTokens, seconds }) => ratio(outputTokens, seconds),
  input_tps: ({ inputTokens, seconds }) => ratio(inputTokens, seconds),
  total_tps: ({ inputTokens, outputTokens, seconds }) =>
    ratio(inputTokens === null ? null : outputTokens + inputTokens, seconds),
  goodput_rps: ({ completedGood, seconds }) => ratio(completedGood, seconds),
  goodput_rpm: ({ completedGood, seconds }) => ratio(completedGood * 60, seconds),
  goodput_tps: ({ goodTokens, seconds }) => ratio(goodTokens, seconds),
  error_rate: ({ failed, judged }) => ratio(failed, judged),
  attainment: ({ good, judged }) => ratio(good, judged),
  concurrency: ({ inFlight_us, window_us }) => ratio(inFlight_us, window_us),
  max_concurrency: ({ maxInFlight, seconds }) => (seconds > 0 ? maxInFlight : null),
  // L = λ·W over the same window on both sides, whose length cancels out.
  little: ({ inFlight_us, residence_us }) => ratio(inFlight_us, residence_us),
  mfu: (_, { machine }) => machine?.mfu ?? null,
  mfu_prefill: (_, { machine }) => machine?.mfu_prefill ?? null,
  mfu_decode: (_, { machine }) => machine?.mfu_decode ?? null,
  mbu: (_, { machine }) => machine?.mbu ?? null,
  cost_per_1m_output: (_, { cost }) => cost?.per_1m_output ?? null,
  cost_per_1m_total: (_, { cost }) => cost?.per_1m_total ?? null,
  cost_per_request: (_, { cost }) => cost?.per_request ?? null,
  cost_per_good_request: (_, { cost }) => cost?.per_good_request ?? null,
  energy_per_output_token: (_, { energy }) => energy?.per_output_token ?? null,
  energy_per_request: (_, { energy }) => energy?.per_request ?? null,
  energy_per_good_request: (_, { energy }) => energy?.per_good_request ?? null,
};
