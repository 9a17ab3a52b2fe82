import type { Api } from './api.ts';
import { bearer } from '../http/headers.ts';
import { requestBody } from './request-body.ts';
import type { CallPiece, Pieces } from './choices.ts';
import { ChoicesReader } from './choices.ts';
import type { JsonObject } from '../http/json.ts';
import { asArray, asObject, asText, jsonText } from '../http/json.ts';

/** `POST /chat/completions`. */
export const chat: Api = {
  path: '/chat/completions',
  headers: bearer,
  leastTokens: 1,
  body: (options) =>
    requestBody(
      options,
      {
        messages:
          options.prompt.kind === 'messages'
            ? options.prompt.messages
            : [{ role: 'user', content: options.prompt.text }],
      },
      options.asking.limit,
    ),
  reader: (keepText) => new ChoicesReader(chatPieces, keepText),
};

/** A gateway that fakes streaming sends one whole `message`; a `message` beside or after deltas only repeats them. */
function chatPieces(choice: JsonObject, spoken: boolean): Pieces {
  const delta = asObject(choice['delta']) ?? (spoken ? null : asObject(choice['message']));
  if (delta === null) return { ...NO_PIECES, answer: spoken ? '' : asText(choice['text']) };
  const parts = readContent(delta['content']);
  const reasoning = readReasoning(delta);
  const audio = asObject(delta['audio']);
  return {
    answer: parts.answer,
    reasoning: parts.reasoning === '' ? reasoning.text : parts.reasoning,
    reasoningIsRaw: parts.reasoning !== '' || reasoning.raw,
    other:
      parts.refusal !== '' ||
      asText(delta['refusal']) !== '' ||
      asText(audio?.['transcript']) !== '' ||
      asText(audio?.['data']) !== '',
    calls: readCalls(delta),
  };
}

const NO_PIECES: Pieces = { answer: '', reasoning: '', reasoningIsRaw: false, other: false, calls: [] };

/** Content is a string, or an array of typed parts (Mistral). */
function readContent(content: unknown): { answer: string; reasoning: string; refusal: string } {
  const read = { answer: '', reasoning: '', refusal: '' };
  if (typeof content === 'string') read.answer = content;
  for (const value of asArray(content)) {
    const part = asObject(value);
    if (part === null) continue;
    read.answer += asText(part['text']);
    read.refusal += asText(part['refusal']);
    read.reasoning += asText(part['thinking']);
    for (const thought of asArray(part['thinking'])) read.reasoning += asText(asObject(thought)?.['text']);
  }
  return read;
}

/** Proxies mirror the same thinking text in several fields: the first one that has any counts. */
function readReasoning(delta: JsonObject): { text: string; raw: boolean } {
  let details = '';
  let summary = '';
  for (const value of asArray(delta['reasoning_details'])) {
    const detail = asObject(value);
    details += asText(detail?.['text']);
    summary += asText(detail?.['summary']);
  }
  const text = asText(delta['reasoning_content']) || asText(delta['reasoning']);
  const raw = details !== '' || (text !== '' && summary === '');
  return { text: text || details || summary, raw };
}

function readCalls(delta: JsonObject): CallPiece[] {
  const calls: CallPiece[] = [];
  for (const value of asArray(delta['tool_calls'])) {
    const call = asObject(value);
    if (call === null) continue;
    const body = asObject(call['function']) ?? asObject(call['custom']) ?? {};
    const index = call['index'];
    calls.push({
      index: typeof index === 'number' ? index : null,
      id: asText(call['id']),
      name: asText(body['name']),
      arguments: readArguments(body['arguments'] ?? body['input']),
    });
  }
  // What tool calls were called before there were several.
  const legacy = asObject(delta['function_call']);
  if (legacy !== null) {
    calls.push({
      index: 0,
      id: '',
      name: asText(legacy['name']),
      arguments: readArguments(legacy['arguments']),
    });
  }
  return calls;
}

/** A string by the API; some servers send the object itself. */
function readArguments(value: unknown): string {
  return typeof value === 'object' && value !== null ? jsonText(value) : asText(value);
}
