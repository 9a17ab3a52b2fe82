import type { Summary } from '../verdict/summary.ts';
import { type PerEvent, perEventOf } from '../verdict/token-unit.ts';
import { type CurvePoint, goodputMaximum, knee } from './curve.ts';

/** One run of a sweep with its summary; the axes in the units of the summary document. */
export interface SweepPoint {
  point: number;
  repeat: number;
  seed: number;
  /** `null` for an axis that the sweep does not have. */
  rate_rps: number | null;
  concurrency: number | null;
  /** Tokens, or a distribution in words. */
  input_tokens: number | string | null;
  output_tokens: number | string | null;
  run: string;
  status: string;
  summary: Summary;
}

/** Means over the runs of one point that are not invalid. */
export interface PointMean extends CurvePoint, PerEvent {
  axes: Pick<SweepPoint, 'rate_rps' | 'concurrency' | 'input_tokens' | 'output_tokens'> &
    Pick<Summary['load'], 'unit'>;
  runs: number;
  /** Number of invalid runs, which count in no mean. */
  invalid: number;
  attainment: number | null;
  rps: number | null;
  goodput_rps: number | null;
  error_rate: number | null;
  ttft_p50_ms: number | null;
  ttft_p95_ms: number | null;
  ttft_p99_ms: number | null;
  tpot_p50_ms: number | null;
  tpot_p95_ms: number | null;
  e2e_p50_ms: number | null;
  /** Output tokens per second per device; `null` without stated hardware and model, like `mfu` and `mbu`. */
  device_tps: number | null;
  mfu: number | null;
  mbu: number | null;
  /** `null` without a price. */
  cost_per_good_request: number | null;
  /** ISO 4217 code; only with a price. */
  currency?: string;
}

/** One curve: points that differ only in their load. */
export interface SweepCurve {
  input_tokens: number | string | null;
  output_tokens: number | string | null;
  /** In the order of the load. */
  points: readonly PointMean[];
  /** Numbers of points; `null` if there is none. */
  knee: number | null;
  goodput_maximum: number | null;
}

/** The document that `goodput sweep --json` prints, and `sweep.json` holds. */
export interface SweepDocument {
  /** Only of a simulated endpoint. */
  simulated?: true;
  schemaVersion: number;
  name: string;
  seed: number;
  /** Number of planned runs; fewer are in `points` if the sweep was interrupted. */
  planned: number;
  points: readonly SweepPoint[];
  curves: readonly SweepCurve[];
}

const SCHEMA_VERSION = 1;

export function documentOf(
  { simulated, ...given }: Pick<SweepDocument, 'name' | 'seed' | 'planned'> & { simulated: boolean },
  points: readonly SweepPoint[],
): SweepDocument {
  const sorted = points.toSorted((a, b) => a.point - b.point || a.repeat - b.repeat);
  const mark = simulated ? { simulated } : {};
  return { ...mark, schemaVersion: SCHEMA_VERSION, ...given, points: sorted, curves: curvesOf(sorted) };
}

function curvesOf(points: readonly SweepPoint[]): SweepCurve[] {
  const means = [...Map.groupBy(points, ({ point }) => point).values()].map(meanOf);
  const groups = Map.groupBy(means, ({ axes }) => JSON.stringify([axes.input_tokens, axes.output_tokens]));
  return [...groups.values()].map((group) => {
    const load = ({ axes }: PointMean): number => axes.rate_rps ?? axes.concurrency ?? 0;
    const ordered = group.toSorted((a, b) => load(a) - load(b));
    const { input_tokens, output_tokens } = ordered[0]!.axes;
    return {
      input_tokens,
      output_tokens,
      points: ordered,
      knee: knee(ordered),
      goodput_maximum: goodputMaximum(ordered),
    };
  });
}

function meanOf(runs: readonly SweepPoint[]): PointMean {
  const { point, rate_rps, concurrency, input_tokens, output_tokens, summary } = runs[0]!;
  const { unit } = summary.load;
  const valid = runs.filter(({ summary }) => summary.audit.status !== 'invalid');
  const mean = (figure: (summary: Summary) => number | null | undefined): number | null => {
    const values = valid.map(({ summary }) => figure(summary) ?? null).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
  };
  return {
    point,
    axes: {
      rate_rps,
      concurrency,
      input_tokens,
      output_tokens,
      ...(unit === undefined ? {} : { unit }),
    },
    runs: runs.length,
    invalid: runs.length - valid.length,
    system_tps: mean(({ rates }) => rates.output_tps),
    user_tps: mean(({ metrics }) => metrics['user_tps']?.p50),
    attainment: mean(({ rates }) => rates.attainment),
    rps: mean(({ rates }) => rates.rps),
    goodput_rps: mean(({ rates, slo }) => (slo === null ? null : rates.goodput_rps)),
    error_rate: mean(({ rates }) => rates.error_rate),
    ttft_p50_ms: mean(({ metrics }) => metrics['ttft']?.p50),
    ttft_p95_ms: mean(({ metrics }) => metrics['ttft']?.p95),
    ttft_p99_ms: mean(({ metrics }) => metrics['ttft']?.p99),
    tpot_p50_ms: mean(({ metrics }) => metrics['tpot']?.p50),
    tpot_p95_ms: mean(({ metrics }) => metrics['tpot']?.p95),
    e2e_p50_ms: mean(({ metrics }) => metrics['e2e']?.p50),
    device_tps: mean(({ rates, machine }) =>
      machine === null || rates.output_tps === null ? null : rates.output_tps / machine.count,
    ),
    mfu: mean(({ rates }) => rates.mfu),
    mbu: mean(({ rates }) => rates.mbu),
    cost_per_good_request: mean(({ rates }) => rates.cost_per_good_request),
    ...(summary.cost === null ? {} : { currency: summary.cost.currency }),
    ...perEventOf(runs.map(({ summary }) => summary)),
  };
}
