import type { Job } from './job.ts';

/**
 * Jobs made before their instant: pulling one from the source writes its prompt and serialises its body, and that must
 * not happen when the request is due. Refilled a few at a time from the event loop's idle turns.
 */
export class Lookahead<J extends Job> {
  readonly #source: Iterator<J>;
  readonly #sizeOf: (job: J) => number;
  readonly #ready: J[] = [];
  #head = 0;
  #bytes = 0;
  #ended = false;
  #refill: NodeJS.Immediate | undefined;

  /** Enough for a burst at 1,000 requests/s; bounded in bytes for prompts of 100,000 tokens. */
  static readonly JOBS = 256;
  static readonly BYTES = 16_000_000;
  static readonly PER_TURN = 4;

  constructor(source: Iterator<J>, sizeOf: (job: J) => number) {
    this.#source = source;
    this.#sizeOf = sizeOf;
  }

  /** Fills up completely, for use before the load starts. */
  fill(): void {
    while (this.#wants()) this.#pull();
  }

  /** The next job without taking it; `null` at the end of the plan. */
  peek(): J | null {
    if (this.#head === this.#ready.length) this.#pull();
    return this.#ready[this.#head] ?? null;
  }

  take(): J | null {
    const job = this.peek();
    if (job === null) return null;
    this.#head++;
    this.#bytes -= this.#sizeOf(job);
    if (this.#head > Lookahead.JOBS) {
      this.#ready.splice(0, this.#head);
      this.#head = 0;
    }
    this.#schedule();
    return job;
  }

  close(): void {
    clearImmediate(this.#refill);
    this.#refill = undefined;
    this.#ended = true;
  }

  #wants(): boolean {
    const jobs = this.#ready.length - this.#head;
    return !this.#ended && jobs < Lookahead.JOBS && (jobs < 2 || this.#bytes < Lookahead.BYTES);
  }

  #pull(): void {
    if (this.#ended) return;
    const next = this.#source.next();
    if (next.done === true) {
      this.#ended = true;
      return;
    }
    this.#ready.push(next.value);
    this.#bytes += this.#sizeOf(next.value);
  }

  #schedule(): void {
    if (this.#refill !== undefined || !this.#wants()) return;
    this.#refill = setImmediate(() => {
      this.#refill = undefined;
      for (let k = 0; k < Lookahead.PER_TURN && this.#wants(); k++) this.#pull();
      this.#schedule();
    });
  }
}
