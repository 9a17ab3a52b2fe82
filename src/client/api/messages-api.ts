import type { Answer, AnswerReader, Api, EventReading, KeptText } from './api.ts';
import { conversation, toolOf } from './messages-body.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asObject, asText, jsonText, scalarText } from '../http/json-values.ts';
import type { TypedPieces } from './typed-answer.ts';
import { TypedAnswer } from './typed-answer.ts';
import { readUsage } from './usage.ts';

/** Version of the API, not of a model; the only one in use since 2023. */
const VERSION = '2023-06-01';

export const messages: Api = {
  path: '/messages',
  headers: (apiKey) => ({
    'anthropic-version': VERSION,
    ...(apiKey === null ? {} : { 'x-api-key': apiKey }),
  }),
  minTokenLimit: 1,
  optionalFields: [],
  hasTwoLimitNames: false,
  body: ({ model, prompt, maxTokens, tools = null, extra }) => ({
    model,
    max_tokens: maxTokens,
    ...conversation(prompt),
    ...(tools === null ? {} : { tools: tools.map(toolOf) }),
    stream: true,
    ...extra,
  }),
  reader: (keeps) => new MessagesReader(keeps),
};

/** Reads the events of Anthropic's API. Signatures, citations, results of server-side tools and pings are not output. */
class MessagesReader implements AnswerReader {
  readonly shapes = null;
  readonly #answer: TypedAnswer;
  #usage: JsonObject = {};
  #finished = false;

  constructor(keeps: KeptText) {
    this.#answer = new TypedAnswer(keeps);
  }

  read(payload: JsonObject): EventReading {
    switch (payload['type']) {
      case 'content_block_delta':
        return { output: this.#answer.add(this.#delta(payload)), finish: false };
      case 'content_block_start':
        return { output: this.#answer.add(this.#start(payload)), finish: false };
      case 'message_start':
        this.#count(asObject(payload['message'])?.['usage']);
        return { output: false, finish: false };
      case 'message_delta':
        return { output: false, finish: this.#messageDelta(payload) };
      case 'message_stop':
        return { output: false, finish: false, terminal: true };
      default:
        return { output: false, finish: false };
    }
  }

  answer(): Answer {
    return this.#answer.answer();
  }

  #start(payload: JsonObject): TypedPieces {
    const block = asObject(payload['content_block']);
    const type = asText(block?.['type']);
    if (block === null) return {};
    if (type === 'text') return { answer: asText(block['text']) };
    if (type === 'thinking') return { reasoning: asText(block['thinking']) };
    if (!type.endsWith('tool_use')) return {};
    // `{}` if deltas follow; servers that do not split a call send all of its input here.
    const input = asObject(block['input']);
    return {
      calls: [
        {
          index: this.#answer.callIndex(scalarText(payload['index'])),
          id: asText(block['id']),
          name: asText(block['name']),
          arguments: input === null || Object.keys(input).length === 0 ? '' : jsonText(input),
        },
      ],
    };
  }

  /**
   * Returns the output of a delta. Thinking counts as a summary: Anthropic streams summaries, and servers that stream the original do not
   * count it separately.
   */
  #delta(payload: JsonObject): TypedPieces {
    const delta = asObject(payload['delta']);
    switch (delta?.['type']) {
      case 'text_delta':
        return { answer: asText(delta['text']) };
      case 'thinking_delta':
        return { reasoning: asText(delta['thinking']) };
      case 'input_json_delta': {
        const index = this.#answer.callIndex(scalarText(payload['index']));
        return { calls: [{ index, id: '', name: '', arguments: asText(delta['partial_json']) }] };
      }
      default:
        return {};
    }
  }

  #messageDelta(payload: JsonObject): boolean {
    const reason = asText(asObject(payload['delta'])?.['stop_reason']);
    if (reason !== '') {
      this.#finished = true;
      this.#answer.finish(reason);
    }
    this.#count(payload['usage']);
    return reason !== '';
  }

  /**
   * Merges a usage object: every count is the total so far, and an event may omit a count that an earlier event had, or set it to null or
   * 0.
   */
  #count(value: unknown): void {
    const usage = asObject(value);
    if (usage === null) return;
    const counts = Object.entries(usage).filter(
      ([key, count]) =>
        !((count === null || count === 0) && Object.hasOwn(this.#usage, key) && Boolean(this.#usage[key])),
    );
    this.#usage = { ...this.#usage, ...Object.fromEntries(counts) };
    this.#answer.count(readUsage(this.#usage), this.#finished);
  }
}
