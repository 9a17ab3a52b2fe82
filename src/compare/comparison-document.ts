import type { Figure } from '../slo/grammar.ts';
import type { PerEvent } from '../verdict/token-unit.ts';
import type { FailOn } from '../scenario/keys/comparing-keys.ts';
import type { Method } from './difference.ts';
import type { FigureVerdict, Needed } from './figure-verdict.ts';
import type { InvalidReason, Warning } from './warning.ts';

export const COMPARISON_VERSION = 1;

export interface ComparisonSettings {
  /** Share of the base's value that counts as the same. */
  tolerance: number;
  failOn: FailOn;
  /** `null`: the usual ones. */
  deciding: readonly Figure[] | null;
  /** A suspect run counts as an invalid one. */
  strict: boolean;
  /** How many comparisons share the chance of a false alarm. */
  comparisons: number;
}

export const DEFAULT_SETTINGS: ComparisonSettings = {
  tolerance: 0.05,
  failOn: 'worse',
  deciding: null,
  strict: false,
  comparisons: 1,
};

/** One figure on both sides; `diff`, `low`, `high` in its unit, the others in percent of the base. */
export interface ComparedFigure extends PerEvent {
  unit: string;
  base: number | null;
  new: number | null;
  diff: number | null;
  low: number | null;
  high: number | null;
  diff_pct: number | null;
  /** `null`: there is no such end, or no interval at all. */
  low_pct: number | null;
  high_pct: number | null;
  verdict: FigureVerdict;
  /** True if the verdict of the comparison depends on it. */
  decides: boolean;
  /** Confidence of the interval: deciding figures share their chance of a false alarm (Holm). */
  confidence: number;
  method: Method | null;
  /** How much is needed for a verdict, if it is inconclusive. */
  needed: Needed | null;
  /** Why there is no verdict, if the reason is not the width of the interval. */
  why: string | null;
}

export interface ComparedSide {
  /** Only of endpoints that were compared by name. */
  name?: string;
  url: string;
  api: string;
  model: string | null;
  simulated: boolean;
  /** Mean error rate, token source and answer length: what speeds must be read with. */
  error_rate: number | null;
  /** Requests that did not succeed, by outcome. */
  failures: Record<string, number>;
  token_source: string | null;
  output_tokens: number | null;
  /** Share of the input tokens that the server had in its prefix cache; `null` where it did not say. */
  cached_share: number | null;
  runs: {
    dir: string;
    id: string;
    name: string;
    startedAt: string;
    /** `null` in an imported run. */
    seed: number | null;
    requests: number;
    /** Too short for intervals of its own: its requests are equivalent to too few independent ones. */
    short: boolean;
  }[];
}

export interface ComparisonVerdict {
  status: FigureVerdict | 'invalid';
  exitCode: number;
  /** The figures that the status comes from. */
  decided_by: string[];
  /** All figures that were to decide. */
  deciding: string[];
  tolerance_pct: number;
  fail_on: FailOn;
  /** Why it is invalid; else empty. */
  reasons: InvalidReason[];
}

/** A comparison of two sides; `toComparisonDocument` writes it as `--json` prints it. */
export interface Comparison {
  /** Only of a simulated endpoint. */
  simulated?: true;
  schemaVersion: number;
  base: ComparedSide;
  new: ComparedSide;
  /** `rounds`: several runs a side, each run one value. `indicative`: what two single runs can tell. */
  strength: 'rounds' | 'indicative';
  /** True if runs were compared in pairs of one plan. */
  paired: boolean;
  metrics: Record<string, Record<string, ComparedFigure>>;
  rates: Record<string, ComparedFigure>;
  warnings: Warning[];
  verdict: ComparisonVerdict;
}
