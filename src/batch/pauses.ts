import { setTimeout as delay } from 'node:timers/promises';
import type { Milliseconds } from '../units.ts';

const FIRST_POLL_MS: Milliseconds = 250;
const LONGEST_POLL_MS: Milliseconds = 60_000;
/** Share of the time so far that a pause may last: the end of a batch is noticed late by this share at most. */
const SHARE = 0.05;
const FIRST_RETRY_MS: Milliseconds = 1000;
const LONGEST_RETRY_MS: Milliseconds = 60_000;

/** The pauses of a batch run, and the requests to stop it: the first ends pauses, the second also the requests in progress. */
export class Pauses {
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  readonly #scale: number;
  readonly stopped: Promise<void>;

  /** @param scale factor of all pauses; below 1 only in tests */
  constructor(scale = 1) {
    this.#scale = scale;
    this.stopped = new Promise((resolve) => this.#stop.signal.addEventListener('abort', () => resolve()));
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Ends the requests in progress. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  request(): void {
    if (this.isStopped) this.#cut.abort();
    this.#stop.abort();
  }

  /** Returns the pause before the next poll. */
  betweenPolls(elapsed_ms: Milliseconds): Milliseconds {
    return Math.min(LONGEST_POLL_MS, Math.max(FIRST_POLL_MS, elapsed_ms * SHARE));
  }

  /** Returns the pause before a request is repeated: as the endpoint asks, else growing. */
  beforeRetry(attempt: number, asked_ms: Milliseconds | null): Milliseconds {
    return Math.min(LONGEST_RETRY_MS, asked_ms ?? FIRST_RETRY_MS * 2 ** (attempt - 1));
  }

  /** Waits, or returns at once when a stop is requested. */
  async wait(ms: Milliseconds): Promise<void> {
    await delay(ms * this.#scale, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
