import type { AnswerReader, EventReading } from './api/api.ts';
import type { JsonObject } from './http/json.ts';
import { asArray, asCount, asObject } from './http/json.ts';

/** Sees every payload of a stream, with what was read from it. Only for requests that are not measured: each event is then read by itself. */
export type Observe = (payload: JsonObject, reading: Pick<EventReading, 'output' | 'finish'>) => void;

export function observed(reader: AnswerReader, observe: Observe): AnswerReader {
  return {
    read(payload) {
      const reading = reader.read(payload);
      observe(payload, reading);
      return reading;
    },
    repeats: null,
    answer: () => reader.answer(),
  };
}

/** What a stream shows of its server: which of the fields that were asked for are there, and who wrote it. */
export class StreamFacts {
  /** Output events without a finish reason. Later ones, and those without output, show nothing about tokens per event. */
  #outputs = 0;
  #withIds = 0;
  #withUsage = 0;
  /** Usage that counts output, wherever it stands. */
  usage = false;
  /** Padding that hides the length of a token. */
  obfuscation = false;
  /** All payloads laid over each other at their top level: names, ids and marks that tell servers apart. */
  readonly seen = Object.create(null) as Record<string, unknown>;
  /** The same of all choices, with their deltas. */
  readonly choice = Object.create(null) as Record<string, unknown>;

  /** Every output event has the ids of its tokens. */
  get tokenIds(): boolean {
    return this.#outputs > 0 && this.#withIds === this.#outputs;
  }

  /** Every output event counts the output tokens so far: a total at the end of the stream is not that. */
  get continuousUsage(): boolean {
    return this.#outputs > 0 && this.#withUsage === this.#outputs;
  }

  readonly observe: Observe = (payload, { output, finish }) => {
    Object.assign(this.seen, payload);
    if (Object.hasOwn(payload, 'obfuscation')) this.obfuscation = true;
    const choices = asArray(payload['choices']).map(asObject);
    for (const choice of choices) Object.assign(this.choice, choice, asObject(choice?.['delta']));
    const counts = outputOf(payload['usage']) || choices.some((choice) => outputOf(choice?.['usage']));
    if (counts) this.usage = true;
    if (!output || finish) return;
    this.#outputs++;
    if (counts) this.#withUsage++;
    if (choices.some((choice) => hasIds(choice))) this.#withIds++;
  };
}

function outputOf(usage: unknown): boolean {
  return (asCount(asObject(usage)?.['completion_tokens']) ?? 0) > 0;
}

function hasIds(choice: JsonObject | null): boolean {
  const ids = asArray(choice?.['token_ids'] ?? choice?.['output_ids']);
  return ids.length > 0 || typeof asObject(choice?.['delta'])?.['token_id'] === 'number';
}
