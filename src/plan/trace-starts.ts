import { GoodputError } from '../errors.ts';
import { randomStream } from '../random.ts';
import type { TraceStarts } from '../scenario/keys/scenario.ts';
import { tickOf } from '../statistics/ticks.ts';
import { formatDuration, type Microseconds, type Milliseconds } from '../units.ts';

/** The part of a trace that is replayed, and its pace. Times of the trace count from its first session. */
export interface Replay {
  seed: number;
  /** Divides the times of the trace. */
  speed: number;
  /** Session starts per second, instead of `speed`; `null`: `speed` applies. */
  rate: number | null;
  /** The window of the trace, before it is scaled: [from, from + duration). */
  from: Milliseconds;
  /** `null`: to the end of the trace. */
  duration: Milliseconds | null;
  /** Spreads the sessions of an instant of a coarse clock over its tick. */
  spread: boolean;
  /** Repeats the trace, one mean gap after its last session. Needs a duration. */
  cycle: boolean;
}

/** The end of a plan whose sessions all start at one instant, after that instant. */
const SINGLE_INSTANT_US = 1_000_000;

/**
 * Returns the starts of the sessions of a trace: planned = (t − from) ÷ speed, in order of time, ties in the order of the file.
 *
 * Sessions at an instant of a coarse clock get the sorted uniform draws from [instant, instant + tick) in the order of the file. They are
 * spread before the window is cut, so a session has the same instant in every window.
 * @param timestamps_ms one for each session of the data
 * @throws {GoodputError} kind `usage` if no session is in the window, or its sessions cannot be scaled to the rate
 */
export function traceStarts(timestamps_ms: Float64Array, replay: Replay): TraceStarts {
  const trace = sortedTrace(timestamps_ms);
  const span_us = trace.times_us.at(-1) ?? 0;
  const tick_us = replay.spread ? tickOf(trace.times_us) : null;
  if (tick_us !== null) spreadOver(tick_us, trace.times_us, replay.seed);
  const window = cut(trace, replay);
  if (window.positions.length === 0) throw emptyWindow(replay, span_us);
  const { positions, times_us } = window;
  const from_us = toUs(replay.from);
  const speed = replay.rate === null ? replay.speed : speedFor(replay.rate, times_us);
  const planned_us = times_us.map((t) => Math.round((t - from_us) / speed));
  const end_us = replay.duration === null ? endOf(planned_us) : Math.round(toUs(replay.duration) / speed);
  return { positions, planned_us, speed, tick_ms: tick_us === null ? null : tick_us / 1000, end_us };
}

const toUs = (ms: Milliseconds): Microseconds => Math.round(ms * 1000);

interface Trace {
  positions: Uint32Array;
  /** Since the first session, in order. */
  times_us: Float64Array;
}

function sortedTrace(timestamps_ms: Float64Array): Trace {
  const count = timestamps_ms.length;
  const positions = new Uint32Array(count);
  let isSorted = true;
  for (let k = 0; k < count; k++) {
    positions[k] = k;
    isSorted &&= k === 0 || timestamps_ms[k - 1]! <= timestamps_ms[k]!;
  }
  // Nearly all traces are in order already, and sorting by another array is slow.
  if (!isSorted) positions.sort((a, b) => timestamps_ms[a]! - timestamps_ms[b]! || a - b);
  const first_us = toUs(timestamps_ms[positions[0]!] ?? 0);
  const times_us = new Float64Array(count);
  for (let k = 0; k < count; k++) times_us[k] = toUs(timestamps_ms[positions[k]!]!) - first_us;
  return { positions, times_us };
}

function spreadOver(tick_us: number, times_us: Float64Array, seed: number): void {
  const random = randomStream(seed, 'trace ticks');
  for (let from = 0; from < times_us.length;) {
    const instant = times_us[from]!;
    let to = from + 1;
    while (to < times_us.length && times_us[to] === instant) to++;
    const drawn = times_us.subarray(from, to);
    for (let k = 0; k < drawn.length; k++) drawn[k] = Math.floor(instant + random.uniform() * tick_us);
    drawn.sort();
    from = to;
  }
}

/** Returns the sessions in the window of the trace. */
function cut(trace: Trace, { from, duration, cycle }: Replay): Trace {
  const { times_us, positions } = trace;
  const from_us = toUs(from);
  const to_us = duration === null ? Infinity : from_us + toUs(duration);
  const period_us = endOf(times_us);
  const [first, last] =
    cycle && duration !== null ? [Math.floor(from_us / period_us), Math.ceil(to_us / period_us) - 1] : [0, 0];
  const parts = Array.from({ length: last - first + 1 }, (_, k): Trace => {
    const begun_us = (first + k) * period_us;
    const [begin, end] = [from_us, to_us].map((limit) => firstAtLeast(times_us, limit - begun_us));
    return {
      positions: positions.subarray(begin, end),
      times_us: times_us.subarray(begin, end).map((t) => t + begun_us),
    };
  });
  return parts.length === 1 ? parts[0]! : joined(parts);
}

function emptyWindow({ from, duration }: Replay, span_us: Microseconds): GoodputError {
  const asked =
    duration === null
      ? `at or after ${formatDuration(from)}`
      : `in the window from ${formatDuration(from)} to ${formatDuration(from + duration)}`;
  return new GoodputError(
    'usage',
    `load.from: no session of the trace starts ${asked}; the trace spans ${formatDuration(span_us / 1000)}`,
    { hint: 'change load.from or load.duration, which are times of the trace before it is scaled' },
  );
}

function joined(parts: readonly Trace[]): Trace {
  const count = parts.reduce((sum, { positions }) => sum + positions.length, 0);
  const all: Trace = { positions: new Uint32Array(count), times_us: new Float64Array(count) };
  let at = 0;
  for (const { positions, times_us } of parts) {
    all.positions.set(positions, at);
    all.times_us.set(times_us, at);
    at += positions.length;
  }
  return all;
}

/** Returns the index of the first value that is at least `limit`. */
function firstAtLeast(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the speed at which (n − 1) ÷ span is the rate. */
function speedFor(rate: number, times_us: Float64Array): number {
  const span_us = times_us.at(-1)! - times_us[0]!;
  if (span_us === 0)
    throw new GoodputError(
      'usage',
      `load.rate: all requests in the window of the trace start at the same instant, so there is no rate that could be scaled to ${rate}/s`,
      { hint: 'remove load.rate, or choose a longer window with load.from and load.duration' },
    );
  return rate / (((times_us.length - 1) * 1e6) / span_us);
}

/** Returns the last instant plus the mean gap, so that n ÷ (end − first) = (n − 1) ÷ span. */
function endOf(sorted_us: Float64Array): Microseconds {
  const [first, last] = [sorted_us[0] ?? 0, sorted_us.at(-1) ?? 0];
  if (last === first) return last + SINGLE_INSTANT_US;
  return Math.round(last + (last - first) / (sorted_us.length - 1));
}
