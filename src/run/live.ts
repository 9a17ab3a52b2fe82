import type { Sample } from '../sample.ts';
import type { Counters } from './messages.ts';

/** Where a run is, as the progress line shows it. */
export interface LiveState {
  phase: 'probe' | 'warmup' | 'measure' | 'drain';
  /** Since the phase began. */
  elapsed_ms: number;
  /** Until the end of the measurement (in the drain: of the drain); `null` where only the server decides. */
  left_ms: number | null;
  sent: number;
  planned: number | null;
  in_flight: number;
  ok: number;
  failed: number;
  ttft_p50_ms: number | null;
  output_tps: number | null;
}

const RECENT = 200;
const SPEED_OVER_MS = 3000;

/** Sums up what the workers report into figures of the moment; the report itself is never made from them. */
export class Live {
  readonly #counters: Counters[];
  readonly #fromSent: boolean;
  #recent_us: number[] = [];
  /** Of requests that have ended: what turns events into tokens where an event carries several. */
  #tokens = 0;
  #events = 0;
  #speeds: { at_ms: number; events: number }[] = [];

  constructor(workers: number, fromSent: boolean) {
    this.#fromSent = fromSent;
    this.#counters = Array.from({ length: workers }, () => ({
      sent: 0,
      inFlight: 0,
      ok: 0,
      failed: 0,
      outputEvents: 0,
    }));
  }

  add(worker: number, counters: Counters, samples: readonly Sample[], at_ms: number): void {
    this.#counters[worker] = counters;
    for (const { events_us, planned_us, sent_us, output_tokens } of samples) {
      if (output_tokens !== null && events_us.length > 0) {
        this.#tokens += output_tokens;
        this.#events += events_us.length;
      }
      const first_us = events_us[0];
      if (first_us !== undefined)
        this.#recent_us.push(first_us - (this.#fromSent ? (sent_us ?? planned_us) : planned_us));
    }
    this.#recent_us = this.#recent_us.slice(-RECENT);
    this.#speeds.push({ at_ms, events: this.#sum('outputEvents') });
    while (this.#speeds.length > 2 && at_ms - this.#speeds[0]!.at_ms > SPEED_OVER_MS) this.#speeds.shift();
  }

  /** Everything but the phase and its times. */
  figures(): Omit<LiveState, 'phase' | 'elapsed_ms' | 'left_ms' | 'planned'> {
    const sorted = this.#recent_us.toSorted((a, b) => a - b);
    const median_us = sorted[Math.max(0, Math.ceil(sorted.length / 2) - 1)];
    const first = this.#speeds[0];
    const last = this.#speeds.at(-1);
    const over_ms = first === undefined || last === undefined ? 0 : last.at_ms - first.at_ms;
    return {
      sent: this.#sum('sent'),
      in_flight: this.#sum('inFlight'),
      ok: this.#sum('ok'),
      failed: this.#sum('failed'),
      ttft_p50_ms: median_us === undefined ? null : median_us / 1000,
      output_tps:
        over_ms < 500 ? null : ((last!.events - first!.events) / over_ms) * 1000 * this.#tokensPerEvent(),
    };
  }

  #tokensPerEvent(): number {
    return this.#events === 0 ? 1 : this.#tokens / this.#events;
  }

  #sum(key: keyof Counters): number {
    return this.#counters.reduce((sum, counters) => sum + counters[key], 0);
  }
}
