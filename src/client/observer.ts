import type { AnswerReader, EventReading } from './api/api.ts';
import type { JsonObject } from './http/json-values.ts';
import { asArray, asCount, asObject } from './http/json-values.ts';

/** Called with every payload of a stream and what was read from it. Not for measured requests, because every event is then parsed. */
export type Observe = (payload: JsonObject, reading: Pick<EventReading, 'output' | 'finish'>) => void;

export function observed(reader: AnswerReader, observe: Observe): AnswerReader {
  return {
    read(payload) {
      const reading = reader.read(payload);
      observe(payload, reading);
      return reading;
    },
    shapes: null,
    answer: () => reader.answer(),
  };
}

/** Facts about a server that a stream shows: which requested fields are present, and which software wrote it. */
export class StreamFacts {
  /** Output events without a finish reason. Events after the finish reason and events without output say nothing about tokens per event. */
  #outputs = 0;
  #withIds = 0;
  #withUsage = 0;
  /** Some usage counts output tokens. */
  usage = false;
  /** Has padding that hides the length of a token. */
  obfuscation = false;
  /** Top-level members of all payloads, later ones replacing earlier ones: names, ids and flags that identify the server. */
  readonly seen = Object.create(null) as Record<string, unknown>;
  /** The same for all choices, including their deltas. */
  readonly choice = Object.create(null) as Record<string, unknown>;

  /** True if every output event has token ids. */
  get tokenIds(): boolean {
    return this.#outputs > 0 && this.#withIds === this.#outputs;
  }

  /** True if every output event has the output tokens so far, rather than only a total at the end. */
  get continuousUsage(): boolean {
    return this.#outputs > 0 && this.#withUsage === this.#outputs;
  }

  readonly observe: Observe = (payload, { output, finish }) => {
    Object.assign(this.seen, payload);
    if (Object.hasOwn(payload, 'obfuscation')) this.obfuscation = true;
    const choices = asArray(payload['choices']).map(asObject);
    for (const choice of choices) Object.assign(this.choice, choice, asObject(choice?.['delta']));
    const counts =
      countsOutput(payload['usage']) || choices.some((choice) => countsOutput(choice?.['usage']));
    if (counts) this.usage = true;
    if (!output || finish) return;
    this.#outputs++;
    if (counts) this.#withUsage++;
    if (choices.some((choice) => hasIds(choice))) this.#withIds++;
  };
}

function countsOutput(usage: unknown): boolean {
  return (asCount(asObject(usage)?.['completion_tokens']) ?? 0) > 0;
}

function hasIds(choice: JsonObject | null): boolean {
  const ids = asArray(choice?.['token_ids'] ?? choice?.['output_ids']);
  return ids.length > 0 || typeof asObject(choice?.['delta'])?.['token_id'] === 'number';
}
