import type { Driver } from '../engine/driver.ts';
import type { BatchWork, StartRequest } from './batch-work.ts';

/** Pause before the queue looks again whether requests of clients still wait. */
const RETRY_MS = 20;

/**
 * Feeds the requests of batches to the engine, the oldest batch first: at most as many at a time as the engine runs, and none while a
 * request of a client waits for admission.
 */
export class BatchQueue {
  readonly #driver: Driver;
  readonly #most: number;
  readonly #start: StartRequest;
  #open: BatchWork[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isPumping = false;

  constructor(driver: Driver, most: number, start: StartRequest) {
    this.#driver = driver;
    this.#most = most;
    this.#start = (line, done) =>
      start(line, (result, id) => {
        done(result, id);
        this.pump();
      });
  }

  add(work: BatchWork): void {
    this.#open.push(work);
    this.pump();
  }

  /** Starts the requests for which there is room. */
  pump(): void {
    // A request that is refused ends while it is started.
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#driver.batch(() => this.#fill());
    this.#isPumping = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const work of this.#open) work.stop();
    this.#open = [];
  }

  #fill(): void {
    this.#open = this.#open.filter(({ hasEnded }) => !hasEnded);
    if (!this.#open.some(({ hasMore }) => hasMore)) return;
    const sum = (of: (work: BatchWork) => number): number =>
      this.#open.reduce((total, work) => total + of(work), 0);
    const { inFlight, running } = this.#driver;
    if (inFlight - running > sum(({ waiting }) => waiting)) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.pump(), RETRY_MS);
      return;
    }
    let room = this.#most - sum((work) => work.running);
    for (const work of this.#open)
      while (work.hasMore && room > 0) {
        work.startNext(this.#start);
        room = this.#most - sum((each) => each.running);
      }
  }
}
