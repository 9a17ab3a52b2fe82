import type { ShapeReader, TextSource } from '../api/api.ts';
import type { KnownEvent, KnownEvents } from './known-events.ts';
import type { WordCounter } from '../api/word-counter.ts';

/** Longer events, in characters, are always parsed: finding the values of an event takes time and memory in proportion to its length. */
const MAX_LEARNED_LENGTH = 64 * 1024;

/** Attempts to learn templates per stream; a stream whose events keep changing is parsed. */
const MAX_ATTEMPTS = 8;

/**
 * Reads events of one stream without decoding or parsing them, if they equal an earlier event, of this or another stream, except for
 * their text and counts. Keeps two kinds at a time, because a stream alternates between reasoning and answer at most.
 */
export class RepeatedEvents implements TextSource {
  readonly #reader: ShapeReader;
  readonly #events: KnownEvents;
  #first: KnownEvent | null = null;
  #second: KnownEvent | null = null;
  #previous: string | null = null;
  #attemptsLeft = MAX_ATTEMPTS;

  /** @param events the templates of this endpoint */
  constructor(reader: ShapeReader, events: KnownEvents) {
    this.#reader = reader;
    this.#events = events;
  }

  /**
   * Returns the end in `chunk` of the event at `start`, or -1 if no template matches. Call `read` afterwards.
   */
  match(chunk: Uint8Array, start: number): number {
    const first = this.#first;
    if (first !== null) {
      const end = first.learned.template.match(chunk, start);
      if (end !== -1) return end;
      const second = this.#second;
      const other = second === null ? -1 : second.learned.template.match(chunk, start);
      if (other !== -1) {
        this.#first = second;
        this.#second = first;
        return other;
      }
    }
    if (this.#attemptsLeft === 0) return -1;
    const known = this.#events.find(chunk, start);
    if (known === null) return -1;
    this.#take(known);
    return this.#events.end;
  }

  /** Reads the event that matched last; returns true if it is an output event. */
  read(): boolean {
    const { learned, shape } = this.#first!;
    const { values } = learned.template;
    for (const { hole, parent, key } of learned.counts) parent[key] = values[hole];
    let texts = 0;
    for (let i = 0; i < learned.texts.length; i++) if (values[learned.texts[i]!.hole] !== 0) texts |= 1 << i;
    return this.#reader.readShape(shape, texts, this);
  }

  countWords(text: number, words: WordCounter): void {
    const { template, texts } = this.#first!.learned;
    template.countWords(texts[text]!.hole, words);
  }

  textOf(text: number): string {
    const { template, texts } = this.#first!.learned;
    return template.textOf(texts[text]!.hole);
  }

  /**
   * Tries to learn a template from a parsed event.
   * @param output it was an output event and nothing else
   */
  learn(data: string, output: boolean): void {
    if (this.#attemptsLeft === 0 || data.length > MAX_LEARNED_LENGTH) return;
    const previous = this.#previous;
    this.#previous = data;
    // An event that was split over two reads is parsed even if its template is known.
    if (!output || this.match(Buffer.from(`data: ${data}\n\n`), 0) !== -1) return;
    this.#attemptsLeft = this.#events.canLearn ? this.#attemptsLeft - 1 : 0;
    const known = this.#events.learn(data, previous, this.#reader);
    if (known !== null) this.#take(known);
  }

  #take(known: KnownEvent): void {
    this.#second = this.#first;
    this.#first = known;
  }
}
