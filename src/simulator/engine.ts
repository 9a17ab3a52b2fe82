import type { Microseconds } from '../units.ts';
import { Heap } from './heap.ts';
import type { SimulatorSettings } from './settings.ts';

/** A request as an engine sees it, in tokens. `output` is at least 1. */
export interface EngineRequest {
  prompt: number;
  output: number;
}

/** Token `k` (0, 1, 2 …) of request `id`, due at `due_us`. */
export type OnToken = (id: number, k: number, due_us: Microseconds) => void;

/**
 * A discrete-event engine without a clock: whoever drives it says what time it is, so that the same engine serves real
 * sockets and runs as fast as it can on a virtual clock. Instants are whole microseconds of the driver's clock. Before
 * `submit` and `cancel` the driver advances to the same instant, so that what was due earlier has happened.
 */
export interface Engine {
  /** Takes a request and returns the id under which its tokens come. */
  submit(now_us: Microseconds, request: EngineRequest): number;
  /** Drops a request: no more tokens, and its place is free. Nothing happens where it has ended. */
  cancel(now_us: Microseconds, id: number): void;
  /** When the engine has something to do next; `null` while it is idle. */
  next_us(): Microseconds | null;
  /** Does everything due at or before `now_us`, in order of time. */
  advance(now_us: Microseconds, onToken: OnToken): void;
  /** Requests submitted and neither finished nor cancelled. */
  readonly inFlight: number;
}

interface Running {
  id: number;
  first_us: Microseconds;
  /** The next token. */
  k: number;
  output: number;
  due_us: Microseconds;
}

/**
 * The simple engine: a first token that waits for the input and for the company, then a steady stream. Token k is due at
 * first + k·tpot, from the absolute product, so rounding never adds up.
 */
export class SimpleEngine implements Engine {
  readonly #settings: SimulatorSettings;
  readonly #running = new Map<number, Running>();
  readonly #due = new Heap<Running>((a, b) => a.due_us - b.due_us || a.id - b.id);
  #nextId = 0;

  constructor(settings: SimulatorSettings) {
    this.#settings = settings;
  }

  get inFlight(): number {
    return this.#running.size;
  }

  submit(now_us: Microseconds, { prompt, output }: EngineRequest): number {
    const { ttftBase, ttftPerInputToken, ttftPerRequest } = this.#settings;
    const ttft = ttftBase + ttftPerInputToken * prompt + ttftPerRequest * this.#running.size;
    const first_us = now_us + Math.round(ttft * 1000);
    const request = { id: this.#nextId++, first_us, k: 0, output, due_us: first_us };
    this.#running.set(request.id, request);
    this.#due.push(request);
    return request.id;
  }

  cancel(_now_us: Microseconds, id: number): void {
    // Its entry in the heap stays until it comes up: looking for it would cost more than skipping it.
    this.#running.delete(id);
  }

  next_us(): Microseconds | null {
    this.#dropCancelled();
    return this.#due.peek()?.due_us ?? null;
  }

  advance(now_us: Microseconds, onToken: OnToken): void {
    for (;;) {
      this.#dropCancelled();
      const request = this.#due.peek();
      if (request === undefined || request.due_us > now_us) return;
      this.#due.pop();
      const { id, k, due_us } = request;
      request.k++;
      if (request.k < request.output) {
        request.due_us = request.first_us + Math.round(request.k * this.#settings.tpot * 1000);
        this.#due.push(request);
      } else {
        this.#running.delete(id);
      }
      onToken(id, k, due_us);
    }
  }

  #dropCancelled(): void {
    for (
      let top = this.#due.peek();
      top !== undefined && !this.#running.has(top.id);
      top = this.#due.peek()
    ) {
      this.#due.pop();
    }
  }
}
