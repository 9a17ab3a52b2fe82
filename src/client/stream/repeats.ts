import type { RepeatReader, TextSource } from '../api/api.ts';
import type { Known, KnownEvents } from './known-events.ts';
import type { WordCounter } from '../api/words.ts';

/** Longer events, in characters, are read by JSON.parse: finding all values of one takes memory and time by its length. */
const LONGEST_LESSON = 64 * 1024;

/** A stream whose events keep changing is read by JSON.parse. */
const LESSONS = 8;

/**
 * Reads the events of one stream that repeat an earlier one, of this stream or another, but for their text and counts, without
 * decoding or parsing them. Two kinds at a time: a stream alternates between reasoning and answer at most.
 */
export class Repeats implements TextSource {
  readonly #reader: RepeatReader;
  readonly #events: KnownEvents;
  #first: Known | null = null;
  #second: Known | null = null;
  #previous: string | null = null;
  #lessons = LESSONS;

  /** @param events what the streams of this endpoint have in common */
  constructor(reader: RepeatReader, events: KnownEvents) {
    this.#reader = reader;
    this.#events = events;
  }

  /** @returns where the event that begins at `start` ends in `chunk`, or -1 where it repeats none; `read` must follow */
  match(chunk: Uint8Array, start: number): number {
    const first = this.#first;
    if (first !== null) {
      const end = first.learnt.template.match(chunk, start);
      if (end !== -1) return end;
      const second = this.#second;
      const other = second === null ? -1 : second.learnt.template.match(chunk, start);
      if (other !== -1) {
        this.#first = second;
        this.#second = first;
        return other;
      }
    }
    if (this.#lessons === 0) return -1;
    const known = this.#events.find(chunk, start);
    if (known === null) return -1;
    this.#take(known);
    return this.#events.end;
  }

  /** Reads the event that matched last: whether it is an output event. */
  read(): boolean {
    const { learnt, repetition } = this.#first!;
    const { values } = learnt.template;
    for (const { hole, parent, key } of learnt.counts) parent[key] = values[hole];
    let texts = 0;
    for (let i = 0; i < learnt.texts.length; i++) if (values[learnt.texts[i]!.hole] !== 0) texts |= 1 << i;
    return this.#reader.repeat(repetition, texts, this);
  }

  countWords(text: number, words: WordCounter): void {
    const { template, texts } = this.#first!.learnt;
    template.countWords(texts[text]!.hole, words);
  }

  /** @param output it was an output event, and nothing more */
  learn(data: string, output: boolean): void {
    if (this.#lessons === 0 || data.length > LONGEST_LESSON) return;
    const previous = this.#previous;
    this.#previous = data;
    // Events that two reads have cut are parsed, and bring nothing new.
    if (!output || this.match(Buffer.from(`data: ${data}\n\n`), 0) !== -1) return;
    this.#lessons = this.#events.teachable ? this.#lessons - 1 : 0;
    const known = this.#events.learn(data, previous, this.#reader);
    if (known !== null) this.#take(known);
  }

  #take(known: Known): void {
    this.#second = this.#first;
    this.#first = known;
  }
}
