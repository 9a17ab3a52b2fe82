import type { Sample } from '../sample.ts';
import type { CountTokens } from './tokenizer.ts';

/** How many requests the tokenizer counted, and how many it could not for want of text. */
export interface Counted {
  counted: number;
  uncounted: number;
}

/**
 * Gives the samples that nobody counted the tokens of their text: docs/metrics.md, "Token counts". What the server counted
 * stays. The spread over the events is then an estimate, and the end of the answer, which has no text, is not counted.
 */
export class TextCounter {
  readonly #count: CountTokens | null;
  readonly #keepText: boolean;
  readonly result: Counted = { counted: 0, uncounted: 0 };

  /** @param count `null`: nothing is counted, and the text goes all the same */
  constructor(count: CountTokens | null, keepText: boolean) {
    this.#count = count;
    this.#keepText = keepText;
  }

  readonly change = (sample: Sample): Sample => {
    const tokens = sample.tokens_from === 'events' ? this.#tokensOf(sample) : null;
    const counted: Sample =
      tokens === null ? sample : { ...withoutWords(sample), output_tokens: tokens, tokens_from: 'tokenizer' };
    return this.#keepText ? counted : withoutText(counted);
  };

  #tokensOf(sample: Sample): number | null {
    if (sample.events_us.length === 0) return null;
    let tokens = 0;
    if (this.#count !== null)
      for (const text of textsOf(sample)) tokens += text === '' ? 0 : this.#count(text);
    if (tokens > 0) this.result.counted++;
    else this.result.uncounted++;
    return tokens > 0 ? tokens : null;
  }
}

/** Reasoning, answer, and the calls of tools: each is tokenised by itself, as the model's marks stand between them. */
function textsOf({ text = '', reasoning_text = '', tool_calls }: Sample): string[] {
  const calls = Array.isArray(tool_calls) ? (tool_calls as Record<string, unknown>[]) : [];
  const called = calls.flatMap((call) => [call['name'], call['arguments']]);
  return [reasoning_text, text, ...called.filter((part) => typeof part === 'string')];
}

/** Words tell of events that stand for tokens. */
function withoutWords(sample: Sample): Sample {
  const { words: _, ...rest } = sample;
  return rest;
}

function withoutText(sample: Sample): Sample {
  const { text: _, reasoning_text: __, tool_calls: ___, usage: ____, ...rest } = sample;
  return rest;
}

/** What the reader of the report should know of it. */
export function notesOf({ counted, uncounted }: Counted, file: string, choices: number): string[] {
  if (choices > 1 && uncounted > 0)
    return [`${file} counted nothing: of ${choices} choices a request only the text of the first is kept.`];
  const requests = (count: number): string => `${count} request${count === 1 ? '' : 's'}`;
  return [
    ...(counted === 0
      ? []
      : [
          `${file} counted the output tokens of ${requests(counted)}, without the end of each answer, which has no text; how they spread over the events is an estimate.`,
        ]),
    ...(uncounted === 0
      ? []
      : [
          `Of ${requests(uncounted)} there was no text to count (audio, a refusal): their events stand for tokens.`,
        ]),
  ];
}
