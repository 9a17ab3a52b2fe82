import type { JsonObject } from './json.ts';
import { asArray, asCount, asObject } from './json.ts';

/** A usage object in one shape, wherever and however the server wrote it. `null`: not reported. */
export interface Usage {
  input: number | null;
  /** Reasoning included. */
  output: number | null;
  cached: number | null;
  reasoning: number | null;
  /** Output tokens that only the total shows: xAI's reasoning, Gemini's thoughts. They are part of `output`. */
  onlyInTotal: number;
  raw: JsonObject;
}

/** Reads one usage object; all zero means the server fills a field it does not know yet (Ollama), which is no usage. */
export function readUsage(value: unknown): Usage | null {
  const raw = asObject(value);
  if (raw === null) return null;
  const input = asCount(raw['prompt_tokens']) ?? inputTokens(raw);
  let output = asCount(raw['completion_tokens']) ?? asCount(raw['output_tokens']);
  if ((input ?? 0) === 0 && (output ?? 0) === 0) return null;
  const total = asCount(raw['total_tokens']);
  let onlyInTotal = 0;
  if (total !== null && input !== null && output !== null && total > input + output) {
    onlyInTotal = total - input - output;
    output = total - input;
  }
  const inputDetails = asObject(raw['prompt_tokens_details']) ?? asObject(raw['input_tokens_details']);
  const outputDetails = asObject(raw['completion_tokens_details']) ?? asObject(raw['output_tokens_details']);
  return {
    input,
    output,
    cached:
      asCount(inputDetails?.['cached_tokens']) ??
      asCount(raw['prompt_cache_hit_tokens']) ??
      asCount(raw['cached_tokens']) ??
      asCount(raw['num_cached_tokens']) ??
      asCount(raw['cache_read_input_tokens']),
    reasoning:
      asCount(outputDetails?.['reasoning_tokens']) ??
      asCount(outputDetails?.['thinking_tokens']) ??
      asCount(raw['reasoning_tokens']),
    onlyInTotal,
    raw,
  };
}

/** Anthropic counts what it read from its cache, or wrote into it, beside `input_tokens` and not within. */
function inputTokens(raw: JsonObject): number | null {
  const fresh = asCount(raw['input_tokens']);
  if (fresh === null) return null;
  const read = asCount(raw['cache_read_input_tokens']) ?? 0;
  const written = asCount(raw['cache_creation_input_tokens']) ?? 0;
  return fresh + read + written;
}

/**
 * Tokens that were counted and never streamed. Those that only the total shows are hidden too, unless thinking was
 * streamed: the server itself counts them apart from the text that came.
 */
export function hiddenTokens(usage: Usage, output: number, sawRawReasoning: boolean): number | null {
  if (usage.reasoning === null && usage.onlyInTotal === 0) return null;
  return sawRawReasoning ? 0 : Math.min(Math.max(usage.reasoning ?? 0, usage.onlyInTotal), output);
}

/** The usage of one event: at the top, in Groq's own object, or within a choice (Moonshot). */
function usageOf(payload: JsonObject): Usage | null {
  const top = readUsage(payload['usage']) ?? readUsage(asObject(payload['x_groq'])?.['usage']);
  if (top !== null) return top;
  for (const choice of asArray(payload['choices'])) {
    const usage = readUsage(asObject(choice)?.['usage']);
    if (usage !== null) return usage;
  }
  return null;
}

/**
 * Follows the usage objects of one stream. An object on a chunk without choices, or after every choice has finished, is
 * the total of the request; before that it counts one choice so far (continuous usage), and the request is their sum.
 */
export class UsageTracker {
  #total: Usage | null = null;
  #latest: Usage | null = null;
  readonly #outputByChoice = new Map<number, number>();

  /**
   * @param choices indices of the choices of this event
   * @param allFinished whether every choice had finished before this event
   * @returns the tokens that this event added to its choice, or `null` where that is not known
   */
  read(payload: JsonObject, choices: readonly number[], allFinished: boolean): number | null {
    const usage = usageOf(payload);
    if (usage === null) return null;
    if (choices.length === 0 || allFinished) {
      this.#total = usage;
      return null;
    }
    this.#latest = usage;
    const choice = choices[0]!;
    if (choices.length > 1 || usage.output === null) return null;
    const before = this.#outputByChoice.get(choice) ?? 0;
    this.#outputByChoice.set(choice, usage.output);
    // A zero beside a token means that the server does not count yet.
    return usage.output > 0 && usage.output >= before ? usage.output - before : null;
  }

  /** @param finished whether every choice has a finish reason: then the latest usage of a single choice is final. */
  result(finished: boolean): { usage: Usage; final: boolean } | null {
    if (this.#total !== null) return { usage: this.#total, final: true };
    if (this.#latest === null) return null;
    if (this.#outputByChoice.size <= 1) return { usage: this.#latest, final: finished };
    let output = 0;
    for (const count of this.#outputByChoice.values()) output += count;
    return { usage: { ...this.#latest, output }, final: false };
  }
}
