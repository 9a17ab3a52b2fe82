import type { GateValue, Report, ReportValues } from '../analysis/report.ts';
import { EXIT } from '../errors.ts';
import type { Gate } from '../metrics/grammar.ts';
import type { Audit } from './audit.ts';

export interface GateResult {
  /** As declared: `ttft p99 <= 400ms`. */
  gate: string;
  /** Exact, in `unit`; `null` where there is none, and then it fails. */
  value: number | null;
  unit: string;
  pass: boolean;
  /** The true value may lie on the other side of the limit. Absent: no. */
  uncertain?: true;
  /** Why it is uncertain or has no value, in words. */
  reason?: string;
}

export interface Verdict {
  status: 'pass' | 'fail' | 'invalid' | 'none' | 'interrupted';
  exitCode: number;
  gates: GateResult[];
  /** What to do where nothing was decided, one sentence. */
  hint: string | null;
}

export interface JudgeOptions {
  /** A suspect run counts as an invalid one. */
  strict: boolean;
  /** Judging a recorded run again: that it was interrupted decides nothing any more. */
  again?: boolean;
}

const EXIT_OF: Record<Verdict['status'], number> = {
  pass: EXIT.ok,
  none: EXIT.ok,
  fail: EXIT.missed,
  invalid: EXIT.invalid,
  interrupted: EXIT.interrupted,
};

/** Whether the run passed its gates. Invalid comes before everything, then an interrupt, then the gates. */
export function judge(
  report: Report,
  values: ReportValues,
  audit: Pick<Audit, 'status'>,
  gates: readonly Gate[],
  options: JudgeOptions,
): Verdict {
  const results = gates.map((gate) => judgeGate(gate, report, values));
  const status = statusOf(report, audit, results, options);
  // goodput could not do its work: no verdict, however it reads, is what the process ends with.
  const failed = report.run.status === 'failed' && options.again !== true;
  const exitCode = failed ? EXIT.failure : EXIT_OF[status];
  return { status, exitCode, gates: results, hint: hintOf(report, status) };
}

function statusOf(
  report: Report,
  audit: Pick<Audit, 'status'>,
  results: readonly GateResult[],
  options: JudgeOptions,
): Verdict['status'] {
  const interrupted = report.run.status !== 'complete' && options.again !== true;
  // Cut before anything could be judged: there is no number that could be wrong, and the user knows why.
  if (interrupted && report.counts.judged === 0) return 'interrupted';
  if (audit.status === 'invalid' || (options.strict && audit.status === 'suspect')) return 'invalid';
  if (interrupted) return 'interrupted';
  if (results.length === 0) return 'none';
  return results.every((result) => result.pass) ? 'pass' : 'fail';
}

function hintOf(report: Report, status: Verdict['status']): string | null {
  if (status !== 'none' || report.slo === null) return null;
  return 'Objectives without a gate decide nothing: add one, like --gate "attainment >= 90%".';
}

function judgeGate(gate: Gate, report: Report, values: ReportValues): GateResult {
  const { value, uncertain, why } = worstCase(gate, report) ?? values.value(gate.metric, gate.aggregation);
  const { text, unit } = gate;
  if (value === null || !Number.isFinite(value)) {
    return { gate: text, value: null, unit, pass: false, reason: missing(gate, why) };
  }
  const result: GateResult = { gate: text, value, unit, pass: holds(gate, value) };
  if (report.counts.lost > 0) {
    const reason = `${report.counts.lost} requests left no record: their results are unknown`;
    return { ...result, uncertain: true, reason };
  }
  return uncertain ? { ...result, uncertain: true, reason: few(gate) } : result;
}

/**
 * Inclusive. Values are quotients of exact counts and microseconds, limits are decimals: both are rounded to doubles,
 * so what differs by a unit in the last place is equal.
 */
function holds({ op, value: limit }: Gate, value: number): boolean {
  const slack = 4 * Number.EPSILON * Math.abs(limit);
  return op === '<=' ? value <= limit + slack : value >= limit - slack;
}

/** Requests whose results were lost count against a gate: nothing shows that they were good. */
function worstCase(gate: Gate, { counts, slo }: Report): GateValue | null {
  const { judged, lost, good, failed } = counts;
  if (lost === 0) return null;
  const whole = judged + lost;
  if (gate.metric === 'error_rate') return { value: (failed + lost) / whole, uncertain: true, why: null };
  if (gate.metric !== 'attainment') return null;
  // With SLOs the analysis knows how many of the lost belong to W; else all of them might.
  const value =
    slo === null ? good / whole : slo.attainment.kind === 'lost' ? slo.attainment.low : slo.attainment.value;
  return { value, uncertain: true, why: value === null ? 'none' : null };
}

function missing(gate: Gate, why: GateValue['why']): string {
  const what = gate.aggregation === null ? gate.metric : `${gate.metric} ${gate.aggregation}`;
  if (why === 'failures') return `too many requests failed for ${what} to be known`;
  return gate.metric === 'on_time_share'
    ? `no data: ${what} needs SLO limits of ttft and tpot, and requests that they apply to`
    : `no data: nothing in this run has a value of ${gate.metric}`;
}

const few = (gate: Gate): string =>
  `too few samples to be sure of ${gate.aggregation ?? gate.metric}: this is its nearest rank, the true value may lie beyond`;
