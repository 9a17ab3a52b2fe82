import type { Prepared } from '../client/connection/pool.ts';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { defect, GoodputError } from '../errors.ts';
import type { Microseconds } from '../units.ts';
import type { FromWorker, ToWorker, WorkerTask } from './worker-messages.ts';

type WorkerEnd = Extract<FromWorker, { kind: 'done' }>;
type Report = Extract<FromWorker, { samples: unknown }>;

// Runs from src/ as TypeScript and from dist/ as JavaScript.
const ENTRY = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Three semi-spaces of 16 MB. Those that V8 chooses by itself on a large machine grow to 64 MB, and held 130 MB of garbage at 10,000
 * streams of 20 events: the whole run took 479 MB instead of 406 (32 MB: 417; streams of 100 events: 445 against 466).
 */
const YOUNG_MB = 48;

/** Cutting 10,000 streams takes a worker well under a second. */
const SALVAGE_MS = 3000;

/** The load workers as one: they start together, report to one listener, and the death of one is the failure of all. */
export class Workers {
  /** What each opened before the start, where that was asked for. */
  readonly #prepared: Prepared[] = [];
  readonly #workers: Worker[];
  readonly #ends: (WorkerEnd | null)[];
  readonly #closed: Promise<void>[];
  readonly #ready = Promise.withResolvers<readonly Prepared[]>();
  readonly #done = Promise.withResolvers<WorkerEnd[]>();
  readonly #onReport: (worker: number, message: Report) => void;
  readonly #onIdle: (at_us: Microseconds) => void;
  #waiting: number;
  #draining = false;

  /**
   * @param onReport called with what each worker reports, its last message too
   * @param onIdle called once, when a slot was first left idle: the measurement ended then
   */
  constructor(
    tasks: readonly WorkerTask[],
    onReport: (worker: number, message: Report) => void,
    onIdle: (at_us: Microseconds) => void,
  ) {
    this.#onReport = onReport;
    this.#onIdle = onIdle;
    this.#waiting = tasks.length;
    this.#ends = tasks.map(() => null);
    // Who waits for `done` sees a failure there; before that moment it must not count as unhandled.
    this.#done.promise.catch(() => undefined);
    this.#ready.promise.catch(() => undefined);
    this.#workers = tasks.map((task, index) => {
      const worker = new Worker(ENTRY, {
        workerData: task,
        name: `load ${index}`,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      });
      worker.on('message', (message: FromWorker) => {
        try {
          this.#hear(index, message);
        } catch (error) {
          this.#failed(defect(error));
        }
      });
      worker.on('error', (error) =>
        this.#fail(index, error instanceof Error ? error.message : String(error), error),
      );
      worker.on('exit', (code) => {
        if (this.#ends[index] === null) this.#fail(index, `it exited with code ${code}`);
      });
      return worker;
    });
    this.#closed = this.#workers.map(
      (worker) => new Promise((resolve) => worker.once('exit', () => resolve())),
    );
  }

  #hear(index: number, message: FromWorker): void {
    if (message.kind === 'ready') {
      if (message.prepared !== null) this.#prepared.push(message.prepared);
      if (--this.#waiting === 0) this.#ready.resolve(this.#prepared);
      return;
    }
    if (message.kind === 'idle') {
      this.#idle(message.at_us);
      return;
    }
    this.#onReport(index, message);
    if (message.kind === 'done') this.#end(index, message);
    if (message.kind === 'defect') this.#failed(defect(message.error, `load worker ${index}`));
  }

  /** Resolves once every worker has its first bodies ready, with the connections that each opened. @throws {GoodputError} kind `worker` or `defect` */
  ready(): Promise<readonly Prepared[]> {
    return this.#ready.promise;
  }

  /** Resolves to the end report of each worker. @throws {GoodputError} kind `worker` or `defect`, when one died */
  done(): Promise<WorkerEnd[]> {
    return this.#done.promise;
  }

  tell(message: ToWorker): void {
    for (const worker of this.#workers) worker.postMessage(message);
  }

  /** After the death of one: the others end their requests now and hand over what they saw, if they can do so in time. */
  async salvage(): Promise<WorkerEnd[]> {
    this.tell({ kind: 'cut' });
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, SALVAGE_MS);
    await Promise.race([Promise.all(this.#closed), late.promise]);
    clearTimeout(timer);
    return this.#ends.filter((end) => end !== null);
  }

  async terminate(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** One slot left idle ends the measurement of all: a worker whose slots are all held by the server never idles itself. */
  #idle(at_us: Microseconds): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#onIdle(at_us);
    this.tell({ kind: 'drain', from_us: at_us });
  }

  #end(index: number, message: WorkerEnd): void {
    this.#ends[index] = message;
    const ends = this.#ends.filter((end) => end !== null);
    if (ends.length === this.#ends.length) this.#done.resolve(ends);
  }

  #fail(index: number, reason: string, cause?: unknown): void {
    this.#failed(
      new GoodputError('worker', `load worker ${index} died: ${reason}`, {
        hint: 'what was recorded before is kept and can be reported',
        cause,
      }),
    );
  }

  #failed(error: GoodputError): void {
    this.#ready.reject(error);
    this.#done.reject(error);
  }
}
