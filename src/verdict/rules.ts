import { significant } from '../numbers.ts';
import type { FailureClass, Report, ReportValues } from '../analysis/report.ts';
import { formatDuration } from '../units.ts';
import { lateStamps } from './late-stamps.ts';
import {
  garbage,
  LIMITED_ADVICE,
  limitedHere,
  localLimits,
  loopDelay,
  loopUtilization,
  mayHaveQueued,
  sendLag,
  unsent,
} from './own-rules.ts';
import { lostRanks, rankAudits, rankStarts } from './rank-rules.ts';
import type { ValidityRule } from './rule.ts';
import { bufferedStream, tokenSource } from './stream-rules.ts';

const UNREACHABLE_ADVICE =
  'Try a single request with another client: check the URL, the model, the API key and the timeouts.';

const OVERLOAD_ADVICE =
  'The server is overloaded: lower the rate, or find the highest good one with `goodput capacity`.';

/** Adds a period to a text, unless the message of a server at its end already has one. */
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const failureText = ({ outcome, status, example }: FailureClass): string =>
  [outcome, ...(status === null ? [] : [`HTTP ${status}`]), example].filter((part) => part !== '').join(': ');

const successes: ValidityRule = {
  name: 'successes',
  what: 'successes in the cohort (if there are few, percentiles are marked, not the run)',
  suspect: null,
  invalid: 'none',
  check(report, values) {
    const { run, counts, failures, health, rates } = report;
    if (run.stopped_by === 'endpoint') {
      return {
        rule: 'successes',
        level: 'invalid',
        text: sentence(`Nothing was measured: ${run.reason ?? 'the endpoint answered no request'}`),
        advice: run.fix === undefined ? UNREACHABLE_ADVICE : `What to do: ${run.fix}.`,
      };
    }
    // An overloaded server completed requests of the warm-up in W: that it completed none of W is the finding.
    const isOverload = isOverloaded(report, values);
    if (counts.ok > 0 || (isOverload && rates.rps !== null && rates.rps > 0)) return null;
    if (run.status === 'interrupted' && failures.length === 0) {
      return {
        rule: 'successes',
        level: 'invalid',
        text: `Nothing was measured: ${counts.cohort === 0 ? 'no request had started' : 'no request had finished'} within the window when the run was interrupted.`,
        advice: 'Start the run again, and let it complete.',
      };
    }
    if (counts.cohort === 0) {
      return {
        rule: 'successes',
        level: 'invalid',
        text: 'Nothing was measured: no request started within the window.',
        advice: 'Measure for longer, or at a higher rate.',
      };
    }
    const most = failures.reduce((a, b) => (b.count > a.count ? b : a), failures[0]!);
    const cause = failures.length === 0 ? '' : `; most frequent failure: ${failureText(most)}`;
    return {
      rule: 'successes',
      level: 'invalid',
      text: sentence(`None of the ${counts.cohort} requests succeeded${cause}`),
      advice:
        limitedHere(health.local_limits) * 2 > counts.cohort
          ? LIMITED_ADVICE
          : isOverload
            ? OVERLOAD_ADVICE
            : UNREACHABLE_ADVICE,
    };
  },
};

/** Requests at the edges of W make planned and sent differ by a few even if nothing held them back. */
const EDGE_REQUESTS = 3;
const EDGE_SHARE = 0.02;

/** Returns how many requests were planned in W but not sent in it, without those that goodput itself failed to send; 0 for a few. */
export function notSentInW({ load, rates, health, counts }: Report): number {
  const { offered_rps: offered, sent_rps: sent } = rates;
  if (load.loop !== 'open' || offered === null || sent === null) return 0;
  // Requests that left no record may have been sent.
  if (counts.lost > 0) return 0;
  const { connect = 0, dns = 0, tls = 0 } = counts.outcomes;
  const behind = (offered - sent) * load.window_s - health.unsent - (connect + dns + tls);
  return behind <= Math.max(EDGE_REQUESTS, EDGE_SHARE * offered * load.window_s) ? 0 : behind;
}

export const isHeldBackByCap = (report: Report): boolean =>
  report.load.max_concurrency !== null && notSentInW(report) > 0;

/** Returns true if more requests arrive than complete, and goodput is not the cause: a finding, and the run is valid. */
export function isOverloaded(report: Report, values: ReportValues): boolean {
  return report.health.steady?.state === 'overloaded' && !mayHaveQueued(report, values);
}

const steady: ValidityRule = {
  name: 'steady_state',
  needs: ['starts'],
  what: 'state of the run: steady, filling, overloaded or drifting',
  suspect:
    '`filling`: warm-up and W are shorter than a few residences; `drifting`: the halves of W differ by more than noise. `overloaded` is a finding, and the run is valid',
  invalid: null,
  check(report, values) {
    const { steady: found } = report.health;
    // A queue, in front of a cap or in the server, is a finding.
    if (found === null || found.ok || isHeldBackByCap(report) || isOverloaded(report, values)) return null;
    if (found.warmup_needed_s === null) {
      return {
        rule: 'steady_state',
        level: 'suspect',
        text: `Not a steady state. ${found.detail}`,
        advice: 'Warm up for longer (--warmup), or measure for longer (--duration).',
      };
    }
    const enough = formatDuration(found.warmup_needed_s * 1000);
    return {
      rule: 'steady_state',
      level: 'suspect',
      text: `Not a steady state: the server was still filling up, because warm-up and window are shorter than a few requests. ${found.detail}`,
      advice: `Warm up for ${enough} (--warmup ${enough}).`,
    };
  },
};

/**
 * The ratio differs from 1 by the ages of the requests in flight when W ends, minus those when it began. A burst at one edge of a short
 * window makes that 15% (once in a hundred normal runs): the halves of W show whether it is more than chance.
 */
const little: ValidityRule = {
  name: 'little',
  needs: ['starts', 'ends', 'failures'],
  what: '`little`, if warm-up is at least 2 × and W at least 20 × the mean residence, and the halves of W do not show a steady state',
  suspect: 'outside 0.9 – 1.1',
  invalid: null,
  check(report, values) {
    const { rates, health } = report;
    const ratio = rates.little;
    if (!health.little_applies || ratio === null || (ratio >= 0.9 && ratio <= 1.1)) return null;
    if (health.steady?.ok === true) return null;
    // A growing queue explains the ratio, and is a finding already.
    if (isOverloaded(report, values)) return null;
    return {
      rule: 'little',
      level: 'suspect',
      text: `The number of requests in flight does not match the rate of requests times the time that each took (by Little's law their ratio is ${significant(ratio)} instead of 1).`,
      advice: 'Use a longer warm-up (--warmup): more requests started than ended, or the reverse.',
    };
  },
};

/** Every rule, in the order of the report. */
export const VALIDITY_RULES: readonly ValidityRule[] = [
  successes,
  sendLag,
  unsent,
  localLimits,
  loopDelay,
  lateStamps,
  loopUtilization,
  garbage,
  steady,
  tokenSource,
  bufferedStream,
  little,
  lostRanks,
  rankAudits,
  rankStarts,
];
