import type { AnswerReader } from './api.ts';
import type { JsonObject } from './json.ts';
import { asArray, asCount, asObject } from './json.ts';

/** Sees every payload of a stream before it is read. Only for requests that are not measured: each event is then read by itself. */
export type Observe = (payload: JsonObject) => void;

export function observed(reader: AnswerReader, observe: Observe): AnswerReader {
  return {
    read(payload) {
      observe(payload);
      return reader.read(payload);
    },
    repeats: null,
    answer: () => reader.answer(),
  };
}

/** What a stream shows of its server: which of the fields that were asked for are there, and who wrote it. */
export class StreamFacts {
  /** Events with token ids in a choice. */
  tokenIds = 0;
  /** Events of unfinished choices that count output tokens so far. */
  continuousUsage = 0;
  /** Usage that counts output, wherever it stands. */
  usage = false;
  /** Padding that hides the length of a token. */
  obfuscation = false;
  /** All payloads laid over each other at their top level: names, ids and marks that tell servers apart. */
  readonly seen: Record<string, unknown> = {};
  /** The same of all choices, with their deltas. */
  readonly choice: Record<string, unknown> = {};

  readonly observe: Observe = (payload) => {
    Object.assign(this.seen, payload);
    if ('obfuscation' in payload) this.obfuscation = true;
    const choices = asArray(payload['choices']).map(asObject);
    for (const choice of choices) Object.assign(this.choice, choice, asObject(choice?.['delta']));
    const open = choices.length > 0 && choices.every((choice) => !choice?.['finish_reason']);
    const counts = outputOf(payload['usage']) || choices.some((choice) => outputOf(choice?.['usage']));
    if (counts) this.usage = true;
    if (counts && open) this.continuousUsage++;
    if (choices.some((choice) => hasIds(choice))) this.tokenIds++;
  };
}

function outputOf(usage: unknown): boolean {
  return (asCount(asObject(usage)?.['completion_tokens']) ?? 0) > 0;
}

function hasIds(choice: JsonObject | null): boolean {
  const ids = asArray(choice?.['token_ids'] ?? choice?.['output_ids']);
  return ids.length > 0 || typeof asObject(choice?.['delta'])?.['token_id'] === 'number';
}
