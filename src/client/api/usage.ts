import { rejectImpossible, isTokenCount, MAX_TOKEN_COUNT } from '../../token-counts.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asArray, asObject } from '../http/json-values.ts';

/** A usage object in one shape for all servers. A count is `null` if it was not reported, or was rejected as impossible. */
export interface Usage {
  input: number | null;
  /** Includes reasoning. */
  output: number | null;
  cached: number | null;
  reasoning: number | null;
  /** Output tokens that are in the total but in no other count: xAI's reasoning, Gemini's thoughts. They are part of `output`. */
  onlyInTotal: number;
  /** The first count that was rejected, with the reason. */
  problem: string | null;
  raw: JsonObject;
}

/**
 * Returns a usage object in one shape. If all counts are 0, the server fills in a field whose value it does not know yet (Ollama):
 * returns `null`.
 */
export function readUsage(value: unknown): Usage | null {
  const raw = asObject(value);
  if (raw === null) return null;
  // Some servers send usage with every event, so the checks below run only if a count is impossible.
  isOdd = false;
  const usage = read(raw);
  const { input, output, cached, reasoning } = usage;
  if ((input ?? 0) === 0 && (output ?? 0) === 0 && !isOdd) return null;
  const isPart = (cached ?? 0) <= (input ?? Infinity) && (reasoning ?? 0) <= (output ?? Infinity);
  const isWhole = (input ?? 0) <= MAX_TOKEN_COUNT && (output ?? 0) <= MAX_TOKEN_COUNT;
  return isOdd || !isPart || !isWhole ? checkedUsage(usage) : usage;
}

/** The object that is being read has a value that is not a token count where one belongs. */
let isOdd = false;

function count(value: unknown): number | null {
  if (isTokenCount(value)) return value;
  if (value !== undefined && value !== null) isOdd = true;
  return null;
}

function read(raw: JsonObject): Usage {
  let input = count(raw['prompt_tokens']) ?? inputTokens(raw);
  let output = count(raw['completion_tokens']) ?? count(raw['output_tokens']);
  const inputDetails = asObject(raw['prompt_tokens_details']) ?? asObject(raw['input_tokens_details']);
  const outputDetails = asObject(raw['completion_tokens_details']) ?? asObject(raw['output_tokens_details']);
  const cached =
    count(inputDetails?.['cached_tokens']) ??
    count(raw['prompt_cache_hit_tokens']) ??
    count(raw['cached_tokens']) ??
    count(raw['num_cached_tokens']) ??
    count(raw['cache_read_input_tokens']);
  const reasoning =
    count(outputDetails?.['reasoning_tokens']) ??
    count(outputDetails?.['thinking_tokens']) ??
    count(raw['reasoning_tokens']);
  const total = count(raw['total_tokens']);
  let onlyInTotal = 0;
  if (total !== null && input !== null && output !== null && total > input + output) {
    const surplus = total - input - output;
    const besideInput = (cached ?? 0) + (count(raw['cache_creation_input_tokens']) ?? 0);
    // Gateways that pass on Bedrock's counts leave the cached input out of `prompt_tokens`, but not out of the total.
    if (surplus === besideInput && surplus !== reasoning) {
      input += surplus;
    } else {
      onlyInTotal = surplus;
      output += surplus;
    }
  }
  return { input, output, cached, reasoning, onlyInTotal, problem: null, raw };
}

/** Returns Anthropic's input tokens: what it read from its cache, or wrote to it, is not part of its `input_tokens`. */
function inputTokens(raw: JsonObject): number | null {
  const fresh = count(raw['input_tokens']);
  if (fresh === null) return null;
  const fromCache = count(raw['cache_read_input_tokens']) ?? 0;
  const written = count(raw['cache_creation_input_tokens']) ?? 0;
  return fresh + fromCache + written;
}

function checkedUsage(usage: Usage): Usage {
  const counts = {
    input_tokens: usage.input,
    cached_tokens: usage.cached,
    output_tokens: usage.output,
    reasoning_tokens: usage.reasoning,
    hidden_tokens: null,
  };
  const contradiction = rejectImpossible(counts);
  const output = counts.output_tokens;
  return {
    input: counts.input_tokens,
    output,
    cached: counts.cached_tokens,
    reasoning: counts.reasoning_tokens,
    onlyInTotal: output === null ? 0 : usage.onlyInTotal,
    problem: oddCount(usage.raw) ?? contradiction,
    raw: usage.raw,
  };
}

/** Keys of counts, in the usage and in its details. */
const COUNTS = new Set([
  'prompt_tokens',
  'input_tokens',
  'completion_tokens',
  'output_tokens',
  'total_tokens',
  'cached_tokens',
  'prompt_cache_hit_tokens',
  'num_cached_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'reasoning_tokens',
  'thinking_tokens',
]);

/** Describes the first member that should be a count and is not. */
function oddCount(raw: JsonObject): string | null {
  const details = Object.entries(raw).flatMap(([key, value]) =>
    key.endsWith('_details') ? Object.entries(asObject(value) ?? {}) : [],
  );
  for (const [key, value] of [...Object.entries(raw), ...details])
    if (COUNTS.has(key) && value !== null && !isTokenCount(value))
      return `${key} is ${typeof value === 'number' ? value : `a ${typeof value}, not a number`}`;
  return null;
}

/**
 * Returns the output tokens that were counted but not streamed. Those that are only in the total are hidden too, unless reasoning was
 * streamed: then the server counts the streamed reasoning separately.
 */
export function hiddenTokens(usage: Usage, output: number, sawRawReasoning: boolean): number | null {
  if (usage.reasoning === null && usage.onlyInTotal === 0) return null;
  return sawRawReasoning ? 0 : Math.min(Math.max(usage.reasoning ?? 0, usage.onlyInTotal), output);
}

/** Returns the usage of one event, at the top level or in Groq's own object. */
function usageOf(payload: JsonObject): Usage | null {
  return readUsage(payload['usage']) ?? readUsage(asObject(payload['x_groq'])?.['usage']);
}

/** Returns true if events of this shape may have usage: with other numbers, an object of zeros becomes a usage. */
export function hasUsage(payload: JsonObject): boolean {
  const places = [payload, asObject(payload['x_groq']), ...asArray(payload['choices']).map(asObject)];
  return places.some((place) => asObject(place?.['usage']) !== null);
}

/**
 * Tracks the usage objects of one stream. An object in a chunk without choices, or after every choice has finished, is the total of the
 * request. Before that it is the count of one choice so far (continuous usage), and the request is the sum. An object within a choice
 * (Moonshot) is the count of that choice, and together they cover the request once each choice has one.
 */
export class UsageTracker {
  #total: Usage | null = null;
  #latest: Usage | null = null;
  readonly #byChoice = new Map<number, Usage>();
  readonly #seen = new Set<number>();
  /** Choices with their own usage object. */
  readonly #own = new Set<number>();

  addChoice(choice: number): void {
    this.#seen.add(choice);
  }

  /**
   * Reads the usage of one event.
   * @param choices indices of the choices of this event; all were added
   * @param allFinished every choice had finished before this event
   * @returns the tokens that this event added to its choice, or `null` if unknown
   */
  read(payload: JsonObject, choices: readonly number[], allFinished: boolean): number | null {
    const usage = usageOf(payload);
    if (usage === null) return this.#readOwn(payload, choices.length);
    if (choices.length === 0 || allFinished) {
      this.#total = usage;
      return null;
    }
    this.#latest = usage;
    return choices.length > 1 ? null : this.#grow(choices[0]!, usage);
  }

  #readOwn(payload: JsonObject, choices: number): number | null {
    let grown: number | null = null;
    for (const value of asArray(payload['choices'])) {
      const choice = asObject(value);
      const usage = readUsage(choice?.['usage']);
      if (usage === null) continue;
      const index = typeof choice?.['index'] === 'number' ? choice['index'] : 0;
      this.#own.add(index);
      this.#latest = usage;
      grown = this.#grow(index, usage);
    }
    return choices > 1 ? null : grown;
  }

  #grow(choice: number, usage: Usage): number | null {
    const { output } = usage;
    if (output === null) return null;
    const before = this.#byChoice.get(choice)?.output ?? 0;
    this.#byChoice.set(choice, usage);
    // A count of 0 next to a token means that the server does not count yet.
    return output > 0 && output >= before ? output - before : null;
  }

  /**
   * Returns the usage of the request, and whether it covers the complete answer.
   * @param finished every choice has a finish reason, so that the latest usage of a single choice is final
   */
  result(finished: boolean): { usage: Usage; final: boolean } | null {
    if (this.#total !== null) return { usage: this.#total, final: true };
    if (this.#latest === null) return null;
    const owned = this.#own.size > 0;
    const final = finished && (!owned || this.#own.size === this.#seen.size);
    if (this.#byChoice.size <= 1) return { usage: this.#latest, final };
    const counts = [...this.#byChoice.values()];
    const sum = (key: 'output' | 'reasoning' | 'onlyInTotal'): number =>
      counts.reduce((total, usage) => total + (usage[key] ?? 0), 0);
    const reasoning = counts.some((usage) => usage.reasoning !== null) ? sum('reasoning') : null;
    const problem = counts.find((usage) => usage.problem !== null)?.problem ?? this.#latest.problem;
    const usage = {
      ...this.#latest,
      output: sum('output'),
      reasoning,
      onlyInTotal: sum('onlyInTotal'),
      problem,
    };
    return { usage, final: owned && final };
  }
}
