import { brief, rounded } from '../numbers.ts';
import { impossibleFor } from '../analysis/impossible.ts';
import type { Bounds } from '../analysis/bounds.ts';
import type { GateValue, Report, ReportValues } from '../analysis/report.ts';
import type { Gate } from '../slo/grammar.ts';
import { metricNamed, type Statement } from '../metrics/registry.ts';
import { type PerEvent, perEventOf } from './token-unit.ts';

/** The result of one gate. */
export interface GateResult extends PerEvent {
  /** The gate as declared: `ttft p99 <= 400ms`. */
  gate: string;
  /** Only for a gate of a group: its key and its name. */
  by?: string;
  group?: string;
  /** The exact value in `unit`; `null` if there is none, and then the gate fails. */
  value: number | null;
  unit: string;
  pass: boolean;
  /** Present if the true value may be on the other side of the limit. */
  uncertain?: true;
  /** Present if the figure is impossible on the stated machine, so that the run cannot be judged. */
  invalid?: true;
  /** Why the result is uncertain or inconclusive, or has no value. */
  reason?: string;
  /** Only for a gate with confidence, which is judged by the ends of the interval. */
  confidence?: number;
  /** `null`: not bounded. */
  low?: number | null;
  high?: number | null;
  /** Present if the interval contains the limit, or there is none: the gate fails, but the limit is not proven to be missed. */
  inconclusive?: true;
  /** Only if inconclusive: how many more requests of the same load are needed; `null` if no number of requests is enough. */
  more_requests?: number | null;
}

/**
 * Judges a run by one gate. A gate without data fails.
 * @param report and `values` are those of the group for a gate of a group
 */
export function judgeGate(gate: Gate, report: Report, values: ReportValues): GateResult {
  const { gate: text, ...figure } = judgeValue(gate, report, values);
  const result = { gate: text, ...groupOf(gate), ...figure };
  return metricNamed(gate.metric)?.countsTokens === true ? { ...result, ...perEventOf([report]) } : result;
}

/** Returns the result of a gate of a group that has no requests, for this reason. */
export const withoutGroup = (gate: Gate, why: string): GateResult => ({
  gate: gate.text,
  ...groupOf(gate),
  value: null,
  unit: gate.unit,
  pass: false,
  reason: `no data: ${why}`,
});

const groupOf = ({ group }: Gate): Pick<GateResult, 'by' | 'group'> =>
  group === undefined ? {} : { by: group.key, group: group.name };

function judgeValue(gate: Gate, report: Report, values: ReportValues): GateResult {
  const { value, uncertain, why } = worstCase(gate, report) ?? values.value(gate.metric, gate.aggregation);
  const { text } = gate;
  const unit = unitOf(gate, report);
  if (value === null || !Number.isFinite(value)) {
    const reason = why === 'impossible' ? impossibleText(gate, report) : whyNoValue(gate, why);
    return {
      gate: text,
      value: null,
      unit,
      pass: false,
      ...(why === 'impossible' ? { invalid: true } : {}),
      reason,
    };
  }
  if (gate.confidence !== undefined) return judgeByInterval(gate, gate.confidence, value, report, values);
  const result: GateResult = { gate: text, value, unit, pass: isMet(gate, value) };
  if (report.counts.lost > 0) {
    const reason = `${report.counts.lost} requests left no record: their results are unknown`;
    return { ...result, uncertain: true, reason };
  }
  return uncertain ? { ...result, uncertain: true, reason: fewSamples(gate) } : result;
}

/** Judges by the interval: met if all of it meets the limit, missed if none of it does, else inconclusive. */
function judgeByInterval(
  gate: Gate,
  confidence: number,
  value: number,
  report: Report,
  values: ReportValues,
): GateResult {
  const result = { gate: gate.text, value, unit: gate.unit, pass: false, confidence };
  const bounds = values.bounds(gate.metric, gate.aggregation, confidence);
  const unusable = whyNoInterval(gate, report, bounds);
  if (unusable !== null) return { ...result, low: null, high: null, inconclusive: true, ...unusable };
  if (bounds === null) {
    const reason = 'inconclusive: too few requests have a value for an interval';
    return { ...result, low: null, high: null, inconclusive: true, more_requests: null, reason };
  }
  const { low, high } = bounds;
  const [worst, best] = gate.op === '>=' ? [low, high] : [high, low];
  const judged = { ...result, low, high };
  if (worst !== null && isMet(gate, worst)) return markShortRun({ ...judged, pass: true }, report);
  if (best !== null && !isMet(gate, best)) return judged;
  return { ...judged, inconclusive: true, ...whyInconclusive(gate, value, bounds) };
}

/** Returns why this run has no interval at all, and how many more requests are needed; `null` if it may have one. */
function whyNoInterval(
  gate: Gate,
  { intervals, counts }: Report,
  bounds: Bounds | null,
): Pick<GateResult, 'reason' | 'more_requests'> | null {
  if (counts.lost > 0) {
    const reason = `inconclusive: ${counts.lost} requests left no record, so their results are unknown`;
    return { reason, more_requests: null };
  }
  if (intervals.why === 'load') {
    const reason = 'inconclusive: the plan changes the rate, so there is no steady figure to estimate';
    return { reason, more_requests: null };
  }
  if (intervals.length !== 'inconclusive') return null;
  const more = Math.max(1, missingRequests(intervals), bounds === null ? 1 : requestsToDecide(gate, bounds));
  return {
    reason: `inconclusive: ${independentRequests(intervals)}, too few for an interval; ${moreRequests(more)} needed`,
    more_requests: more,
  };
}

/** Returns how many requests the run is short of for any interval. */
const missingRequests = ({ needed, requests }: Report['intervals']): number =>
  needed === null ? 0 : needed - requests;

/** Returns how many more requests the interval needs to exclude the limit; 0 if no number is enough. */
const requestsToDecide = (gate: Gate, bounds: Bounds): number =>
  Math.max(0, (bounds.requestsUntil(gate.value) ?? 0) - bounds.requests);

function whyInconclusive(
  gate: Gate,
  value: number,
  bounds: Bounds,
): Required<Pick<GateResult, 'reason' | 'more_requests'>> {
  const needed = bounds.requestsUntil(gate.value);
  if (needed === null) {
    const reason = 'inconclusive: the figure equals its limit, so no number of requests can decide';
    return { reason, more_requests: null };
  }
  const more = Math.max(1, needed - bounds.requests);
  const outcome = isMet(gate, value) ? 'met' : 'missed';
  return {
    reason: `inconclusive: the limit is within the interval; ${moreRequests(more)} needed (${outcome} if the figure stays the same)`,
    more_requests: more,
  };
}

/** Marks a result whose run is long enough for intervals, but short. */
function markShortRun(result: GateResult, { intervals }: Report): GateResult {
  if (intervals.length !== 'short') return result;
  return { ...result, uncertain: true, reason: `short run: ${independentRequests(intervals)}` };
}

function independentRequests({ requests, effective }: Report['intervals']): string {
  const independent = Math.max(1, Math.floor(effective));
  return `${requests} requests are equivalent to ${independent} independent ${independent === 1 ? 'one' : 'ones'}`;
}

/** Two digits: the estimate is not more precise. */
const moreRequests = (count: number): string =>
  `about ${brief(rounded(count, 2))} more ${count === 1 ? 'request is' : 'requests are'}`;

/**
 * Returns true if the value meets the limit, which is inclusive. Values are quotients of exact counts and microseconds, limits are
 * decimals; both are rounded to doubles, so values that differ by a unit in the last place are equal.
 */
export function isMet({ op, value: limit }: Gate, value: number): boolean {
  const slack = 4 * Number.EPSILON * Math.abs(limit);
  return op === '<=' ? value <= limit + slack : value >= limit - slack;
}

/** Returns the value under the assumption that lost requests were bad; `null` if none was lost, or for other metrics. */
function worstCase(gate: Gate, { counts, slo }: Report): GateValue | null {
  const { judged, lost, good, failed } = counts;
  if (lost === 0) return null;
  const whole = judged + lost;
  const series = metricNamed(gate.metric)?.series;
  if (series === 'failed') return { value: (failed + lost) / whole, uncertain: true, why: null };
  if (series !== 'good') return null;
  // With SLOs the analysis knows how many of the lost requests belong to W; otherwise all of them may.
  const value =
    slo === null ? good / whole : slo.attainment.kind === 'lost' ? slo.attainment.low : slo.attainment.value;
  return { value, uncertain: true, why: value === null ? 'none' : null };
}

/** Returns the unit of the gate's figure; that of a cost is its currency. */
const unitOf = ({ unit }: Gate, { cost }: Report): string =>
  unit === 'currency' && cost !== null ? cost.currency : unit;

function impossibleText({ metric }: Gate, { machine }: Report): string {
  const names = impossibleFor(metric, machine?.impossible ?? []).map(({ figure }) =>
    figure === metric ? `it exceeds 100%` : `the measured ${figure} is below its floor`,
  );
  return `withheld: ${names.join(', and ')}, which the stated machine and model cannot reach`;
}

/** How to state what a figure needs. */
const STATE: Readonly<Record<Statement, string>> = {
  machine: 'hardware and model (--hardware, --model-config)',
  cost: 'prices (--price, or pricePerHour in --hardware)',
  energy: 'hardware (--hardware), or telemetry of power',
};

function whyNoValue(gate: Gate, why: GateValue['why']): string {
  const what = gate.aggregation === null ? gate.metric : `${gate.metric} ${gate.aggregation}`;
  if (why === 'imported') return `no data: the imported files do not hold what ${what} needs`;
  if (why === 'buffered')
    return `no data: the responses were buffered on the way, so there is no ${gate.metric}`;
  if (why === 'per_event')
    return `no data: output events stand for tokens and have several words each, so ${gate.metric} would be wrong`;
  if (why === 'failures') return `no data: too many requests failed to compute ${what}`;
  const { needsLimits: limits = [], needsStated = null } = metricNamed(gate.metric) ?? {};
  if (needsStated !== null)
    return `no data: ${what} needs ${STATE[needsStated]}, and requests that it applies to`;
  return limits.length > 0
    ? `no data: ${what} needs SLO limits of ${limits.join(' and ')}, and requests that they apply to`
    : `no data: no request in this ${gate.group === undefined ? 'run' : 'group'} has a value of ${gate.metric}`;
}

const fewSamples = (gate: Gate): string =>
  `too few samples for ${gate.aggregation ?? gate.metric}: this is the nearest rank, the true value may be beyond it`;
