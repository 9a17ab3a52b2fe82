import type { HealthFigures, Report, ReportValues, SteadyFigures } from '../analysis/report.ts';
import type { Gate } from '../slo/grammar.ts';
import type { TokenSource } from '../sample.ts';
import { formatDuration, formatRate, formatShare } from '../units.ts';
import { fellBehind } from './own-rules.ts';
import { STEAL_SHARE } from './contention.ts';
import type { Reason } from './rule.ts';
import { heldBackByCap, notSentInW, overloaded, VALIDITY_RULES } from './rules.ts';

/** What goodput says of its own measurement. */
export interface Audit
  extends HealthFigures, Pick<Report['health'], 'local_limits' | 'keep_alive_races' | 'deliveries'> {
  status: 'valid' | 'suspect' | 'invalid';
  /** Why it is not valid; the gravest first. */
  reasons: Reason[];
  /** What it shows about the server or the machine, which by itself is no reason to distrust it: whole sentences. */
  findings: string[];
  /** Rates sent ÷ offered; open loop. */
  sent_share: number | null;
  little: number | null;
  /** Source of the output token counts → its share of the requests. */
  token_share: Partial<Record<TokenSource, number>>;
  steady: SteadyFigures | null;
}

/** The self-audit of metrics.md, "Validity of a run": every rule, on the facts that the report carries. */
export function audit(report: Report, values: ReportValues, gates: readonly Gate[] = []): Audit {
  // A run that the endpoint ended measured nothing: how well goodput would have measured does not matter.
  const rules =
    report.run.stopped_by === 'endpoint'
      ? VALIDITY_RULES.filter(({ name }) => name === 'successes')
      : VALIDITY_RULES;
  const seen = rules.map((rule) => rule.check(report, values, gates)).filter((reason) => reason !== null);
  const invalid = seen.filter((reason) => reason.level === 'invalid');
  const suspect = seen.filter((reason) => reason.level === 'suspect');
  const { rates, tokens } = report;
  const {
    unsent: _,
    released: __,
    little_applies: ___,
    send_lag_second_ms: ____,
    steady,
    ...figures
  } = report.health;
  const { offered_rps: offered, sent_rps: sent } = rates;
  return {
    status: invalid.length > 0 ? 'invalid' : suspect.length > 0 ? 'suspect' : 'valid',
    reasons: [...invalid, ...suspect],
    findings: findingsOf(report, values),
    ...figures,
    sent_share: offered === null || offered === 0 || sent === null ? null : sent / offered,
    little: rates.little,
    token_share: sharesOf(tokens.from),
    steady,
  };
}

function sharesOf(from: Report['tokens']['from']): Audit['token_share'] {
  const all = Object.values(from).reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(Object.entries(from).map(([source, count]) => [source, count / all]));
}

/** What the run shows about the server or the machine, the gravest first. */
function findingsOf(report: Report, values: ReportValues): string[] {
  return [
    ...overload(report, values),
    ...heldBack(report, fellBehind(report, values)),
    ...refused(report),
    ...races(report),
    ...stolen(report),
  ];
}

/** Refusals end the wait of those that are refused, so the others' latencies may well be steady. */
function overload(report: Report, values: ReportValues): string[] {
  if (!overloaded(report, values)) return [];
  const { health, counts, load } = report;
  const { offered_rps, completed_rps, second, detail } = health.steady!;
  const within = heldBackByCap(report) ? ` with ${load.max_concurrency} requests in flight` : '';
  // Where requests take as long as W, few of them end in its first half.
  const later =
    completed_rps !== null && second.rps > LATER_FACTOR * completed_rps
      ? ` (${perSecond(second.rps)} in the second half of the window)`
      : '';
  const waits =
    (counts.overload ?? 0) > 0
      ? ''
      : ' Later requests wait longer: latencies depend on how long the run was.';
  return [
    `Overload: the server completes ${perSecond(completed_rps)} of ${perSecond(offered_rps)} req/s offered${within}${later}; try \`goodput capacity\`. ${detail}${waits}`,
  ];
}

/** A second half with more completions than this times those of W was not yet full in the first. */
const LATER_FACTOR = 1.2;

const perSecond = (rate: number | null): number => Number((rate ?? 0).toPrecision(3));

/** A server that refuses what is too much for it keeps its limit; one that fails otherwise is broken. */
function refused({ counts, failures }: Report): string[] {
  const { overload: number = 0 } = counts;
  if (number === 0) return [];
  const classes = failures.filter(({ overload }) => overload === true);
  const by = classes.map(
    ({ outcome, status, count }) => `${status === 200 ? outcome : (status ?? outcome)}: ${count}`,
  );
  const pauses = classes.flatMap(({ retry_after_ms }) => retry_after_ms ?? []);
  const asked =
    pauses.length === 0
      ? ''
      : ` It asked for pauses of up to ${formatDuration(Math.max(...pauses))}, which goodput notes and does not keep: the load is the plan’s.`;
  const others = counts.failed - number;
  const rest = others === 0 ? 'No request failed otherwise.' : `${others} failed otherwise.`;
  return [
    `The server refused ${number} of ${counts.cohort} requests for load (${by.join(', ')}). ${rest}${asked}`,
  ];
}

/** Not goodput's doing, but its habit of asking only once is what makes it show. */
function races({ health, counts }: Report): string[] {
  if (health.keep_alive_races === 0) return [];
  return [
    `${health.keep_alive_races} of ${counts.cohort} requests met a connection that the server was just closing (the keep-alive race). They count as failures; a client that asks again would have hidden them.`,
  ];
}

/** What else ran on the machine is nobody's fault, but the next run may differ for it. */
function stolen({ health: { host } }: Report): string[] {
  if (host === null || host.steal_share === null || host.steal_share <= STEAL_SHARE) return [];
  return [
    `The host took ${formatShare(host.steal_share)} of this machine's processor time for others: expect the next run to differ.`,
  ];
}

/** An open-loop rate that was not reached through no fault of goodput's is a finding, and named. */
function heldBack(report: Report, fellBehind: boolean): string[] {
  const { load, rates } = report;
  // A cap holds back whoever is to blame; without one a late send shows nothing of the server.
  if (notSentInW(report) === 0 || (fellBehind && load.max_concurrency === null)) return [];
  const cause =
    load.max_concurrency === null
      ? 'the server took new connections too slowly'
      : `the server kept all ${load.max_concurrency} requests in flight that the cap allows`;
  return [
    `The planned rate was not reached: ${formatRate(rates.offered_rps!)} were planned and ${formatRate(rates.sent_rps!)} sent, because ${cause}. Every wait counts in the latencies.`,
  ];
}
