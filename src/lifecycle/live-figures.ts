import { areBundled } from '../metrics/response-tokens.ts';
import type { Outcome, Sample } from '../sample.ts';
import { type EncodedLive, RecentHistograms } from './live-histograms.ts';

/** The counts of one worker. */
export interface Counters {
  sent: number;
  inFlight: number;
  ok: number;
  failed: number;
  outputEvents: number;
}

/** Counts a request that has ended; one that was cut or never sent is neither a success nor a failure. */
export function countOutcome(counters: Counters, outcome: Outcome): void {
  if (outcome === 'ok') counters.ok++;
  else if (outcome !== 'aborted' && outcome !== 'not_sent') counters.failed++;
}

/** The state of a run, as the progress line shows it. */
export interface LiveState {
  phase: 'preflight' | 'warmup' | 'measure' | 'drain';
  /** Time since the phase began. */
  elapsed_ms: number;
  /** Time until the end of the measurement (in the drain: of the drain); `null` if it depends on the server. */
  left_ms: number | null;
  sent: number;
  planned: number | null;
  in_flight: number;
  ok: number;
  failed: number;
  /** TTFT of the first tokens that arrived in the last seconds. */
  ttft_p50_ms: number | null;
  ttft_p99_ms: number | null;
  /** Time between two output events of a stream. */
  gap_p50_ms: number | null;
  output_tps: number | null;
  /** `output_tps` counts events, not tokens. */
  per_event: boolean;
}

const RECENT_MS = 10_000;
const SPEED_OVER_MS = 3000;

/** Current figures from the reports of the workers, for the progress line only: the run's report is computed from the samples. */
export class LiveFigures {
  readonly #counters: Counters[];
  readonly #recent = new RecentHistograms(RECENT_MS);
  /** Sums over the requests that have ended: they convert events to tokens if an event carries several. */
  #tokens = 0;
  #events = 0;
  /** Events of the requests without a token count, and the words of these. */
  #uncounted = 0;
  #words = 0;
  #speeds: { at_ms: number; events: number }[] = [];

  constructor(workers: number) {
    this.#counters = Array.from({ length: workers }, () => ({
      sent: 0,
      inFlight: 0,
      ok: 0,
      failed: 0,
      outputEvents: 0,
    }));
  }

  add(
    worker: number,
    counters: Counters,
    samples: readonly Sample[],
    live: EncodedLive | null,
    at_ms: number,
  ): void {
    this.#counters[worker] = counters;
    for (const { outcome, events_us, output_tokens, tokens_from, words } of samples) {
      if (outcome === 'ok' && output_tokens !== null && events_us.length > 0) {
        this.#tokens += output_tokens;
        this.#events += events_us.length;
        if (tokens_from !== 'events') continue;
        this.#uncounted += events_us.length;
        this.#words += words ?? 0;
      }
    }
    if (live !== null) this.#recent.add(live, at_ms);
    this.#speeds.push({ at_ms, events: this.#sum('outputEvents') });
    while (this.#speeds.length > 2 && at_ms - this.#speeds[0]!.at_ms > SPEED_OVER_MS) this.#speeds.shift();
  }

  /** Returns the state without the phase and its times. */
  figures(): Omit<LiveState, 'phase' | 'elapsed_ms' | 'left_ms' | 'planned'> {
    const first = this.#speeds[0];
    const last = this.#speeds.at(-1);
    const over_ms = first === undefined || last === undefined ? 0 : last.at_ms - first.at_ms;
    return {
      sent: this.#sum('sent'),
      in_flight: this.#sum('inFlight'),
      ok: this.#sum('ok'),
      failed: this.#sum('failed'),
      ttft_p50_ms: this.#recent.at('ttft', 50),
      ttft_p99_ms: this.#recent.at('ttft', 99),
      gap_p50_ms: this.#recent.at('gap', 50),
      output_tps:
        over_ms < 500 || areBundled(this.#words, this.#uncounted)
          ? null
          : ((last!.events - first!.events) / over_ms) * 1000 * this.#tokensPerEvent(),
      // Until the first response is complete, the tokens per event are unknown.
      per_event: this.#events === 0 || this.#uncounted > 0,
    };
  }

  #tokensPerEvent(): number {
    return this.#events === 0 ? 1 : this.#tokens / this.#events;
  }

  #sum(key: keyof Counters): number {
    return this.#counters.reduce((sum, counters) => sum + counters[key], 0);
  }
}
