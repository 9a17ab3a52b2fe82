import type { Report, ReportValues } from '../analysis/report.ts';
import { formatShare } from '../units.ts';

/** Why a run is not to be trusted, or not wholly. */
export interface Reason {
  rule: string;
  level: 'suspect' | 'invalid';
  /** What was seen, one sentence. */
  text: string;
  /** What to do about it, one sentence. */
  advice: string;
}

/** One line of the validity table of metrics.md. */
export interface ValidityRule {
  name: string;
  what: string;
  /** In words, for the docs; `null`: this rule knows no such level. */
  suspect: string | null;
  invalid: string | null;
  check(report: Report, values: ReportValues): Reason | null;
}

type Level = Reason['level'];

/** A window in which a busy share can be told. */
const SHORTEST_SHARE_S = 0.5;

/** Sentences are read, not computed with: four digits, and seconds where milliseconds grow long. */
const ms = (value: number): string =>
  value >= 1000 ? `${Number((value / 1000).toPrecision(4))} s` : `${Number(value.toPrecision(4))} ms`;
const micros = (value: number): number => Math.round(value * 1000);

/** The level of a figure that is bad when it passes a bound; the bounds themselves are still good. */
function above(value: number | null, suspect: number, invalid: number): Level | null {
  if (value === null || value <= suspect) return null;
  return value > invalid ? 'invalid' : 'suspect';
}

/** `part` above 1/`suspect` or 1/`invalid` of `whole`, by multiplication: a quotient would round at the bound. */
const aboveShare = (part: number, whole: number, suspect: number, invalid: number): Level | null =>
  part * invalid > whole ? 'invalid' : part * suspect > whole ? 'suspect' : null;

const sendLag: ValidityRule = {
  name: 'send_lag',
  what: 'p99 of `send_lag`, goodput’s own delay of a send',
  suspect: 'above 5 ms and above 5 % of the TTFT p50',
  invalid: 'above 25 ms and above 25 % of the TTFT p50',
  check(report, values) {
    const lag = report.health.send_lag_p99_ms;
    const ttft = values.value('ttft', 'p50').value;
    const absolute = above(lag, 5, 25);
    if (lag === null || absolute === null) return null;
    // Both are recorded microseconds. Without a TTFT nothing shows that the lag was small beside it.
    const relative = ttft === null ? 'invalid' : aboveShare(micros(lag), micros(ttft), 20, 4);
    if (relative === null) return null;
    const level = absolute === 'invalid' && relative === 'invalid' ? 'invalid' : 'suspect';
    const beside = ttft === null ? '' : `, beside a median TTFT of ${ms(ttft)}`;
    return {
      rule: 'send_lag',
      level,
      text: `goodput itself sent late: 1 % of the requests by ${ms(lag)} or more${beside}.`,
      advice: 'Give goodput more workers (--workers), a less busy machine, or a lower rate.',
    };
  },
};

const unsent: ValidityRule = {
  name: 'unsent',
  what: 'requests that fell due and that goodput itself did not send in time',
  suspect: 'more than 0.1 %',
  invalid: 'more than 1 %',
  check({ health }) {
    const level = aboveShare(health.unsent, health.released, 1000, 100);
    if (level === null) return null;
    return {
      rule: 'unsent',
      level,
      text: `goodput failed to send ${health.unsent} of ${health.released} requests in time, so the load was lower than planned.`,
      advice: 'Give goodput more workers (--workers) or a less busy machine, or lower the rate.',
    };
  },
};

const localLimits: ValidityRule = {
  name: 'local_limits',
  what: 'requests for which goodput’s own machine had no file descriptor, port or memory',
  suspect: 'more than 0.1 %',
  invalid: 'more than 1 %',
  check({ health, counts }) {
    const limits = Object.entries(health.local_limits);
    const failed = limits.reduce((sum, [, count]) => sum + count, 0);
    const level = aboveShare(failed, counts.cohort, 1000, 100);
    if (level === null) return null;
    const codes = limits.map(([code]) => code).join(', ');
    return {
      rule: 'local_limits',
      level,
      text: `This machine could not open connections for ${failed} of ${counts.cohort} requests (${codes}): they count as failed, and the server never saw them.`,
      advice:
        'Do what the notes say about the limit, have fewer requests in flight, or use several machines.',
    };
  },
};

const loopDelay: ValidityRule = {
  name: 'event_loop_delay',
  what: 'longest event-loop delay of a load worker, in W or the drain; or sleep of the machine in W',
  suspect: 'above 100 ms',
  invalid: 'above 1 s',
  check({ health }) {
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
      advice: 'Close other programs on this machine, or run goodput on one of its own.',
    };
  },
};

const loopUtilization: ValidityRule = {
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

const garbage: ValidityRule = {
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

const successes: ValidityRule = {
  name: 'successes',
  what: 'successes in the cohort (few of them mark percentiles, not the run)',
  suspect: null,
  invalid: 'none',
  check({ counts, failures }) {
    if (counts.ok > 0) return null;
    if (counts.cohort === 0) {
      return {
        rule: 'successes',
        level: 'invalid',
        text: 'Nothing was measured: no request started within the window.',
        advice: 'Measure for longer, or at a higher rate.',
      };
    }
    const most = failures.reduce((a, b) => (b.count > a.count ? b : a), failures[0]!);
    const cause = failures.length === 0 ? '' : `; most often ${most.outcome}: ${most.example}`;
    return {
      rule: 'successes',
      level: 'invalid',
      text: `None of the ${counts.cohort} requests succeeded${cause}.`,
      advice:
        'Try one request by hand: the URL, the model, the key and the time limits decide whether it can succeed.',
    };
  },
};

const OWN_SENDING = [sendLag, unsent, loopDelay, loopUtilization];

/** goodput's own sending was late or incomplete, so that a load which did not arrive is not the server's doing. */
export const fellBehind = (report: Report, values: ReportValues): boolean =>
  OWN_SENDING.some((rule) => rule.check(report, values) !== null);

/** It fell behind so far, or was so busy, that a queue which grew may be its own. */
const queuedItself = (report: Report, values: ReportValues): boolean =>
  OWN_SENDING.some((rule) => rule.check(report, values)?.level === 'invalid') ||
  loopUtilization.check(report, values) !== null;

/** Requests at the edges of W make planned and sent differ by a few even where nothing held them back. */
const EDGE_REQUESTS = 3;
const EDGE_SHARE = 0.02;

/** Requests that the plan had in W and that were not sent in it, through no fault of goodput's that is known here; 0 for a few. */
export function notSentInW({ load, rates, health, counts }: Report): number {
  const { offered_rps: offered, sent_rps: sent } = rates;
  if (load.loop !== 'open' || offered === null || sent === null) return 0;
  // What left no record may well have been sent.
  if (counts.lost > 0) return 0;
  const { connect = 0, dns = 0, tls = 0 } = counts.outcomes;
  const behind = (offered - sent) * load.window_s - health.unsent - (connect + dns + tls);
  return behind <= Math.max(EDGE_REQUESTS, EDGE_SHARE * offered * load.window_s) ? 0 : behind;
}

const heldBackByCap = (report: Report): boolean =>
  report.load.max_concurrency !== null && notSentInW(report) > 0;

const steady: ValidityRule = {
  name: 'steady_state',
  what: 'steady state: the second half of W against the first, in requests in flight and TTFT',
  suspect: 'a trend beyond its own noise; overload where the queue grows',
  invalid: null,
  check(report, values) {
    const { steady: found } = report.health;
    // What waits for a cap is a finding about the server (see `heldBack`), and not a doubt about the run.
    if (found === null || found.ok || heldBackByCap(report)) return null;
    const { detail } = found;
    const overload = found.overload && !queuedItself(report, values);
    return {
      rule: 'steady_state',
      level: 'suspect',
      text: `${overload ? 'Overload: the queue grew throughout the window' : 'Not a steady state'}. ${detail}`,
      advice: overload
        ? 'Lower the rate: at this one every figure depends on how long the run was.'
        : 'Warm up for longer (--warmup), or measure for longer (--duration).',
    };
  },
};

/** Objectives that count tokens: with events in their place they judge another quantity. */
const TOKEN_METRICS = ['tpot', 'ntpot', 'user_tps', 'on_time_share'];

const tokenSource: ValidityRule = {
  name: 'token_source',
  what: 'source of the output token counts',
  suspect: 'mixed, or `events` while an SLO on `tpot`, `ntpot`, `user_tps` or `on_time_share` is declared',
  invalid: null,
  check({ tokens, slo }) {
    const sources = Object.entries(tokens.from).filter(([, count]) => count > 0);
    const judged = TOKEN_METRICS.filter((metric) => slo?.limits[metric] !== undefined);
    const advice =
      'Have the server report usage in its streams (stream_options.include_usage) for every request.';
    if (sources.length > 1) {
      const list = sources.map(([source, count]) => `${source} for ${count}`).join(', ');
      const text = `Output tokens were counted in several ways (${list} requests), which do not compare.`;
      return { rule: 'token_source', level: 'suspect', text, advice };
    }
    if (sources[0]?.[0] !== 'events' || judged.length === 0) return null;
    const text = `No token counts came from the server: output events stand for tokens, and ${judged.join(', ')} judged them.`;
    return { rule: 'token_source', level: 'suspect', text, advice };
  },
};

const little: ValidityRule = {
  name: 'little',
  what: '`little`, where warm-up is at least 2 × and W at least 20 × the mean residence',
  suspect: 'outside 0.9 – 1.1',
  invalid: null,
  check({ rates, health }) {
    const ratio = rates.little;
    if (!health.little_applies || ratio === null || (ratio >= 0.9 && ratio <= 1.1)) return null;
    return {
      rule: 'little',
      level: 'suspect',
      text: `Requests in flight, their rate and their time do not fit together (Little's law gives ${Number(ratio.toFixed(4))}, not 1).`,
      advice: 'Warm up for longer (--warmup): more requests entered than left, or the other way round.',
    };
  },
};

/** In the order of the report. */
export const VALIDITY_RULES: readonly ValidityRule[] = [
  successes,
  sendLag,
  unsent,
  localLimits,
  loopDelay,
  loopUtilization,
  garbage,
  steady,
  tokenSource,
  little,
];
