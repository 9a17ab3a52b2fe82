import type { Api } from './api.ts';
import { bearer } from '../http/headers.ts';
import { OPTIONAL_FIELDS } from './request-profile.ts';
import { requestBody } from './request-body.ts';
import { type CallPiece, NO_PIECES, type Pieces } from './output-pieces.ts';
import { ChoicesReader } from './choices-reader.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asArray, asObject, asText, jsonText } from '../http/json-values.ts';

export const chat: Api = {
  path: '/chat/completions',
  headers: bearer,
  minTokenLimit: 1,
  optionalFields: OPTIONAL_FIELDS,
  hasTwoLimitNames: true,
  body: (options) =>
    requestBody(
      options,
      {
        messages:
          options.prompt.kind === 'messages'
            ? options.prompt.messages
            : [{ role: 'user', content: options.prompt.text }],
        ...(options.tools ? { tools: options.tools } : {}),
      },
      options.profile.limit,
    ),
  reader: (keeps) => new ChoicesReader(chatPieces, keeps),
};

/**
 * Returns the output of one choice. A gateway that emulates streaming sends one complete `message`; a `message` together with, or after,
 * deltas only repeats them.
 */
function chatPieces(choice: JsonObject, hasOutput: boolean): Pieces {
  const delta = asObject(choice['delta']) ?? (hasOutput ? null : asObject(choice['message']));
  if (delta === null) return { ...NO_PIECES, answer: hasOutput ? '' : asText(choice['text']) };
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

/** Reads content that is a string or an array of typed parts (Mistral). */
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

/** Returns the reasoning of a delta. Proxies repeat the same text in several fields: the first non-empty one counts. */
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
  // The predecessor of `tool_calls`, for a single call.
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

/** Returns the arguments as JSON text. The API specifies a string; some servers send the object. */
function readArguments(value: unknown): string {
  return typeof value === 'object' && value !== null ? jsonText(value) : asText(value);
}
