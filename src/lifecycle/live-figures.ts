import { areBundled } from '../metrics/response-tokens.ts';
import type { Outcome, Sample } from '../sample.ts';
import type { LoopState } from '../health/thread-watch.ts';
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

/** The phase that a run is in, and its times. */
export interface LivePhase {
  phase: 'preflight' | 'warmup' | 'measure' | 'drain';
  /** Time since the run's origin. */
  at_ms: number;
  /** Time since the phase began. */
  elapsed_ms: number;
  /** Time until the end of the measurement (in the drain: of the drain); `null` if it depends on the server. */
  left_ms: number | null;
}

/** The state of a run, as the progress shows it. */
export interface LiveState extends LivePhase {
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
  gap_p99_ms: number | null;
  /** Mean over the requests that have ended; `null` before the first. If it is 1, a gap is an ITL. */
  tokens_per_event: number | null;
  output_tps: number | null;
  /** `output_tps` counts events, not tokens. */
  per_event: boolean;
  /** The event loop of the worst load worker; `null` before the window, and on a virtual clock. */
  loop: LoopState | null;
}

/** The figures that a load worker reports several times a second. */
export interface WorkerReport {
  counters: Counters;
  /** Requests that have ended since the last report. */
  samples: readonly Sample[];
  /** Latencies since the last report that had them. */
  live: EncodedLive | null;
  loop: LoopState | null;
}

const RECENT_MS = 10_000;
const SPEED_OVER_MS = 3000;

/** Current figures from the reports of the workers, for the progress only: the run's report is computed from the samples. */
export class LiveFigures {
  readonly #counters: Counters[];
  readonly #recent = new RecentHistograms(RECENT_MS);
  /** Sums over the requests that have ended: they convert events to tokens if an event carries several. */
  #tokens = 0;
  #events = 0;
  /** Events of the requests without a token count, and the words of these. */
  #uncounted = 0;
  #words = 0;
  readonly #loops: (LoopState | undefined)[] = [];
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

  add(worker: number, { counters, samples, live, loop }: WorkerReport, at_ms: number): void {
    this.#counters[worker] = counters;
    if (loop !== null) this.#loops[worker] = loop;
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
  figures(): Omit<LiveState, keyof LivePhase | 'planned'> {
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
      gap_p99_ms: this.#recent.at('gap', 99),
      tokens_per_event: this.#events === 0 ? null : this.#tokensPerEvent(),
      output_tps:
        over_ms < 500 || areBundled(this.#words, this.#uncounted)
          ? null
          : ((last!.events - first!.events) / over_ms) * 1000 * this.#tokensPerEvent(),
      // Until the first response is complete, the tokens per event are unknown.
      per_event: this.#events === 0 || this.#uncounted > 0,
      loop: this.#worstLoop(),
    };
  }

  #worstLoop(): LoopState | null {
    const known = this.#loops.filter((loop) => loop !== undefined);
    if (known.length === 0) return null;
    const most = (key: keyof LoopState): number => Math.max(...known.map((loop) => loop[key]));
    return { delay_max_ms: most('delay_max_ms'), busy_share: most('busy_share'), over_s: most('over_s') };
  }

  #tokensPerEvent(): number {
    return this.#events === 0 ? 1 : this.#tokens / this.#events;
  }

  #sum(key: keyof Counters): number {
    return this.#counters.reduce((sum, counters) => sum + counters[key], 0);
  }
}
