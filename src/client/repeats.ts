import type { AnswerReader, Repetition } from './api.ts';
import type { Learnt } from './template-learning.ts';
import { learnTemplate } from './template-learning.ts';

/** A stream whose events keep changing is read by JSON.parse. Learning costs some 20 µs. */
const LESSONS = 8;

interface Known {
  learnt: Learnt;
  repetition: Repetition;
}

/**
 * Reads the events of one stream that repeat an earlier one but for their text and counts, without decoding or parsing them.
 * Two templates: a stream alternates between reasoning and answer at most.
 */
export class Repeats {
  readonly #reader: AnswerReader;
  #first: Known | null = null;
  #second: Known | null = null;
  #previous: string | null = null;
  #lessons = LESSONS;

  constructor(reader: AnswerReader) {
    this.#reader = reader;
  }

  /** @returns where the event that begins at `start` ends in `chunk`, or -1 where it repeats none; `read` must follow */
  match(chunk: Uint8Array, start: number): number {
    const first = this.#first;
    if (first === null) return -1;
    const end = first.learnt.template.match(chunk, start);
    if (end !== -1 || this.#second === null) return end;
    const other = this.#second.learnt.template.match(chunk, start);
    if (other !== -1) {
      this.#first = this.#second;
      this.#second = first;
    }
    return other;
  }

  /** Reads the event that matched last: whether it is an output event. */
  read(): boolean {
    const { learnt, repetition } = this.#first!;
    const { values } = learnt.template;
    for (const { hole, parent, key } of learnt.counts) parent[key] = values[hole];
    let texts = 0;
    for (let i = 0; i < learnt.texts.length; i++) if (values[learnt.texts[i]!.hole] !== 0) texts |= 1 << i;
    return this.#reader.repeats!.repeat(repetition, texts);
  }

  /** @param output it was an output event, and nothing more */
  learn(data: string, output: boolean): void {
    if (this.#lessons === 0) return;
    const previous = this.#previous;
    this.#previous = data;
    // Events that two reads have cut are parsed, and bring nothing new.
    if (!output || this.match(Buffer.from(`data: ${data}\n\n`), 0) !== -1) return;
    this.#lessons--;
    const learnt = learnTemplate(data, previous);
    const repetition =
      learnt === null ? null : (this.#reader.repeats?.repetition(learnt.payload, learnt.texts) ?? null);
    if (learnt === null || repetition === null) return;
    this.#second = this.#first;
    this.#first = { learnt, repetition };
  }
}
