import { significant } from '../numbers.ts';
import type { Ceiling } from './ceiling.ts';
import { highest } from './search.ts';
import { rank, stampErrors } from './stamps.ts';
import type { Trial, Trials } from './trial.ts';

/** The highest p99 of the send lag at which a rate is sustained. */
const MAX_SEND_LAG_MS = 5;
/** The highest p99 of the errors of stamps at which events are in time: half of the gaps of these streams, as in verdict/late-stamps.ts. */
const MAX_STAMP_ERROR_US = 10_000;
/** The smallest share of the window's requests that must be sent in it; with fewer, the load differs from the plan. */
const MIN_SENT_SHARE = 0.98;

const FLOOD_STREAMS = 16;
const FLOOD_TOKENS = 5000;
const PACED_STREAMS = 50;
/** The events of a paced stream in a second. */
const PACED_PER_S = 50;
/** The smallest share of these events that the endpoint must send: its timers and ends of streams cost it a few percent. */
const MIN_PACED_SHARE = 0.9;
const MOST_STREAMS = 10_000;
/** File descriptors of this process that are not available for streams. */
const SPARE_FILES = 100;

export interface Progress {
  /** Prints a line after each step. */
  say(text: string): void;
  /** Milliseconds since the calibration began. */
  elapsed_ms(): number;
  budget_ms: number;
  /** The limit on open files of this process; `null`: not known. */
  openFiles: number | null;
  /** Digits of the instant in each event's text. */
  digits: number;
}

/** Shares of the budget after which a search begins no further step. */
const UNTIL = { paced: 0.5, requests: 0.75, streams: 1 } as const;

/** Measures the limits of this machine by short runs against the null endpoint. */
export async function measureCeiling(
  trials: Pick<Trials, 'run'>,
  progress: Progress,
): Promise<Omit<Ceiling, 'measured' | 'machine'>> {
  const events = await flood(trials, progress);
  const stamps = await stampError(trials, progress);
  const inTime = await paced(trials, progress);
  const requests = await rate(trials, progress);
  const streams = await held(trials, progress);
  return { requests, events, paced: inTime, streams, stamps };
}

async function flood(trials: Pick<Trials, 'run'>, { say }: Progress): Promise<Ceiling['events']> {
  const { report, header } = await trials.run({
    model: 'null-flood',
    concurrency: String(FLOOD_STREAMS),
    'output-tokens': String(FLOOD_TOKENS),
    duration: '2s',
    drain: '0s',
  });
  const per_s = report.rates.output_tps;
  const used = header.process;
  // The process and the window are timed separately, so the calculation uses shares, not sums.
  const busy = used === null ? null : (used.cpu_user_ms + used.cpu_system_ms) / used.over_ms;
  const cpu_us = per_s === null || per_s === 0 || busy === null ? null : (busy * 1e6) / per_s;
  say(`events: ${significant(per_s)}/s, ${significant(cpu_us)} µs of CPU time each`);
  return { per_s, cpu_us };
}

/** Returns the lateness of the stamps of paced streams, each of 50 events/s. */
async function stampsOf(
  trials: Pick<Trials, 'run'>,
  streams: number,
  digits: number,
): Promise<{ stamps: Ceiling['stamps']; per_s: number }> {
  const { report, header, samples } = await trials.run({
    model: 'null-paced',
    concurrency: String(streams),
    'output-tokens': '50',
    duration: '1s',
    drain: '0s',
    'keep-text': true,
  });
  const errors = await stampErrors(
    samples(),
    BigInt(header.origin.monotonic_ns),
    digits,
    header.window?.start_us,
  );
  return {
    stamps: { count: errors.length, error_p50_us: rank(errors, 0.5), error_p99_us: rank(errors, 0.99) },
    per_s: report.rates.output_tps ?? 0,
  };
}

async function stampError(
  trials: Pick<Trials, 'run'>,
  { say, digits }: Progress,
): Promise<Ceiling['stamps']> {
  const { stamps } = await stampsOf(trials, PACED_STREAMS, digits);
  say(`stamps: error p50 ${significant(stamps.error_p50_us)} µs, p99 ${significant(stamps.error_p99_us)} µs`);
  return stamps;
}

/** Finds the highest rate of events that are stamped in time. */
async function paced(trials: Pick<Trials, 'run'>, progress: Progress): Promise<Ceiling['paced']> {
  const found = new Map<number, { per_s: number; error_p99_us: number }>();
  let failed = false;
  const most = mostStreams(progress);
  const streams = await highest(
    async (value) => {
      const { stamps, per_s } = await stampsOf(trials, value, progress.digits);
      const { error_p99_us } = stamps;
      // An endpoint that falls behind sends fewer events.
      const isComplete = per_s >= MIN_PACED_SHARE * value * PACED_PER_S;
      const holds = error_p99_us !== null && error_p99_us <= MAX_STAMP_ERROR_US && isComplete;
      if (holds) found.set(value, { per_s, error_p99_us });
      failed ||= !holds;
      progress.say(
        `paced events: ${significant(per_s)}/s ${holds ? 'are stamped in time' : isComplete ? 'are not stamped in time' : `instead of ${significant(value * PACED_PER_S)}`} (error p99 ${significant(error_p99_us)} µs)`,
      );
      return holds;
    },
    { from: Math.min(100, most), most, within: 1.25, isOver: overAt(progress, UNTIL.paced) },
  );
  if (streams === null) return { per_s: null, error_p99_us: null };
  return { ...found.get(streams)!, ...(failed ? {} : { at_least: true as const }) };
}

async function rate(trials: Pick<Trials, 'run'>, progress: Progress): Promise<Ceiling['requests']> {
  const lags = new Map<number, number>();
  let failed = false;
  const per_s = await highest(
    async (value) => {
      const trial = await trials.run({
        model: 'null-flood',
        rate: `${value}/s`,
        arrivals: 'constant',
        'output-tokens': '1',
        duration: '1s',
        drain: '1s',
      });
      const lag = trial.report.health.send_lag_p99_ms;
      const holds = lag !== null && lag <= MAX_SEND_LAG_MS && isSustained(trial);
      if (holds) lags.set(value, lag);
      failed ||= !holds;
      progress.say(
        `requests: ${significant(value)}/s ${holds ? 'hold' : 'do not hold'} (send lag p99 ${significant(lag)} ms)`,
      );
      return holds;
    },
    { from: 500, most: 64_000, within: 1.1, isOver: overAt(progress, UNTIL.requests) },
  );
  if (per_s === null) return { per_s, send_lag_p99_ms: null };
  return { per_s, send_lag_p99_ms: lags.get(per_s)!, ...(failed ? {} : { at_least: true as const }) };
}

/** Returns true if the requests were sent as planned and answered. */
function isSustained({ report: { counts, rates, health } }: Trial): boolean {
  const { offered_rps: offered, sent_rps: sent } = rates;
  return (
    offered !== null &&
    sent !== null &&
    sent >= MIN_SENT_SHARE * offered &&
    health.unsent === 0 &&
    counts.ok === counts.cohort
  );
}

const mostStreams = ({ openFiles }: Progress): number =>
  Math.max(1, Math.min(MOST_STREAMS, (openFiles ?? MOST_STREAMS) - SPARE_FILES));

async function held(trials: Pick<Trials, 'run'>, progress: Progress): Promise<Ceiling['streams']> {
  const most = mostStreams(progress);
  let failed = false;
  const streams = await highest(
    async (value) => {
      const { report } = await trials.run({
        model: 'null-slow',
        concurrency: String(value),
        'output-tokens': '60',
        warmup: '1s',
        duration: '1s',
        drain: '0s',
      });
      const open = report.rates.max_concurrency ?? 0;
      const holds = open >= value && report.counts.failed === 0;
      failed ||= !holds;
      progress.say(`streams: ${significant(value)} ${holds ? 'held' : 'not held'}`);
      return holds;
    },
    { from: 1000, most, within: 1.25, isOver: overAt(progress, UNTIL.streams) },
  );
  const bounded = failed || streams === null || streams >= most;
  return { held: streams, most, ...(bounded ? {} : { at_least: true as const }) };
}

const overAt =
  ({ elapsed_ms, budget_ms }: Progress, share: number): (() => boolean) =>
  () =>
    elapsed_ms() >= share * budget_ms;
