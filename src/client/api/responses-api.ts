import type { Answer, AnswerReader, Api, EventReading, KeptText } from './api.ts';
import { bearer } from '../http/headers.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asArray, asObject, asText, scalarText } from '../http/json-values.ts';
import { withStreamOptions } from './request-body.ts';
import { flatTool, inputItems } from './responses-body.ts';
import { describeError } from './server-error.ts';
import type { TypedPieces } from './typed-answer.ts';
import { TypedAnswer } from './typed-answer.ts';
import { readUsage } from './usage.ts';

export const responses: Api = {
  path: '/responses',
  headers: bearer,
  // OpenAI rejects lower limits with status 400.
  minTokenLimit: 16,
  // Responses report usage unasked.
  optionalFields: ['include_obfuscation'],
  hasTwoLimitNames: false,
  body: (options) => ({
    model: options.model,
    input: options.prompt.kind === 'text' ? options.prompt.text : inputItems(options.prompt.messages),
    max_output_tokens: options.maxTokens,
    ...(options.tools ? { tools: options.tools.map(flatTool) } : {}),
    stream: true,
    ...withStreamOptions(options, responses.optionalFields),
  }),
  reader: (keeps) => new ResponsesReader(keeps),
};

type Channel = 'text' | 'refusal' | 'raw' | 'summary' | 'call' | 'audio';

/** The events with output: stem of the type, channel, and the key under which `….done` repeats the text. */
const STEMS: readonly (readonly [stem: string, channel: Channel, whole: string])[] = [
  ['output_text', 'text', 'text'],
  ['refusal', 'refusal', 'refusal'],
  ['reasoning_text', 'raw', 'text'],
  // The name in vLLM and other servers before the API defined one.
  ['reasoning', 'raw', 'text'],
  ['reasoning_summary_text', 'summary', 'text'],
  ['reasoning_summary', 'summary', 'text'],
  ['function_call_arguments', 'call', 'arguments'],
  ['custom_tool_call_input', 'call', 'input'],
  ['mcp_call_arguments', 'call', 'arguments'],
  ['code_interpreter_call_code', 'call', 'code'],
  ['audio', 'audio', ''],
  ['audio.transcript', 'audio', ''],
];

const DELTAS = new Map(STEMS.map(([stem, channel]) => [`response.${stem}.delta`, channel]));
const DONES = new Map(STEMS.map(([stem, channel, whole]) => [`response.${stem}.done`, { channel, whole }]));

const STATUSES = ['completed', 'incomplete', 'failed', 'cancelled'];
const STATUS_OF = new Map(STATUSES.map((status) => [`response.${status}`, status]));

class ResponsesReader implements AnswerReader {
  readonly shapes = null;
  readonly #answer: TypedAnswer;
  /** Channels of items that had deltas: a later event with the complete text is not output. */
  readonly #streamed = new Set<string>();

  constructor(keeps: KeptText) {
    this.#answer = new TypedAnswer(keeps);
  }

  read(payload: JsonObject): EventReading {
    const type = asText(payload['type']);
    const channel = DELTAS.get(type);
    if (channel !== undefined) {
      const item = itemKey(payload['output_index'], payload['item_id']);
      const pieces = this.#pieces(channel, item, asText(payload['delta']));
      const logprobs = asArray(payload['logprobs']).length;
      return reading(this.#answer.add(logprobs === 0 ? pieces : { ...pieces, logprobs }));
    }
    const done = DONES.get(type);
    if (done !== undefined) {
      const item = itemKey(payload['output_index'], payload['item_id']);
      return reading(this.#answer.add(this.#whole(done.channel, item, asText(payload[done.whole]))));
    }
    if (type === 'response.output_item.added' || type === 'response.output_item.done') {
      const item = asObject(payload['item']);
      if (item === null) return reading(false);
      const key = itemKey(payload['output_index'], item['id']);
      return reading(this.#answer.add(type.endsWith('done') ? this.#item(item, key) : this.#call(item, key)));
    }
    const status = STATUS_OF.get(type);
    return status === undefined ? reading(false) : this.#end(payload, status);
  }

  answer(): Answer {
    return this.#answer.answer();
  }

  #end(payload: JsonObject, ofType: string): EventReading {
    const response = asObject(payload['response']) ?? {};
    const usage = readUsage(response['usage']);
    this.#answer.count(usage, true);
    // vLLM sends `response.completed` whatever the status.
    const written = asText(response['status']);
    const status = STATUSES.includes(written) ? written : ofType;
    if (status === 'failed') {
      const error = asObject(response['error']);
      return { ...reading(false), error: error === null ? FAILED : describeError({ error }) };
    }
    // A gateway that emulates streaming sends all output with the last event.
    const output = !this.#answer.hasOutput && this.#answer.add(this.#items(response));
    const reason =
      status === 'incomplete' ? asText(asObject(response['incomplete_details'])?.['reason']) : '';
    this.#answer.finish(reason || status);
    return { output, finish: true, terminal: true };
  }

  #pieces(channel: Channel, item: string, text: string): TypedPieces {
    if (text === '') return {};
    this.#streamed.add(channel + item);
    switch (channel) {
      case 'text':
        return { answer: text };
      case 'raw':
      case 'summary':
        return { reasoning: text, reasoningIsRaw: channel === 'raw' };
      case 'call':
        return { calls: [{ index: this.#answer.callIndex(item), id: '', name: '', arguments: text }] };
      default:
        return { other: true };
    }
  }

  /** Returns the output of a complete text, unless it was streamed in deltas. */
  #whole(channel: Channel, item: string, text: string): TypedPieces {
    return this.#streamed.has(channel + item) ? {} : this.#pieces(channel, item, text);
  }

  /** Returns the name of a call, and its arguments unless they were streamed in deltas. */
  #call(item: JsonObject, key: string): TypedPieces {
    if (!['function_call', 'custom_tool_call', 'mcp_call'].includes(asText(item['type']))) return {};
    const name = this.#answer.hasCall(key) ? '' : asText(item['name']);
    const index = this.#answer.callIndex(key);
    const written = this.#whole('call', key, asText(item['arguments']) || asText(item['input']));
    return { calls: [{ index, id: '', name, arguments: written.calls?.[0]?.arguments ?? '' }] };
  }

  #item(item: JsonObject, key: string): TypedPieces {
    const parts: TypedPieces[] = [this.#call(item, key)];
    const isReasoning = item['type'] === 'reasoning';
    const collect = (channel: Channel, list: unknown, field: string): void => {
      const text = asArray(list)
        .map((part) => asText(asObject(part)?.[field]))
        .join('');
      parts.push(this.#whole(channel, key, text));
    };
    if (isReasoning) collect('summary', item['summary'], 'text');
    collect(isReasoning ? 'raw' : 'text', item['content'], 'text');
    collect('refusal', item['content'], 'refusal');
    return merged(parts);
  }

  #items(response: JsonObject): TypedPieces {
    return merged(
      asArray(response['output']).map((value, index) => {
        const item = asObject(value);
        return item === null ? {} : this.#item(item, itemKey(index, item['id']));
      }),
    );
  }
}

const FAILED = { message: 'the response failed, and the server gave no reason' };

const reading = (output: boolean): EventReading => ({ output, finish: false });

/** Returns a key that all events of an item share: some gateways send another id with every event, llama.cpp sends only ids. */
function itemKey(place: unknown, id: unknown): string {
  return typeof place === 'number' ? scalarText(place) : asText(id);
}

function merged(parts: readonly TypedPieces[]): TypedPieces {
  const text = (key: 'answer' | 'reasoning'): string => parts.map((part) => part[key] ?? '').join('');
  return {
    answer: text('answer'),
    reasoning: text('reasoning'),
    reasoningIsRaw: parts.some((part) => part.reasoningIsRaw === true),
    other: parts.some((part) => part.other === true),
    calls: parts.flatMap((part) => part.calls ?? []),
  };
}
