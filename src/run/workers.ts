import type { Prepared } from '../client/connection/pool.ts';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { defect, GoodputError } from '../errors.ts';
import type { Microseconds } from '../units.ts';
import type { FromWorker, ToWorker, WorkerTask } from './worker-messages.ts';

type WorkerEnd = Extract<FromWorker, { kind: 'done' }>;
/** A message of a load worker with samples. */
export type Report = Extract<FromWorker, { samples: unknown }>;

// TypeScript in src/, JavaScript in dist/.
const ENTRY = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/**
 * The young generation of a worker: three semi-spaces of 16 MB. V8's default on a large machine grows to 64 MB each and held 130 MB of
 * garbage at 10,000 streams of 20 events: the run used 479 MB instead of 406 (with 32 MB: 417; streams of 100 events: 466 instead of 445).
 */
const YOUNG_MB = 48;

/** The time for the remaining workers to end. A worker cuts 10,000 streams in well under a second. */
const SALVAGE_MS = 3000;

/** All load workers of a run. They start together, report to one listener, and fail together if one dies. */
export class Workers {
  /** The connections that each worker opened before the start, if that was requested. */
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
   * @param onReport called with every report of a worker, including its last message
   * @param onIdle called once, when a slot is first left idle, which ends the measurement
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
    // A failure is reported to the caller of `done`; before that call it must not count as unhandled.
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
          this.#onMessage(index, message);
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

  #onMessage(index: number, message: FromWorker): void {
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

  send(message: ToWorker): void {
    for (const worker of this.#workers) worker.postMessage(message);
  }

  /** Cuts the requests of the other workers after one died, and returns the end reports that arrive in time. */
  async salvage(): Promise<WorkerEnd[]> {
    this.send({ kind: 'cut' });
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, SALVAGE_MS);
    await Promise.race([Promise.all(this.#closed), late.promise]);
    clearTimeout(timer);
    return this.#ends.filter((end) => end !== null);
  }

  async terminate(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** Ends the measurement of all workers when one slot is idle: a worker whose slots are all waiting for the server never becomes idle. */
  #idle(at_us: Microseconds): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#onIdle(at_us);
    this.send({ kind: 'drain', from_us: at_us });
  }

  #end(index: number, message: WorkerEnd): void {
    this.#ends[index] = message;
    const ends = this.#ends.filter((end) => end !== null);
    if (ends.length === this.#ends.length) this.#done.resolve(ends);
  }

  #fail(index: number, reason: string, cause?: unknown): void {
    this.#failed(
      new GoodputError('worker', `load worker ${index} died: ${reason}`, {
        hint: 'the samples recorded before are kept, and goodput report reads them',
        cause,
      }),
    );
  }

  #failed(error: GoodputError): void {
    this.#ready.reject(error);
    this.#done.reject(error);
  }
}
