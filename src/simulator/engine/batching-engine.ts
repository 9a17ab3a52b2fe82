import { GoodputError } from '../../errors.ts';
import type { Microseconds } from '../../units.ts';
import { type BatchingRequest, type BatchingSettings, refusalOf } from './batching.ts';
import { BlockPool } from './blocks.ts';
import type { StepTime, StepWork } from './cost.ts';
import { Deque } from './deque.ts';
import type { Engine, OnToken } from './engine.ts';
import { BlockNames, type Sequence, sequenceOf, tokensLeft } from './sequence.ts';

export interface Step extends Readonly<StepWork> {
  start_us: Microseconds;
  end_us: Microseconds;
  /** Running requests and used blocks, after scheduling. */
  running: number;
  blocks: number;
}

/** Callbacks of an engine other than tokens. All calls come from within `advance`. */
export interface BatchingObserver {
  /** A request begins to run, with this many tokens of its own found in the cache; called again after each preemption. */
  admitted?(id: number, at_us: Microseconds, cached: number): void;
  preempted?(id: number, at_us: Microseconds): void;
  step?(step: Step): void;
}

/**
 * Continuous batching like vLLM V1: a token budget per step, chunked prefill, KV blocks with a prefix cache, preemption with
 * recomputation. docs/simulator.md describes the rules.
 *
 * The engine has no clock. The driver advances it to an instant, then submits the requests that arrive at that instant. A step that begins at t
 * includes all requests that arrive at t, so it is scheduled only when the clock has passed t; until then `next_us()` is t + 1. A
 * scheduled step ends at its own end, however late `advance` is called, so a late driver delays no instant. The same arrivals give the
 * same tokens, in real time and in virtual time.
 *
 *     engine.advance(arrival_us, onToken);           // everything due up to that instant
 *     const id = engine.submit(arrival_us, request); // if `refusalOf` returns null
 *     engine.advance(Infinity, onToken);             // to the end
 *
 * `onToken` may submit at the token's own instant, as a closed loop does.
 */
export class BatchingEngine implements Engine {
  readonly #settings: BatchingSettings;
  readonly #stepTime: StepTime;
  readonly #observer: BatchingObserver;
  readonly #pool: BlockPool;
  readonly #sequences = new Map<number, Sequence>();
  readonly #waiting = new Deque<Sequence>();
  #running: Sequence[] = [];
  /** Start of the next step, if none is in progress and a request waits or runs. */
  #start_us: Microseconds = 0;
  /** End of the step in progress. */
  #end_us: Microseconds | null = null;
  #nextId = 0;
  readonly #names = new BlockNames();
  readonly #work: StepWork = {
    prefillTokens: 0,
    prefillPairs: 0,
    prefillContext: 0,
    decodes: 0,
    decodeContext: 0,
  };

  constructor(settings: BatchingSettings, stepTime: StepTime, observer: BatchingObserver = {}) {
    this.#settings = settings;
    this.#stepTime = stepTime;
    this.#observer = observer;
    this.#pool = new BlockPool(settings.kvBlocks);
  }

  get inFlight(): number {
    return this.#sequences.size;
  }

  /** Requests that were admitted and have neither ended nor been preempted. */
  get running(): number {
    return this.#running.length;
  }

  get cacheUsage(): number {
    return this.#pool.used / this.#pool.size;
  }

  /** Blocks that requests hold; blocks in the free queue do not count, registered or not. */
  get blocksInUse(): number {
    return this.#pool.used;
  }

  submit(now_us: Microseconds, request: BatchingRequest): number {
    const refusal = refusalOf(this.#settings, request);
    // It would wait forever, and block every later request.
    if (refusal !== null)
      throw new GoodputError('defect', `a request that never fits was submitted: ${refusal}`);
    const id = this.#nextId++;
    if (this.#end_us === null && this.#sequences.size === 0) this.#start_us = now_us;
    const sequence = sequenceOf(id, request);
    this.#sequences.set(id, sequence);
    this.#waiting.push(sequence);
    return id;
  }

  /** Removes a request. A step in progress keeps its duration: what it computes for the request is lost. */
  cancel(_now_us: Microseconds, id: number): void {
    const sequence = this.#sequences.get(id);
    if (sequence === undefined) return;
    this.#sequences.delete(id);
    // At most `maxNumSeqs` are running; under overload far more wait.
    const at = this.#running.indexOf(sequence);
    if (at === -1) {
      this.#waiting.remove(sequence);
      return;
    }
    this.#running.splice(at, 1);
    this.#pool.release(sequence.blocks);
  }

  /** Pauses the engine: the current step, or the next one, ends that much later. */
  delay(by_us: Microseconds): void {
    if (this.#end_us !== null) this.#end_us += by_us;
    else this.#start_us += by_us;
  }

  next_us(): Microseconds | null {
    if (this.#end_us !== null) return this.#end_us;
    return this.#sequences.size === 0 ? null : this.#start_us + 1;
  }

  advance(now_us: Microseconds, onToken: OnToken): void {
    for (;;) {
      if (this.#end_us === null) {
        if (this.#sequences.size === 0 || this.#start_us >= now_us) return;
        this.#begin(this.#start_us);
      } else if (this.#end_us <= now_us) {
        this.#finish(this.#end_us, onToken);
      } else {
        return;
      }
    }
  }

  #begin(at_us: Microseconds): void {
    const work = this.#work;
    work.prefillTokens = work.prefillPairs = work.prefillContext = work.decodes = work.decodeContext = 0;
    const budget = this.#scheduleRunning(at_us);
    if (budget !== null) this.#scheduleWaiting(at_us, budget);
    const end_us = at_us + this.#stepTime(work);
    if (!Number.isSafeInteger(end_us))
      throw new GoodputError(
        'usage',
        `simulator: a step of ${end_us - at_us} µs exceeds the range of the clock`,
      );
    this.#end_us = end_us;
    this.#observer.step?.({
      start_us: at_us,
      end_us,
      running: this.#running.length,
      blocks: this.#pool.used,
      ...work,
    });
  }

  /** Schedules the running requests. Returns the rest of the budget, or `null` if it had to preempt. */
  #scheduleRunning(at_us: Microseconds): number | null {
    const running = this.#running;
    const { blockSize, maxBatchedTokens } = this.#settings;
    let budget = maxBatchedTokens;
    let hasPreempted = false;
    for (let k = 0; k < running.length && budget > 0; k++) {
      const sequence = running[k]!;
      const n = Math.min(tokensLeft(sequence), budget);
      const blocks = Math.ceil((sequence.computed + n) / blockSize) - sequence.blocks.length;
      while (blocks > this.#pool.free) {
        hasPreempted = true;
        if (this.#preemptLast(at_us) === sequence) return null;
      }
      this.#schedule(sequence, n);
      budget -= n;
    }
    return hasPreempted ? null : budget;
  }

  #preemptLast(at_us: Microseconds): Sequence {
    const sequence = this.#running.pop()!;
    this.#pool.release(sequence.blocks);
    sequence.blocks = [];
    sequence.computed = 0;
    sequence.full = 0;
    this.#waiting.unshift(sequence);
    this.#observer.preempted?.(sequence.id, at_us);
    return sequence;
  }

  #scheduleWaiting(at_us: Microseconds, budgetLeft: number): void {
    const { blockSize, maxNumSeqs, chunkedPrefill, prefixCaching } = this.#settings;
    const pool = this.#pool;
    let budget = budgetLeft;
    while (budget > 0 && this.#running.length < maxNumSeqs) {
      const sequence = this.#waiting.peek();
      if (sequence === undefined) return;
      const hits = prefixCaching ? this.#names.cachedPrefix(sequence, pool, blockSize) : [];
      const cached = hits.length * blockSize;
      const all = sequence.prompt + sequence.generated - cached;
      if (!chunkedPrefill && all > budget) return;
      const n = Math.min(all, budget);
      let free = pool.free;
      // A hit on a free block removes it from the free queue, so it is not available for other tokens.
      for (const block of hits) if (pool.isFree(block)) free--;
      if (Math.ceil((cached + n) / blockSize) - hits.length > free) return;
      this.#waiting.shift();
      for (const block of hits) pool.share(block);
      sequence.blocks = hits;
      sequence.full = hits.length;
      sequence.computed = cached;
      this.#running.push(sequence);
      this.#observer.admitted?.(sequence.id, at_us, cached);
      this.#schedule(sequence, n);
      budget -= n;
    }
  }

  #schedule(sequence: Sequence, n: number): void {
    const work = this.#work;
    const { computed, blocks } = sequence;
    const { blockSize, prefixCaching } = this.#settings;
    if (sequence.generated > 0 && tokensLeft(sequence) === 1) {
      work.decodes++;
      work.decodeContext += computed + 1;
    } else {
      work.prefillTokens += n;
      work.prefillPairs += n * computed + (n * (n + 1)) / 2;
      work.prefillContext += computed + n;
    }
    sequence.scheduled = n;
    const end = computed + n;
    while (blocks.length * blockSize < end) blocks.push(this.#pool.take());
    if (!prefixCaching) return;
    for (; (sequence.full + 1) * blockSize <= end; sequence.full++)
      this.#pool.register(blocks[sequence.full]!, this.#names.of(sequence, sequence.full));
  }

  #finish(at_us: Microseconds, onToken: OnToken): void {
    this.#end_us = null;
    this.#start_us = at_us;
    const emitted: Sequence[] = [];
    let ended = false;
    for (const sequence of this.#running) {
      if (sequence.scheduled === 0) continue;
      sequence.computed += sequence.scheduled;
      sequence.scheduled = 0;
      if (tokensLeft(sequence) > 0) continue;
      sequence.generated++;
      emitted.push(sequence);
      if (sequence.generated < sequence.output) continue;
      ended = true;
      this.#sequences.delete(sequence.id);
      this.#pool.release(sequence.blocks);
    }
    if (ended) this.#running = this.#running.filter(({ generated, output }) => generated < output);
    // Called last, so that a callback that submits or cancels finds the engine between two steps.
    for (const { id, generated } of emitted) onToken(id, generated - 1, at_us);
  }
}
