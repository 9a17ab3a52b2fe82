import type { ShapeReader, EventShape } from '../api/api.ts';
import type { LearnedTemplate } from './template-learning.ts';
import { exampleOf, learnTemplate } from './template-learning.ts';

/** A kind of event that was seen before, with its template. */
export interface KnownEvent {
  readonly learned: LearnedTemplate;
  readonly shape: EventShape;
}

/** An endpoint sends few kinds at a time: reasoning and answer, with and without usage. */
const MAX_KINDS = 8;

/** After this many failed attempts to learn a template, the events of this endpoint are considered to have none. */
const MAX_FAILED_ATTEMPTS = 64;

/**
 * The templates learned from the streams of one endpoint, whose events are equal except for ids, an instant and a few counts. Learning a
 * template takes 100 µs, and all streams share the templates.
 */
export class KnownEvents {
  #known: KnownEvent[] = [];
  #failedAttempts = 0;
  /** End of the event that `find` found last. */
  end = -1;

  /** True unless too many attempts have failed. */
  get canLearn(): boolean {
    return this.#failedAttempts < MAX_FAILED_ATTEMPTS;
  }

  /**
   * Returns the known event whose template matches at `start`, and sets `end` to where it ends; `null` if none matches.
   */
  find(chunk: Uint8Array, start: number): KnownEvent | null {
    for (const known of this.#known) {
      this.end = known.learned.template.match(chunk, start);
      if (this.end !== -1) return known;
    }
    return null;
  }

  /**
   * Learns a kind from an event that matches no known one.
   * @param previous data of the previous event in its stream
   */
  learn(data: string, previous: string | null, reader: ShapeReader): KnownEvent | null {
    const before = previous === null ? null : exampleOf(previous);
    const examples = this.#known.map(({ learned }) => learned.example);
    const learned = learnTemplate(data, before === null ? examples : [...examples, before]);
    const shape = learned === null ? null : reader.shapeOf(learned.payload, learned.texts);
    if (learned === null || shape === null) {
      this.#failedAttempts++;
      return null;
    }
    const known = { learned, shape };
    // The new template has the holes of similar ones in addition to its own, so those that it covers are dropped.
    const others = this.#known.filter(
      ({ learned: { example } }) =>
        learned.template.match(Buffer.from(`data: ${example.data}\n\n`), 0) === -1,
    );
    this.#known = [known, ...others].slice(0, MAX_KINDS);
    return known;
  }
}
