import type { BatchFault } from '../../faults.ts';
import type { Milliseconds } from '../../units.ts';
import type { Api } from '../api/api-paths.ts';
import type { BackgroundRequest, BackgroundResult } from './background-request.ts';

/** One request of a batch: its id in the batch, and its body as JSON. */
export interface BatchLine {
  customId: string;
  api: Api;
  body: string;
}

/** How a request of a batch ended; `unexecuted`: it has no result because its batch ended first. */
export type LineResult = BackgroundResult | { unexecuted: BatchEnd };

/** Why a batch ended before all of its requests had. */
export type BatchEnd = 'expired' | 'cancelled';

/** Time after which a batch expires: a day, as in both protocols. */
const WINDOW_MS: Milliseconds = 86_400_000;

/** Starts one request; calls back with its result, unless it is cancelled first. */
export type StartRequest = (
  line: BatchLine,
  done: (result: BackgroundResult, id: string) => void,
) => BackgroundRequest | null;

/** The requests of one batch and their results, whatever its protocol. */
export class BatchWork {
  readonly total: number;
  readonly createdAt = Date.now();
  readonly expiresAt = this.createdAt + WINDOW_MS;
  readonly counts = { ok: 0, failed: 0, expired: 0, cancelled: 0 };
  readonly #lines: readonly BatchLine[];
  readonly #fault: BatchFault | null;
  readonly #write: (line: BatchLine, result: LineResult, id: string | null) => void;
  readonly #onEnd: (end: BatchEnd | null) => void;
  readonly #running = new Map<BatchLine, BackgroundRequest | null>();
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #hasEnded = false;
  #isCancelling = false;

  /**
   * @param write receives each result
   * @param onEnd called once, after the last result: `null` if every request was executed
   */
  constructor(
    lines: readonly BatchLine[],
    fault: BatchFault | null,
    write: (line: BatchLine, result: LineResult, id: string | null) => void,
    onEnd: (end: BatchEnd | null) => void,
  ) {
    this.total = lines.length;
    this.#lines = lines;
    this.#fault = fault;
    this.#write = write;
    this.#onEnd = onEnd;
    this.#timer = setTimeout(() => this.#endAll('expired'), WINDOW_MS).unref();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get hasMore(): boolean {
    return !this.#hasEnded && !this.#isCancelling && this.#next < this.#lines.length;
  }

  /** Requests that the engine has not admitted. */
  get waiting(): number {
    let count = 0;
    for (const request of this.#running.values()) if (request?.isWaiting === true) count++;
    return count;
  }

  /** Starts the next request. */
  startNext(start: StartRequest): void {
    const line = this.#lines[this.#next++]!;
    // Registered first: a request that is refused ends within the call.
    this.#running.set(line, null);
    const request = start(line, (result, id) => this.#ended(line, result, id));
    if (this.#running.has(line)) this.#running.set(line, request);
    this.#check();
  }

  get running(): number {
    return this.#running.size;
  }

  /** Starts no more requests; the batch ends when those that are running have ended. */
  cancel(): void {
    this.#isCancelling = true;
    this.#check();
  }

  /** Ends the batch at once, because the server stops. */
  stop(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    for (const request of this.#running.values()) request?.cancel();
    this.#running.clear();
  }

  #ended(line: BatchLine, result: BackgroundResult, id: string): void {
    if (this.#hasEnded) return;
    this.#running.delete(line);
    this.counts['error' in result ? 'failed' : 'ok']++;
    this.#write(line, result, id);
    this.#check();
  }

  #check(): void {
    if (this.#hasEnded) return;
    const { ok, failed } = this.counts;
    if (this.#fault !== null && ok + failed >= this.#fault.after && ok + failed < this.total)
      this.#endAll('expired');
    else if (this.#running.size > 0) return;
    else if (this.#isCancelling) this.#endAll('cancelled');
    else if (this.#next === this.#lines.length) this.#endAll(null);
  }

  #endAll(end: BatchEnd | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    for (const request of this.#running.values()) request?.cancel();
    if (end !== null) {
      const left = [...this.#running.keys(), ...this.#lines.slice(this.#next)];
      this.counts[end] += left.length;
      for (const line of left) this.#write(line, { unexecuted: end }, null);
    }
    this.#running.clear();
    this.#onEnd(end);
  }
}
