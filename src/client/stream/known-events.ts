import type { RepeatReader, Repetition } from '../api/api.ts';
import type { Learnt } from './template-learning.ts';
import { exampleOf, learnTemplate } from './template-learning.ts';

/** Events that are known but for the values in the holes of their template. */
export interface Known {
  readonly learnt: Learnt;
  readonly repetition: Repetition;
}

/** One endpoint sends few kinds at a time: reasoning and answer, with and without usage. */
const KINDS = 8;

/** Where lessons have taught nothing so often, what this endpoint sends does not repeat. */
const VAIN_LESSONS = 64;

/**
 * What the streams of one endpoint have taught. The events of one are those of another but for ids, an instant and a few counts:
 * a template costs 100 µs to learn, and all streams look at the same bytes of memory.
 */
export class KnownEvents {
  #known: Known[] = [];
  #vain = 0;
  /** Where the event that was found last ends. */
  end = -1;

  /** There may be more to learn. */
  get teachable(): boolean {
    return this.#vain < VAIN_LESSONS;
  }

  /** @returns what the event that begins at `start` repeats; its template has just matched and ended at `end` */
  find(chunk: Uint8Array, start: number): Known | null {
    for (const known of this.#known) {
      this.end = known.learnt.template.match(chunk, start);
      if (this.end !== -1) return known;
    }
    return null;
  }

  /**
   * @param data of an event that no known one is like
   * @param previous of the event before it in its stream
   */
  learn(data: string, previous: string | null, reader: RepeatReader): Known | null {
    const before = previous === null ? null : exampleOf(previous);
    const examples = this.#known.map(({ learnt }) => learnt.example);
    const learnt = learnTemplate(data, before === null ? examples : [...examples, before]);
    const repetition = learnt === null ? null : reader.repetition(learnt.payload, learnt.texts);
    if (learnt === null || repetition === null) {
      this.#vain++;
      return null;
    }
    const known = { learnt, repetition };
    // It has their holes and its own: those that it covers are not needed any more.
    const others = this.#known.filter(
      ({ learnt: { example } }) => learnt.template.match(Buffer.from(`data: ${example.data}\n\n`), 0) === -1,
    );
    this.#known = [known, ...others].slice(0, KINDS);
    return known;
  }
}
