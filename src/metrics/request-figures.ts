import type { Fact, Sample } from '../sample.ts';
import type { Microseconds, Milliseconds } from '../units.ts';
import { compareToLimit } from './fraction.ts';
import { arrivalsOf, type Delivery } from './delivery.ts';
import { isLacking } from './metric.ts';
import { type Metric, type PooledMetricName, REQUEST_METRICS, type RequestMetricName } from './registry.ts';
import { ResponseTokens } from './response-tokens.ts';

const INDEX: ReadonlyMap<RequestMetricName, number> = new Map(
  REQUEST_METRICS.map(({ name }, index) => [name, index]),
);

/** Indices of the metrics that count tokens. */
const TOKEN_METRICS: readonly number[] = REQUEST_METRICS.flatMap(({ countsTokens }, index) =>
  countsTokens ? [index] : [],
);

/** Receives one sample of a pooled metric, `gap_us / tokens`, which counts `tokens` times; the gap ended at `at_us`. */
type AddGap = (gap_us: Microseconds, tokens: number, at_us: Microseconds) => void;

/** Passes on the samples that a request has of each pooled metric. */
export const POOLED_SAMPLES: Readonly<
  Record<PooledMetricName, (figures: RequestFigures, add: AddGap) => void>
> = {
  itl: (figures, add) => figures.tokenGaps(add),
  chunk_gap: (figures, add) => figures.chunkGaps(add),
};

/** The properties of the load on which the metrics of a request depend. */
export interface RequestContext {
  loop: 'open' | 'closed';
  clock: 'planned' | 'sent';
  /** The limits from which the deadlines of `on_time_share` are computed; `null` unless both are declared. */
  deadlines: { ttft: Milliseconds; tpot: Milliseconds } | null;
  /** Facts that the samples do not hold, so that metrics that need them have no value; only of an imported run. */
  lacks?: readonly Fact[] | undefined;
}

/** Returns the start of a request: `planned` in open loop, `sent` in closed loop and with `clock: sent`, `planned` if it was never sent. */
function startOf(sample: Sample, context: Pick<RequestContext, 'loop' | 'clock'>): Microseconds {
  if (sample.sent_us === null) return sample.planned_us;
  return context.loop === 'closed' || context.clock === 'sent' ? sample.sent_us : sample.planned_us;
}

/**
 * Every metric of one request (docs/metrics.md, "Per request"), as fractions of whole numbers, so that limits are judged on the recorded
 * microseconds. `read` replaces the request: one object is used for all requests of a run.
 */
export class RequestFigures {
  readonly tokens = new ResponseTokens();
  start_us: Microseconds = 0;
  /** First output event, last one, and event[d]; only valid if there are output events (for event[d]: more than d). */
  first_us: Microseconds = 0;
  last_us: Microseconds = 0;
  decode_us: Microseconds = 0;
  /** Longest gap between two output events; 0 for fewer than two. */
  longest_us: Microseconds = 0;
  /** How the events of a success arrived; `unknown` for all other requests. */
  delivery: Delivery = 'unknown';
  readonly #context: RequestContext;
  readonly #over = new Float64Array(REQUEST_METRICS.length);
  /** The denominator of each metric; 0 if the request has no such metric. */
  readonly #under = new Float64Array(REQUEST_METRICS.length);
  /** Indices of the metrics that the samples do not hold the facts for. */
  readonly #lacking: readonly number[];
  readonly #hasGaps: boolean;
  readonly #isImported: boolean;
  /** True if the file of another tool does not hold the tokens of the request: its events are not counted in their place. */
  #lacksTokens = false;
  #sample: Sample | null = null;

  constructor(context: RequestContext) {
    const { lacks = [] } = context;
    this.#context = context;
    this.#hasGaps = !lacks.includes('gaps');
    this.#isImported = context.lacks !== undefined;
    this.#lacking = REQUEST_METRICS.flatMap((metric, index) => (isLacking(metric, lacks) ? [index] : []));
  }

  read(sample: Sample): void {
    this.#sample = sample;
    this.#under.fill(0);
    this.tokens.read(sample);
    this.start_us = startOf(sample, this.#context);
    this.delivery = sample.outcome === 'ok' ? arrivalsOf(sample).delivery : 'unknown';
    const answer_us = this.#walk(sample);
    this.#latencies(sample, answer_us);
    this.#speeds();
    this.#delays(sample);
    for (const index of this.#lacking) this.#under[index] = 0;
    this.#lacksTokens = this.#isImported && sample.output_tokens === null && sample.n === null;
    if (this.#lacksTokens) for (const index of TOKEN_METRICS) this.#under[index] = 0;
  }

  /** Returns the metric in the unit of the registry (ms, tok/s, ratio); `null` if the request has none. */
  value(metric: RequestMetricName): number | null {
    const under = this.#under[INDEX.get(metric)!]!;
    return under === 0 ? null : this.#over[INDEX.get(metric)!]! / under;
  }

  /**
   * Returns true if the metric would be misleading in a distribution: the pace of a response that arrived all at once, or a token figure of
   * events with several tokens each. Limits are still judged by the value: an event of several tokens counts as one, so a request that
   * meets a limit by events also meets it by tokens.
   */
  isMisleading({ needsStream, needsTokens }: Pick<Metric, 'needsStream' | 'needsTokens'>): boolean {
    return (needsStream && this.delivery === 'once') || (needsTokens && this.tokens.isBundled);
  }

  /** Returns a negative number, 0 or a positive number if the metric is below, at or above `limit`, exactly; `null` if there is none. */
  compare(metric: RequestMetricName, limit: number): number | null {
    const under = this.#under[INDEX.get(metric)!]!;
    return under === 0 ? null : compareToLimit(this.#over[INDEX.get(metric)!]!, under, limit);
  }

  /** Passes on the samples of `chunk_gap`. */
  chunkGaps(add: AddGap): void {
    if (!this.#hasGaps) return;
    const events = this.#sample!.events_us;
    let at = this.first_us;
    for (let k = 1; k < events.length; k++) {
      at += events[k]!;
      add(events[k]!, 1, at);
    }
  }

  /** Passes on the samples of `itl`. The gap of an event without tokens is added to that of the next. */
  tokenGaps(add: AddGap): void {
    if (!this.#hasGaps || this.#lacksTokens) return;
    const events = this.#sample!.events_us;
    let gap = 0;
    let at = this.decode_us;
    for (let k = this.tokens.decodeFrom + 1; k < events.length; k++) {
      gap += events[k]!;
      at += events[k]!;
      const tokens = this.tokens.at(k);
      if (tokens === 0) continue;
      add(gap, tokens, at);
      gap = 0;
    }
  }

  /** Passes on the output tokens with the instants at which they arrived, as `tokensWithin` counts them. */
  arrivals(add: (at_us: Microseconds, tokens: number) => void): void {
    const { events, hidden, decodeFrom } = this.tokens;
    if (events === 0 || this.#lacksTokens) return;
    if (hidden > 0) add(decodeFrom < events ? this.decode_us : this.last_us, hidden);
    const steps = this.#sample!.events_us;
    let at = 0;
    for (let k = 0; k < events; k++) {
      const step = steps[k]!;
      at += step;
      const tokens = this.tokens.at(k);
      if (k > 0 && !this.#hasGaps) for (let j = 1; j <= tokens; j++) add(at - step + (step * j) / tokens, 1);
      else if (tokens > 0) add(at, tokens);
    }
  }

  /**
   * Returns the output tokens that arrived in (from, to]. Hidden ones arrive with event[d], or with the last event without an answer. If the
   * events between the first and the last are unknown, the tokens after the first are spread evenly up to the last.
   */
  tokensWithin(from_us: Microseconds, to_us: Microseconds): number {
    const { events, hidden, visible, decodeFrom } = this.tokens;
    if (events === 0 || this.#lacksTokens || this.last_us <= from_us || this.first_us > to_us) return 0;
    const carried = decodeFrom < events ? Math.max(0, visible) : 0;
    if (this.first_us > from_us && this.last_us <= to_us) return carried + hidden;
    const hiddenAt = decodeFrom < events ? this.decode_us : this.last_us;
    let count = hiddenAt > from_us && hiddenAt <= to_us ? hidden : 0;
    let at = 0;
    for (let k = 0; k < events && at <= to_us; k++) {
      const step = this.#sample!.events_us[k]!;
      at += step;
      if (k > 0 && step > 0 && !this.#hasGaps)
        count += (this.tokens.at(k) * overlap(at - step, at, from_us, to_us)) / step;
      else if (at > from_us && at <= to_us) count += this.tokens.at(k);
    }
    return count;
  }

  /** Sets first, last, event[d] and the longest gap. Returns the instant of the first answer event; NaN without one. */
  #walk(sample: Sample): Microseconds {
    const events = sample.events_us;
    let at = 0;
    let longest = 0;
    let answer = NaN;
    for (let k = 0; k < events.length; k++) {
      const step = events[k]!;
      at += step;
      if (k === 0) this.first_us = at;
      else if (step > longest) longest = step;
      if (k === this.tokens.decodeFrom) this.decode_us = at;
      if (k === sample.answer) answer = at;
    }
    this.last_us = at;
    this.longest_us = longest;
    return answer;
  }

  #latencies(sample: Sample, answer_us: Microseconds): void {
    const events = sample.events_us.length;
    if (events === 0) return;
    const sent = sample.sent_us;
    this.#duration('ttft', this.first_us - this.start_us);
    if (sent !== null) this.#duration('ttft_sent', this.first_us - sent);
    if (!Number.isNaN(answer_us)) this.#duration('ttfa', answer_us - this.start_us);
    if (events > 1) this.#duration('max_gap', this.longest_us);
    if (sample.outcome !== 'ok') return;
    this.#duration('e2e', this.last_us - this.start_us);
    if (sent !== null) this.#duration('e2e_sent', this.last_us - sent);
    if (this.tokens.total > 0) this.#duration('ntpot', this.last_us - this.start_us, this.tokens.total);
  }

  #speeds(): void {
    const { events, visible, decodeFrom, inFirst } = this.tokens;
    if (events - decodeFrom >= 2 && visible > inFirst) {
      const decoding = this.last_us - this.decode_us;
      this.#duration('tpot', decoding, visible - inFirst);
      if (decoding > 0) this.#fraction('user_tps', (visible - inFirst) * 1e6, decoding);
    }
    if (this.#context.deadlines !== null && this.tokens.hidden === 0 && events > 0 && visible > 0) {
      this.#fraction('on_time_share', this.#onTime(this.#context.deadlines), visible);
    }
  }

  #delays(sample: Sample): void {
    const open = this.#context.loop === 'open';
    const { planned_us: planned, released_us: released, sent_us: sent, connect_us: connect } = sample;
    if (open && sent !== null) this.#duration('dispatch_lag', sent - planned);
    if (open && released !== null) this.#duration('queue_wait', released - planned);
    if (sent !== null) this.#duration('send_lag', sent - (released ?? planned) - (connect ?? 0));
    if (connect !== null) this.#duration('connect', connect);
  }

  /** Returns how many tokens arrived on time: token i by start + D_ttft + i·D_tpot. Computed in nanoseconds, in which limits are whole. */
  #onTime(deadlines: { ttft: Milliseconds; tpot: Milliseconds }): number {
    const step_ns = Math.round(deadlines.tpot * 1e6);
    const due_ns = this.start_us * 1000 + Math.round(deadlines.ttft * 1e6);
    const events = this.#sample!.events_us;
    let at = 0;
    let token = 0;
    let onTime = 0;
    for (let k = 0; k < events.length; k++) {
      at += events[k]!;
      const count = this.tokens.at(k);
      const late_ns = at * 1000 - due_ns;
      // The first token number whose deadline this event meets.
      const from = late_ns <= 0 ? 0 : step_ns === 0 ? Infinity : Math.ceil(late_ns / step_ns);
      onTime += Math.max(0, Math.min(count, token + count - from));
      token += count;
    }
    return onTime;
  }

  #duration(metric: RequestMetricName, over_us: Microseconds, count = 1): void {
    this.#fraction(metric, over_us, 1000 * count);
  }

  #fraction(metric: RequestMetricName, over: number, under: number): void {
    const index = INDEX.get(metric)!;
    this.#over[index] = over;
    this.#under[index] = under;
  }
}

/** Returns the length of the part of (start, end] that lies in (from, to]. */
const overlap = (start: number, end: number, from: number, to: number): number =>
  Math.max(0, Math.min(end, to) - Math.max(start, from));
