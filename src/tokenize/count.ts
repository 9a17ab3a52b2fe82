import type { Sample } from '../sample.ts';
import type { CountTokens } from './tokenizer.ts';

/** The number of requests that the tokenizer counted, and of those that have no text to count. */
export interface Counted {
  counted: number;
  uncounted: number;
}

/**
 * Counts the tokens of the text of samples without a token count (docs/metrics.md, "Token counts"). The counts of the server are kept.
 * The distribution over the events is then an estimate, and the end token of the response, which has no text, is not counted.
 */
export class TextCounter {
  readonly #count: CountTokens | null;
  readonly #keepText: boolean;
  readonly result: Counted = { counted: 0, uncounted: 0 };

  /** @param count `null`: nothing is counted, and the text is still removed */
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

/** Returns reasoning, content and tool calls separately, because special tokens separate them in the model's output. */
function textsOf({ text = '', reasoning_text = '', tool_calls }: Sample): string[] {
  const calls = Array.isArray(tool_calls) ? (tool_calls as Record<string, unknown>[]) : [];
  const called = calls.flatMap((call) => [call['name'], call['arguments']]);
  return [reasoning_text, text, ...called.filter((part) => typeof part === 'string')];
}

/** Removes the word count, which is only recorded if events count as tokens. */
function withoutWords(sample: Sample): Sample {
  const { words: _, ...rest } = sample;
  return rest;
}

function withoutText(sample: Sample): Sample {
  const { text: _, reasoning_text: __, tool_calls: ___, usage: ____, ...rest } = sample;
  return rest;
}

/** Returns notes on the counted requests for the report. */
export function tokenizerNotes({ counted, uncounted }: Counted, file: string, choices: number): string[] {
  if (choices > 1 && uncounted > 0)
    return [
      `${file} counted no tokens: a request has ${choices} choices, and only the text of the first one is kept.`,
    ];
  const requests = (count: number): string => `${count} request${count === 1 ? '' : 's'}`;
  return [
    ...(counted === 0
      ? []
      : [
          `${file} counted the output tokens of ${requests(counted)}, without the end token of each response, which has no text; their distribution over the events is an estimate.`,
        ]),
    ...(uncounted === 0
      ? []
      : [`${requests(uncounted)} had no text to count (audio, a refusal): their events count as tokens.`]),
  ];
}
