import type { Job } from './job.ts';

/**
 * A queue of jobs that are prepared before their instant: taking one from the source writes its prompt and serialises its body, which
 * would delay a request that is due. The queue is refilled with a few jobs in each idle turn of the event loop.
 */
export class Lookahead<J extends Job> {
  readonly #source: Iterator<J>;
  readonly #sizeOf: (job: J) => number;
  readonly #ready: J[] = [];
  #head = 0;
  #bytes = 0;
  #ended = false;
  #refill: NodeJS.Immediate | undefined;

  /** Limits of the queue: enough jobs for a burst at 1,000 requests/s, and a limit in bytes for prompts of 100,000 tokens. */
  static readonly JOBS = 256;
  static readonly BYTES = 16_000_000;
  static readonly PER_TURN = 4;

  constructor(source: Iterator<J>, sizeOf: (job: J) => number) {
    this.#source = source;
    this.#sizeOf = sizeOf;
  }

  /** Fills the queue completely. Call it before the load starts. */
  fill(): void {
    while (this.#hasRoom()) this.#pull();
  }

  /** Returns the next job without taking it; `null` at the end of the plan. */
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

  #hasRoom(): boolean {
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
    if (this.#refill !== undefined || !this.#hasRoom()) return;
    this.#refill = setImmediate(() => {
      this.#refill = undefined;
      for (let k = 0; k < Lookahead.PER_TURN && this.#hasRoom(); k++) this.#pull();
      this.#schedule();
    });
  }
}
