import type { JsonObject } from '../http/json.ts';
import { asArray, asObject, asText } from '../http/json.ts';

/**
 * Messages in the shape of the chat API as items of the Responses API: parts have other names, tool calls and their
 * results are items beside the messages. What has that shape already stays as it is.
 */
export function inputItems(messages: readonly JsonObject[]): unknown[] {
  return messages.flatMap((message) => {
    if (message['role'] === 'tool') return [result(message)];
    const calls = asArray(message['tool_calls']);
    if (calls.length === 0) return [spoken(message)];
    const { tool_calls: _, ...rest } = message;
    const says = asArray(rest['content']).length > 0 || asText(rest['content']) !== '';
    return [...(says ? [spoken(rest)] : []), ...calls.map(callItem)];
  });
}

function spoken(message: JsonObject): JsonObject {
  if (!Array.isArray(message['content'])) return message;
  const textType = message['role'] === 'assistant' ? 'output_text' : 'input_text';
  return { ...message, content: message['content'].map((part: unknown) => partOf(part, textType)) };
}

function partOf(value: unknown, textType: string): unknown {
  const part = asObject(value);
  if (part?.['type'] === 'text') return { type: textType, text: part['text'] };
  if (part?.['type'] !== 'image_url') return value;
  const image = asObject(part['image_url']);
  return {
    type: 'input_image',
    image_url: image?.['url'] ?? part['image_url'],
    ...(image?.['detail'] === undefined ? {} : { detail: image['detail'] }),
  };
}

function callItem(value: unknown): JsonObject {
  const call = asObject(value);
  const body = asObject(call?.['function']);
  return {
    type: 'function_call',
    call_id: call?.['id'],
    name: body?.['name'],
    arguments: body?.['arguments'],
  };
}

function result(message: JsonObject): JsonObject {
  const { content } = message;
  const output = Array.isArray(content)
    ? content.map((part: unknown) => asText(asObject(part)?.['text'])).join('')
    : content;
  return { type: 'function_call_output', call_id: message['tool_call_id'], output };
}
