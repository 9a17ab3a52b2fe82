import { rounded, share } from '../numbers.ts';
import type { Note } from '../analysis/note.ts';
import type { Report, ReportValues } from '../analysis/report.ts';
import { formatDuration, formatRate } from '../units.ts';
import { STEAL_SHARE } from './contention.ts';
import { hasSentLate } from './own-rules.ts';
import { isHeldBackByCap, notSentInW, isOverloaded } from './rules.ts';

export const FINDING_CODES = [
  'imported',
  'overload',
  'rate_not_reached',
  'refused_for_load',
  'keep_alive_race',
  'stolen_time',
] as const;

/** A fact about the server or the machine that the run shows. By itself it is not a reason to distrust the run. */
export type Finding = Note<(typeof FINDING_CODES)[number]>;

/** Returns what the run shows about the server or the machine, the most serious first. */
export const findingsOf = (report: Report, values: ReportValues): Finding[] => [
  ...imported(report),
  ...overload(report, values),
  ...rateNotReached(report, values),
  ...refusals(report),
  ...keepAliveRaces(report),
  ...stolenTime(report),
];

function imported({ imported: found }: Report): Finding[] {
  if (found === undefined) return [];
  const text = `Imported: ${found.tool} measured this run (${found.files.join(', ')}), so goodput could not check the load generator: whether it sent in time, was blocked or was overloaded is unknown.`;
  return [{ code: 'imported', text }];
}

/** If the second half of W completes more than this times the rate of W, the first half was not full yet. */
const LATER_FACTOR = 1.2;

const perSecond = (rate: number | null): number => rounded(rate ?? 0, 3);

function overload(report: Report, values: ReportValues): Finding[] {
  if (!isOverloaded(report, values)) return [];
  const { health, counts, load } = report;
  const { offered_rps, completed_rps, second, detail } = health.steady!;
  const cap = isHeldBackByCap(report) ? ` with ${load.max_concurrency} requests in flight` : '';
  // If requests take as long as W, few of them end in its first half.
  const later =
    completed_rps !== null && second.rps > LATER_FACTOR * completed_rps
      ? ` (${perSecond(second.rps)} in the second half of the window)`
      : '';
  // A refused request does not wait, so the latencies of the others may be steady.
  const waits =
    (counts.overload ?? 0) > 0
      ? ''
      : ' Later requests wait longer: latencies depend on the length of the run.';
  const text = `Overload: the server completes ${perSecond(completed_rps)} of ${perSecond(offered_rps)} req/s offered${cap}${later}; try \`goodput capacity\`. ${detail}${waits}`;
  return [{ code: 'overload', text }];
}

function rateNotReached(report: Report, values: ReportValues): Finding[] {
  const { load, rates } = report;
  // A cap holds requests back whatever the cause; without one, late sends of goodput say nothing about the server.
  if (notSentInW(report) === 0 || (load.max_concurrency === null && hasSentLate(report, values))) return [];
  const cause =
    load.max_concurrency === null
      ? 'the server accepted new connections too slowly'
      : `the server kept all ${load.max_concurrency} requests in flight that the cap allows`;
  const text = `The planned rate was not reached: ${formatRate(rates.offered_rps!)} were planned and ${formatRate(rates.sent_rps!)} sent, because ${cause}. The latencies include every wait.`;
  return [{ code: 'rate_not_reached', text }];
}

function refusals({ counts, failures }: Report): Finding[] {
  const { overload: refused = 0 } = counts;
  if (refused === 0) return [];
  const classes = failures.filter((each) => each.overload === true);
  const by = classes.map(
    ({ outcome, status, count }) => `${status === 200 ? outcome : (status ?? outcome)}: ${count}`,
  );
  const pauses = classes.flatMap(({ retry_after_ms }) => retry_after_ms ?? []);
  const pause =
    pauses.length === 0
      ? ''
      : ` It requested pauses of up to ${formatDuration(Math.max(...pauses))}, which goodput records and does not follow: the load is that of the plan.`;
  const others = counts.failed - refused;
  const rest = others === 0 ? 'No request failed for another reason.' : `${others} failed for other reasons.`;
  const text = `The server refused ${refused} of ${counts.cohort} requests for load (${by.join(', ')}). ${rest}${pause}`;
  return [{ code: 'refused_for_load', text }];
}

/** goodput does not cause these failures, but shows them because it never sends a request again. */
function keepAliveRaces({ health, counts }: Report): Finding[] {
  if (health.keep_alive_races === 0) return [];
  const text = `${health.keep_alive_races} of ${counts.cohort} requests were sent on a connection that the server was closing at that moment (the keep-alive race). They count as failures; a client that retries would have hidden them.`;
  return [{ code: 'keep_alive_race', text }];
}

function stolenTime({ health: { host } }: Report): Finding[] {
  if (host === null || host.steal_share === null || host.steal_share <= STEAL_SHARE) return [];
  const text = `The hypervisor took ${share(host.steal_share)} of this machine's processor time for other guests: the next run may differ.`;
  return [{ code: 'stolen_time', text }];
}
