import { GoodputError } from '../../errors.ts';
import type { Microseconds } from '../../units.ts';
import { type BatchingRequest, type BatchingSettings, refusalOf } from './batching.ts';
import { BlockPool } from './blocks.ts';
import type { StepTime, StepWork } from './cost.ts';
import { Deque } from './deque.ts';
import type { Engine, OnToken } from './engine.ts';
import { BlockNames, left, type Sequence, sequenceOf } from './sequence.ts';

/** One step as it was laid out. */
export interface Step extends Readonly<StepWork> {
  start_us: Microseconds;
  end_us: Microseconds;
  /** Requests running, and blocks in use, after scheduling. */
  running: number;
  blocks: number;
}

/** What an engine tells besides its tokens. All calls come from within `advance`. */
export interface BatchingObserver {
  /** A request begins to run, with so many tokens of its own found in the cache; again after each preemption. */
  admitted?(id: number, at_us: Microseconds, cached: number): void;
  preempted?(id: number, at_us: Microseconds): void;
  step?(step: Step): void;
}

/**
 * Continuous batching as vLLM V1 does it: a token budget a step, chunked prefill, KV blocks with a prefix cache, preemption
 * with recomputation. docs/simulator.md tells the rules.
 *
 * It has no clock. Whoever drives it advances it to an instant, then submits what arrives at that instant. A step that
 * begins at t takes along all that arrive at t, so it is laid out only when the clock has passed t; until then `next_us()` is
 * t + 1. A step that was laid out ends at its own end, however late `advance` comes, so a late driver delays no instant. The
 * same arrivals give the same tokens, whether they are driven in real time or as fast as can be.
 *
 *     engine.advance(arrival_us, onToken);           // all that is due before, or at, that instant
 *     const id = engine.submit(arrival_us, request); // once `refusalOf` has nothing against it
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
  /** When the next step begins, where none is under way and something waits or runs. */
  #start_us: Microseconds = 0;
  /** The end of the step under way. */
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

  /** Share of the blocks that requests hold. */
  get cacheUsage(): number {
    return this.#pool.used / this.#pool.size;
  }

  /** Blocks that requests hold; those in the free queue do not count, registered or not. */
  get blocksInUse(): number {
    return this.#pool.used;
  }

  submit(now_us: Microseconds, request: BatchingRequest): number {
    const refusal = refusalOf(this.#settings, request);
    // It would wait for ever, and all behind it.
    if (refusal !== null) throw new GoodputError('defect', `a request that never fits: ${refusal}`);
    const id = this.#nextId++;
    if (this.#end_us === null && this.#sequences.size === 0) this.#start_us = now_us;
    const sequence = sequenceOf(id, request);
    this.#sequences.set(id, sequence);
    this.#waiting.push(sequence);
    return id;
  }

  /** A step under way keeps its length: what it computes for a request that went away is lost. */
  cancel(_now_us: Microseconds, id: number): void {
    const sequence = this.#sequences.get(id);
    if (sequence === undefined) return;
    this.#sequences.delete(id);
    if (this.#waiting.remove(sequence)) return;
    this.#running.splice(this.#running.indexOf(sequence), 1);
    this.#pool.release(sequence.blocks);
  }

  /** It stands still for so long: the step under way, or the next one, is that much later. */
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
        `simulator: a step of ${end_us - at_us} µs is more than the clock can count`,
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

  /** Returns what it leaves of the budget, `null` where it had to preempt. */
  #scheduleRunning(at_us: Microseconds): number | null {
    const running = this.#running;
    const { blockSize, maxBatchedTokens } = this.#settings;
    let budget = maxBatchedTokens;
    let preempted = false;
    for (let k = 0; k < running.length && budget > 0; k++) {
      const sequence = running[k]!;
      const n = Math.min(left(sequence), budget);
      const blocks = Math.ceil((sequence.computed + n) / blockSize) - sequence.blocks.length;
      while (blocks > this.#pool.free) {
        preempted = true;
        if (this.#preemptLast(at_us) === sequence) return null;
      }
      this.#schedule(sequence, n);
      budget -= n;
    }
    return preempted ? null : budget;
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
      // A hit on a free block takes it out of the queue, so it is no block for the rest.
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
    if (sequence.generated > 0 && left(sequence) === 1) {
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
      if (left(sequence) > 0) continue;
      sequence.generated++;
      emitted.push(sequence);
      if (sequence.generated < sequence.output) continue;
      ended = true;
      this.#sequences.delete(sequence.id);
      this.#pool.release(sequence.blocks);
    }
    if (ended) this.#running = this.#running.filter(({ generated, output }) => generated < output);
    // Last of all, so that whoever submits or cancels in return finds the engine between two steps.
    for (const { id, generated } of emitted) onToken(id, generated - 1, at_us);
  }
}
