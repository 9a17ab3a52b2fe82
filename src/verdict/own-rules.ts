import type { Report, ReportValues } from '../analysis/report.ts';
import { formatShare } from '../units.ts';
import { contentionAdvice } from './contention.ts';
import { above, aboveShare, micros, ms } from './rule.ts';
import type { ValidityRule } from './rule.ts';

/** A window in which a busy share can be told. */
const SHORTEST_SHARE_S = 0.5;

/** From this many requests on one is expected above their p99. */
const FEWEST_FOR_P99 = 100;

export const sendLag: ValidityRule = {
  name: 'send_lag',
  what: 'p99 of `send_lag`, goodput’s own delay of a send (below 100 requests, which have no p99, the second highest)',
  suspect: 'above 5 ms and above 5 % of the TTFT p50 (closed loop: of the E2E p50)',
  invalid: 'above 25 ms and above 25 % of the same',
  check(report, values) {
    const { send_lag_p99_ms: p99, send_lag_second_ms: second } = report.health;
    // Of 60 requests the nearest rank is the highest: one scheduling hiccup would be held against a third of all short runs.
    const few = report.counts.sent < FEWEST_FOR_P99 && second !== null;
    const lag = few ? second : p99;
    const closed = report.load.loop === 'closed';
    // In closed loop latencies run from the send: a late send is think time, which lowers the load and is part of no latency.
    // Where no request got a first token before it was cut, the time that it waited is a lower bound of its TTFT.
    const waited = closed ? null : (report.health.steady?.second.ttft_ms ?? null);
    const median = values.value(closed ? 'e2e' : 'ttft', 'p50').value;
    const reference = median ?? waited;
    const absolute = above(lag, 5, 25);
    if (lag === null || absolute === null) return null;
    // Both are recorded microseconds. Without a latency nothing shows that the lag was small compared with it.
    const relative = reference === null ? 'invalid' : aboveShare(micros(lag), micros(reference), 20, 4);
    if (relative === null) return null;
    const level = absolute === 'invalid' && relative === 'invalid' ? 'invalid' : 'suspect';
    const late = few
      ? `two requests or more ${ms(lag)} late`
      : `1 % of the requests ${ms(lag)} late or later`;
    const compared = median === null ? '' : ` (median ${closed ? 'E2E' : 'TTFT'}: ${ms(median)})`;
    const effect = closed ? ', so the load was lower than asked for' : '';
    return {
      rule: 'send_lag',
      level,
      text: `goodput itself sent ${late}${compared}${effect}.`,
      advice:
        contentionAdvice(report) ??
        (closed
          ? 'Give goodput more workers (--workers), a less busy machine, or a longer warm-up.'
          : 'Give goodput more workers (--workers), a less busy machine, or a lower rate.'),
    };
  },
};

export const unsent: ValidityRule = {
  name: 'unsent',
  what: 'requests that fell due and that goodput itself did not send in time',
  suspect: 'more than 0.1 %',
  invalid: 'more than 1 %',
  check(report) {
    const { health } = report;
    const level = aboveShare(health.unsent, health.released, 1000, 100);
    if (level === null) return null;
    return {
      rule: 'unsent',
      level,
      text: `goodput failed to send ${health.unsent} of ${health.released} requests in time, so the load was lower than planned.`,
      advice:
        contentionAdvice(report) ??
        'Give goodput more workers (--workers) or a less busy machine, or lower the rate.',
    };
  },
};

/** Requests that a limit of goodput's own machine kept from being sent. */
export const limitedHere = (limits: Report['health']['local_limits']): number =>
  Object.values(limits).reduce((sum, count) => sum + count, 0);

export const LIMITED_ADVICE =
  'Do what the notes say about the limit, have fewer requests in flight, or use several machines.';

export const localLimits: ValidityRule = {
  name: 'local_limits',
  what: 'requests for which goodput’s own machine had no file descriptor, port or memory',
  suspect: 'more than 0.1 %',
  invalid: 'more than 1 %',
  check({ health, counts }) {
    const failed = limitedHere(health.local_limits);
    const level = aboveShare(failed, counts.cohort, 1000, 100);
    if (level === null) return null;
    const codes = Object.keys(health.local_limits).join(', ');
    return {
      rule: 'local_limits',
      level,
      text: `This machine could not open connections for ${failed} of ${counts.cohort} requests (${codes}): they count as failed, and the server never saw them.`,
      advice: LIMITED_ADVICE,
    };
  },
};

export const loopDelay: ValidityRule = {
  name: 'event_loop_delay',
  what: 'longest event-loop delay of a load worker, in W or the drain; or sleep of the machine in W',
  suspect: 'above 100 ms',
  invalid: 'above 1 s',
  check(report) {
    const { health } = report;
    const slept = health.host?.suspended_ms ?? 0;
    const stood = health.event_loop_delay_max_ms ?? 0;
    const level = above(Math.max(slept, stood), 100, 1000);
    if (level === null) return null;
    if (slept > stood) {
      return {
        rule: 'event_loop_delay',
        level,
        text: `This machine slept for ${ms(slept)} in the window: nothing was sent or stamped meanwhile.`,
        advice: 'Keep the machine awake while it measures, and run again.',
      };
    }
    return {
      rule: 'event_loop_delay',
      level,
      text: `A load worker stood still for ${ms(stood)}: what arrived meanwhile was stamped late.`,
      advice:
        contentionAdvice(report) ?? 'Close other programs on this machine, or run goodput on one of its own.',
    };
  },
};

export const loopUtilization: ValidityRule = {
  name: 'event_loop_utilization',
  what: 'busy share of a load worker’s event loop',
  suspect: 'above 80 %',
  invalid: 'above 98 %',
  check({ health, load }) {
    const level = above(health.event_loop_utilization, 0.8, 0.98);
    // Over a moment the share means nothing: a load that fails at once is over before the code is warm.
    if (level === null || load.window_s < SHORTEST_SHARE_S) return null;
    const busy = formatShare(health.event_loop_utilization!);
    return {
      rule: 'event_loop_utilization',
      level,
      text: `A load worker was busy ${busy} of the time: what it measured includes waiting for itself.`,
      advice: 'Use more workers (--workers), or several machines.',
    };
  },
};

export const garbage: ValidityRule = {
  name: 'gc_pauses',
  what: 'garbage-collection pauses, summed',
  suspect: 'above 2 % of W',
  invalid: 'above 10 % of W',
  check({ health, load }) {
    const pauses = health.gc_pauses_ms;
    const level = pauses === null ? null : aboveShare(pauses, load.window_s * 1000, 50, 10);
    if (pauses === null || level === null) return null;
    return {
      rule: 'gc_pauses',
      level,
      text: `Garbage collection stopped goodput for ${ms(pauses)} of the ${load.window_s} s window.`,
      advice: 'Use more workers (--workers), leave --keep-text out, or give the machine more memory.',
    };
  },
};

const OWN_SENDING = [sendLag, unsent, loopDelay, loopUtilization];

/** goodput's own sending was late or incomplete, so that a load which did not arrive is not the server's doing. */
export const fellBehind = (report: Report, values: ReportValues): boolean =>
  OWN_SENDING.some((rule) => rule.check(report, values, []) !== null);

/** It fell behind so far, or was so busy, that a queue which grew may be its own. */
export const queuedItself = (report: Report, values: ReportValues): boolean =>
  OWN_SENDING.some((rule) => rule.check(report, values, [])?.level === 'invalid') ||
  loopUtilization.check(report, values, []) !== null;
