import { duration, share } from '../numbers.ts';
import type { GateValue, Report, ReportValues } from '../analysis/report.ts';
import { contentionAdvice } from './contention.ts';
import { above, aboveShare, micros } from './rule.ts';
import type { Reason, ValidityRule } from './rule.ts';

/** The facts that the rules about goodput's own work need. They are known during a run, too. */
export interface OwnFacts {
  load: Pick<Report['load'], 'loop' | 'window_s'>;
  counts: Pick<Report['counts'], 'sent' | 'cohort'>;
  health: Pick<
    Report['health'],
    | 'send_lag_p99_ms'
    | 'send_lag_second_ms'
    | 'unsent'
    | 'released'
    | 'local_limits'
    | 'event_loop_delay_max_ms'
    | 'event_loop_utilization'
    | 'gc_pauses_ms'
    | 'steady'
    | 'host'
  >;
}

/** A rule about goodput's own work. */
interface OwnRule extends ValidityRule {
  check(facts: OwnFacts, values: OwnValues): Reason | null;
}

/** The figures that these rules need: the medians of TTFT and E2E. */
export interface OwnValues {
  value(metric: string, aggregation: string): Pick<GateValue, 'value'>;
}

/** The shortest window, in seconds, in which the busy share of an event loop is meaningful. */
const SHORTEST_SHARE_S = 0.5;

/** With fewer requests, none is expected above their p99. */
const FEWEST_FOR_P99 = 100;

export const sendLag: OwnRule = {
  name: 'send_lag',
  needs: ['generator'],
  what: 'p99 of `send_lag`, the delay of a send by goodput itself (below 100 requests, which have no p99, the second highest)',
  suspect: 'above 5 ms and above 5% of the TTFT p50 (closed loop: of the E2E p50)',
  invalid: 'above 25 ms and above 25% of the same',
  check(report, values) {
    const { send_lag_p99_ms: p99, send_lag_second_ms: second } = report.health;
    // The nearest rank of 60 requests is the highest value: one scheduling delay would make a third of all short runs suspect.
    const few = report.counts.sent < FEWEST_FOR_P99 && second !== null;
    const lag = few ? second : p99;
    const closed = report.load.loop === 'closed';
    // In closed loop latencies start at the send: a late send lowers the load and is part of no latency.
    // If no request got a first token before it was cut off, the time that it waited is a lower bound of its TTFT.
    const waited = closed ? null : (report.health.steady?.second.ttft_ms ?? null);
    const median = values.value(closed ? 'e2e' : 'ttft', 'p50').value;
    const reference = median ?? waited;
    const absolute = above(lag, 5, 25);
    if (lag === null || absolute === null) return null;
    // Both are recorded in microseconds. Without a latency the lag cannot be shown to be small.
    const relative = reference === null ? 'invalid' : aboveShare(micros(lag), micros(reference), 20, 4);
    if (relative === null) return null;
    const level = absolute === 'invalid' && relative === 'invalid' ? 'invalid' : 'suspect';
    const late = few
      ? `two or more requests at least ${duration(lag)} late`
      : `1% of the requests at least ${duration(lag)} late`;
    const compared = median === null ? '' : ` (median ${closed ? 'E2E' : 'TTFT'}: ${duration(median)})`;
    const effect = closed ? ', so the load was lower than requested' : '';
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

export const unsent: OwnRule = {
  name: 'unsent',
  needs: ['generator'],
  what: 'requests that were due and that goodput did not send in time',
  suspect: 'more than 0.1%',
  invalid: 'more than 1%',
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

/** Returns how many requests were not sent because of a limit of this machine. */
export const limitedHere = (limits: Report['health']['local_limits']): number =>
  Object.values(limits).reduce((sum, count) => sum + count, 0);

export const LIMITED_ADVICE =
  'Raise the limit as the notes describe, use fewer requests in flight, or use several machines.';

export const localLimits: OwnRule = {
  name: 'local_limits',
  needs: ['generator'],
  what: 'requests for which the machine of goodput had no file descriptor, port or memory',
  suspect: 'more than 0.1%',
  invalid: 'more than 1%',
  check({ health, counts }) {
    const failed = limitedHere(health.local_limits);
    const level = aboveShare(failed, counts.cohort, 1000, 100);
    if (level === null) return null;
    const codes = Object.keys(health.local_limits).join(', ');
    return {
      rule: 'local_limits',
      level,
      text: `This machine could not open connections for ${failed} of ${counts.cohort} requests (${codes}): they count as failed, and never reached the server.`,
      advice: LIMITED_ADVICE,
    };
  },
};

export const loopDelay: OwnRule = {
  name: 'event_loop_delay',
  needs: ['generator'],
  what: 'longest event-loop delay of a load worker in W or the drain, or time in W during which the machine was suspended',
  suspect: 'above 100 ms',
  invalid: 'above 1 s',
  check(report) {
    const { health } = report;
    const suspended = health.host?.suspended_ms ?? 0;
    const blocked = health.event_loop_delay_max_ms ?? 0;
    const level = above(Math.max(suspended, blocked), 100, 1000);
    if (level === null) return null;
    if (suspended > blocked) {
      return {
        rule: 'event_loop_delay',
        level,
        text: `This machine was suspended for ${duration(suspended)} in the window: nothing was sent or timestamped during that time.`,
        advice: 'Keep the machine awake while it measures, and run again.',
      };
    }
    return {
      rule: 'event_loop_delay',
      level,
      text: `A load worker was blocked for ${duration(blocked)}: data that arrived during that time was timestamped late.`,
      advice:
        contentionAdvice(report) ?? 'Close other programs on this machine, or run goodput on a separate one.',
    };
  },
};

export const loopUtilization: OwnRule = {
  name: 'event_loop_utilization',
  needs: ['generator'],
  what: 'busy share of a load worker’s event loop',
  suspect: 'above 80%',
  invalid: 'above 98%',
  check({ health, load }) {
    const level = above(health.event_loop_utilization, 0.8, 0.98);
    // Over a short window the share means nothing: a load that fails immediately ends before the code is compiled.
    if (level === null || load.window_s < SHORTEST_SHARE_S) return null;
    const busy = share(health.event_loop_utilization);
    return {
      rule: 'event_loop_utilization',
      level,
      text: `A load worker was busy ${busy} of the time: its measurements include its own delays.`,
      advice: 'Use more workers (--workers), or several machines.',
    };
  },
};

export const garbage: OwnRule = {
  name: 'gc_pauses',
  needs: ['generator'],
  what: 'sum of the garbage-collection pauses',
  suspect: 'above 2% of W',
  invalid: 'above 10% of W',
  check({ health, load }) {
    const pauses = health.gc_pauses_ms;
    const level = pauses === null ? null : aboveShare(pauses, load.window_s * 1000, 50, 10);
    if (pauses === null || level === null) return null;
    return {
      rule: 'gc_pauses',
      level,
      text: `Garbage collection stopped goodput for ${duration(pauses)} of the window of ${duration(load.window_s * 1000)}.`,
      advice: 'Use more workers (--workers), omit --keep-text, or use a machine with more memory.',
    };
  },
};

/** Every rule about goodput's own work, in the order of the report. */
export const OWN_RULES: readonly OwnRule[] = [
  sendLag,
  unsent,
  localLimits,
  loopDelay,
  loopUtilization,
  garbage,
];

const OWN_SENDING = [sendLag, unsent, loopDelay, loopUtilization];

/** Returns true if goodput sent late or incompletely, so that it may itself be the cause of a load that was not reached. */
export const hasSentLate = (report: Report, values: ReportValues): boolean =>
  OWN_SENDING.some((rule) => rule.check(report, values) !== null);

/** Returns true if goodput was so late or so busy that it may itself be the cause of a growing queue. */
export const mayHaveQueued = (report: Report, values: ReportValues): boolean =>
  OWN_SENDING.some((rule) => rule.check(report, values)?.level === 'invalid') ||
  loopUtilization.check(report, values) !== null;
