import type { JsonObject } from '../http/json-values.ts';
import { asArray, asObject, asText } from '../http/json-values.ts';

/**
 * Converts messages in the shape of the chat API to items of the Responses API: parts have other names, tool calls and their results are
 * separate items. Messages in the latter's shape stay unchanged.
 */
export function inputItems(messages: readonly JsonObject[]): unknown[] {
  return messages.flatMap((message) => {
    if (message['role'] === 'tool') return [result(message)];
    const calls = asArray(message['tool_calls']);
    if (calls.length === 0) return [messageItem(message)];
    const { tool_calls: _, ...rest } = message;
    const hasContent = asArray(rest['content']).length > 0 || asText(rest['content']) !== '';
    return [...(hasContent ? [messageItem(rest)] : []), ...calls.map(callItem)];
  });
}

/** Converts a tool in the shape of the chat API: its function is at the top. Others stay unchanged. */
export function flatTool(value: unknown): unknown {
  const own = asObject(asObject(value)?.['function']);
  return own === null ? value : { type: 'function', ...own };
}

function messageItem(message: JsonObject): JsonObject {
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
