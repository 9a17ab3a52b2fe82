import type { Report, ReportValues } from '../analysis/report.ts';
import { formatRate } from '../units.ts';
import { VALIDITY_RULES } from './rules.ts';
import type { Reason } from './rules.ts';

/** What goodput says of its own measurement. */
export interface Audit {
  status: 'valid' | 'suspect' | 'invalid';
  /** Why it is not valid; the gravest first. */
  reasons: Reason[];
  /** What it shows about the server, which is no reason to distrust it: whole sentences. */
  findings: string[];
  send_lag_p99_ms: number | null;
  dispatch_lag_p99_ms: number | null;
  event_loop_delay_max_ms: number | null;
  /** 0 … 1 */
  event_loop_utilization: number | null;
}

/** The self-audit of metrics.md, "Validity of a run": every rule, on the facts that the report carries. */
export function audit(report: Report, values: ReportValues): Audit {
  const seen = VALIDITY_RULES.map((rule) => rule.check(report, values)).filter((reason) => reason !== null);
  const invalid = seen.filter((reason) => reason.level === 'invalid');
  const suspect = seen.filter((reason) => reason.level === 'suspect');
  const { send_lag_p99_ms, dispatch_lag_p99_ms, event_loop_delay_max_ms, event_loop_utilization } =
    report.health;
  return {
    status: invalid.length > 0 ? 'invalid' : suspect.length > 0 ? 'suspect' : 'valid',
    reasons: [...invalid, ...suspect],
    findings: heldBack(report),
    send_lag_p99_ms,
    dispatch_lag_p99_ms,
    event_loop_delay_max_ms,
    event_loop_utilization,
  };
}

/** Requests at the edges of W make planned and sent differ by a few even where nothing held them back. */
const EDGE_REQUESTS = 3;
const EDGE_SHARE = 0.02;

/** An open-loop rate that was not reached through no fault of goodput's is a finding, and named. */
function heldBack({ load, rates, health, counts }: Report): string[] {
  const { offered_rps: offered, sent_rps: sent } = rates;
  if (load.loop !== 'open' || offered === null || sent === null) return [];
  // What left no record may well have been sent.
  if (counts.lost > 0) return [];
  const { connect = 0, dns = 0, tls = 0 } = counts.outcomes;
  const behind = (offered - sent) * load.window_s - health.unsent - (connect + dns + tls);
  if (behind <= Math.max(EDGE_REQUESTS, EDGE_SHARE * offered * load.window_s)) return [];
  const cause =
    load.max_concurrency === null
      ? 'the server took new connections too slowly'
      : `the server kept all ${load.max_concurrency} requests in flight that the cap allows`;
  return [
    `The planned rate was not reached: ${formatRate(offered)} were planned and ${formatRate(sent)} sent, because ${cause}. Every wait counts in the latencies.`,
  ];
}
