import type { Bounds } from '../analysis/bounds.ts';
import type { GateValue, Report, ReportValues } from '../analysis/report.ts';
import type { Gate } from '../slo/grammar.ts';
import { metricNamed } from '../metrics/registry.ts';
import { type PerEvent, perEventOf } from './token-unit.ts';

export interface GateResult extends PerEvent {
  /** As declared: `ttft p99 <= 400ms`. */
  gate: string;
  /** Exact, in `unit`; `null` where there is none, and then it fails. */
  value: number | null;
  unit: string;
  pass: boolean;
  /** The true value may lie on the other side of the limit. Absent: no. */
  uncertain?: true;
  /** Why it is uncertain, inconclusive or has no value, in words. */
  reason?: string;
  /** Only of a gate with confidence, judged by the ends of the interval; `null`: that end is not bounded. */
  confidence?: number;
  low?: number | null;
  high?: number | null;
  /** The interval has the limit inside, or there is none: it fails, and the limit is not shown to be missed. */
  inconclusive?: true;
  /** Only where inconclusive: about how many more requests of the same load would tell; `null` where none would. */
  more_requests?: number | null;
}

/** What one gate says of a run. No data never passes. */
export function judgeGate(gate: Gate, report: Report, values: ReportValues): GateResult {
  const result = judgeValue(gate, report, values);
  return metricNamed(gate.metric)?.countsTokens === true ? { ...result, ...perEventOf([report]) } : result;
}

function judgeValue(gate: Gate, report: Report, values: ReportValues): GateResult {
  const { value, uncertain, why } = worstCase(gate, report) ?? values.value(gate.metric, gate.aggregation);
  const { text, unit } = gate;
  if (value === null || !Number.isFinite(value)) {
    return { gate: text, value: null, unit, pass: false, reason: missing(gate, why) };
  }
  if (gate.confidence !== undefined) return judgeSurely(gate, gate.confidence, value, report, values);
  const result: GateResult = { gate: text, value, unit, pass: holds(gate, value) };
  if (report.counts.lost > 0) {
    const reason = `${report.counts.lost} requests left no record: their results are unknown`;
    return { ...result, uncertain: true, reason };
  }
  return uncertain ? { ...result, uncertain: true, reason: few(gate) } : result;
}

/** By its interval: met where the whole of it is, missed where nothing of it is, else inconclusive. */
function judgeSurely(
  gate: Gate,
  confidence: number,
  value: number,
  report: Report,
  values: ReportValues,
): GateResult {
  const result = { gate: gate.text, value, unit: gate.unit, pass: false, confidence };
  const bounds = values.bounds(gate.metric, gate.aggregation, confidence);
  const unknown = unjudgeable(gate, report, bounds);
  if (unknown !== null) return { ...result, low: null, high: null, inconclusive: true, ...unknown };
  if (bounds === null) {
    const reason = 'inconclusive: too few requests have a value for an interval';
    return { ...result, low: null, high: null, inconclusive: true, more_requests: null, reason };
  }
  const { low, high } = bounds;
  const [worst, best] = gate.op === '>=' ? [low, high] : [high, low];
  const judged = { ...result, low, high };
  if (worst !== null && holds(gate, worst)) return shortRun({ ...judged, pass: true }, report);
  if (best !== null && !holds(gate, best)) return judged;
  return { ...judged, inconclusive: true, ...untold(gate, value, bounds) };
}

/** Why this run has no interval at all, and what would. */
function unjudgeable(
  gate: Gate,
  { intervals, counts }: Report,
  bounds: Bounds | null,
): Pick<GateResult, 'reason' | 'more_requests'> | null {
  if (counts.lost > 0) {
    const reason = `inconclusive: ${counts.lost} requests left no record, and their results are unknown`;
    return { reason, more_requests: null };
  }
  if (intervals.why === 'load') {
    const reason = 'inconclusive: the plan changes the rate, so that there is no figure to be sure of';
    return { reason, more_requests: null };
  }
  if (intervals.length !== 'inconclusive') return null;
  const more = Math.max(1, lacking(intervals), bounds === null ? 1 : moreToTell(gate, bounds));
  return {
    reason: `inconclusive: ${worth(intervals)}, too few for an interval; about ${requestsMore(more)} would tell`,
    more_requests: more,
  };
}

/** Requests that the run lacks for any interval. */
const lacking = ({ needed, requests }: Report['intervals']): number =>
  needed === null ? 0 : needed - requests;

/** Requests that the interval lacks to leave the limit outside; 0 where none would. */
const moreToTell = (gate: Gate, bounds: Bounds): number =>
  Math.max(0, (bounds.requestsUntil(gate.value) ?? 0) - bounds.requests);

function untold(
  gate: Gate,
  value: number,
  bounds: Bounds,
): Required<Pick<GateResult, 'reason' | 'more_requests'>> {
  const needed = bounds.requestsUntil(gate.value);
  if (needed === null) {
    const reason = 'inconclusive: the figure is at its limit, where no number of requests would tell';
    return { reason, more_requests: null };
  }
  const more = Math.max(1, needed - bounds.requests);
  const outcome = holds(gate, value) ? 'met' : 'missed';
  return {
    reason: `inconclusive: the limit lies within the interval; about ${requestsMore(more)} would tell (${outcome}, if the figure stays as it is)`,
    more_requests: more,
  };
}

/** Intervals of such a run are shown, and marked. */
function shortRun(result: GateResult, { intervals }: Report): GateResult {
  if (intervals.length !== 'short') return result;
  return { ...result, uncertain: true, reason: `short run: ${worth(intervals)}` };
}

const worth = ({ requests, effective }: Report['intervals']): string =>
  `${requests} requests are worth ${Math.max(1, Math.floor(effective))} independent ones`;

/** Two digits: nobody knows more. */
const requestsMore = (count: number): string =>
  `${Number(count.toPrecision(2)).toLocaleString('en-US')} more ${count === 1 ? 'request' : 'requests'}`;

/**
 * Inclusive. Values are quotients of exact counts and microseconds, limits are decimals: both are rounded to doubles,
 * so what differs by a unit in the last place is equal.
 */
export function holds({ op, value: limit }: Gate, value: number): boolean {
  const slack = 4 * Number.EPSILON * Math.abs(limit);
  return op === '<=' ? value <= limit + slack : value >= limit - slack;
}

/** Requests whose results were lost count against a gate: nothing shows that they were good. */
function worstCase(gate: Gate, { counts, slo }: Report): GateValue | null {
  const { judged, lost, good, failed } = counts;
  if (lost === 0) return null;
  const whole = judged + lost;
  const series = metricNamed(gate.metric)?.series;
  if (series === 'failed') return { value: (failed + lost) / whole, uncertain: true, why: null };
  if (series !== 'good') return null;
  // With SLOs the analysis knows how many of the lost belong to W; else all of them might.
  const value =
    slo === null ? good / whole : slo.attainment.kind === 'lost' ? slo.attainment.low : slo.attainment.value;
  return { value, uncertain: true, why: value === null ? 'none' : null };
}

function missing(gate: Gate, why: GateValue['why']): string {
  const what = gate.aggregation === null ? gate.metric : `${gate.metric} ${gate.aggregation}`;
  if (why === 'buffered')
    return `no data: the responses were buffered on the way, so that there is no ${gate.metric}`;
  if (why === 'per_event')
    return `no data: output events stand for tokens and have several words each, so that ${gate.metric} would be wrong`;
  if (why === 'failures') return `too many requests failed for ${what} to be known`;
  const limits = metricNamed(gate.metric)?.needsLimits ?? [];
  return limits.length > 0
    ? `no data: ${what} needs SLO limits of ${limits.join(' and ')}, and requests that they apply to`
    : `no data: nothing in this run has a value of ${gate.metric}`;
}

const few = (gate: Gate): string =>
  `too few samples to be sure of ${gate.aggregation ?? gate.metric}: this is its nearest rank, the true value may lie beyond`;
