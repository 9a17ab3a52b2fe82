import type { TokenSource } from '../sample.ts';
import type { TokenUnit } from './misleading.ts';

/** The token counts of the cohort. */
export interface TokenReport {
  from: Partial<Record<TokenSource, number>>;
  /** The unit of token figures; `null` if nothing was counted. Absent in earlier versions. */
  unit?: TokenUnit | null;
  /** Mean over the requests whose events stand for tokens; `null` if there are none, or their words were not counted. */
  words_per_event?: number | null;
  /** Means over the cohort of the planned and of the counted tokens; `null` if unknown. */
  input: { planned_mean: number | null; actual_mean: number | null };
  output: { planned_mean: number | null; actual_mean: number | null };
  cached: number | null;
  /** Cached ÷ all input tokens of the requests with both counts; `null` without any. Absent in earlier versions. */
  cached_share?: number | null;
  reasoning: number | null;
  hidden: number | null;
}
