import type { ApiPrompt } from './api.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asArray, asObject, asText } from '../http/json-values.ts';

type Blocks = string | JsonObject[];

interface Conversation {
  system?: Blocks;
  messages: { role: string; content: unknown }[];
}

/**
 * Returns a prompt in the shape of Anthropic's API. Messages in the shape of the chat API are converted: system messages move to
 * `system`, tool calls and their results become blocks, images change their shape. Messages in Anthropic's shape stay unchanged.
 */
export function conversation(prompt: ApiPrompt): Conversation {
  if (prompt.kind === 'text') return { messages: [{ role: 'user', content: prompt.text }] };
  const system: Blocks[] = [];
  const messages: Conversation['messages'] = [];
  for (const message of prompt.messages) {
    const role = asText(message['role']);
    if (role === 'system' || role === 'developer') system.push(contentOf(message['content']));
    else if (role === 'tool') addResult(messages, message);
    else
      messages.push({
        role,
        content: role === 'assistant' ? contentWithCalls(message) : contentOf(message['content']),
      });
  }
  if (system.length === 0) return { messages };
  return { system: system.every(isText) ? system.join('\n\n') : system.flatMap(blocks), messages };
}

/** Converts a tool in the shape of the chat API. Others stay unchanged. */
export function toolOf(value: unknown): unknown {
  const own = asObject(asObject(value)?.['function']);
  if (own === null) return value;
  const { name, description, parameters } = own;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    input_schema: parameters ?? { type: 'object' },
  };
}

const isText = (content: Blocks): content is string => typeof content === 'string';

const blocks = (content: Blocks): JsonObject[] =>
  isText(content) ? (content === '' ? [] : [{ type: 'text', text: content }]) : content;

function contentOf(content: unknown): Blocks {
  if (!Array.isArray(content)) return asText(content);
  return asArray(content).flatMap((value) => {
    const part = asObject(value);
    return part === null ? [] : [part['type'] === 'image_url' ? image(part['image_url']) : part];
  });
}

function image(value: unknown): JsonObject {
  const url = asText(asObject(value)?.['url']) || asText(value);
  const inline = /^data:([^;,]+);base64,(.*)$/s.exec(url);
  const source =
    inline === null ? { type: 'url', url } : { type: 'base64', media_type: inline[1], data: inline[2] };
  return { type: 'image', source };
}

function contentWithCalls(message: JsonObject): Blocks {
  const calls = asArray(message['tool_calls']).map((value) => {
    const call = asObject(value);
    const body = asObject(call?.['function']);
    return {
      type: 'tool_use',
      id: call?.['id'],
      name: body?.['name'],
      input: argumentsOf(body?.['arguments']),
    };
  });
  const content = contentOf(message['content']);
  return calls.length === 0 ? content : [...blocks(content), ...calls];
}

function argumentsOf(value: unknown): JsonObject {
  try {
    return asObject(value) ?? asObject(JSON.parse(asText(value))) ?? {};
  } catch {
    return {};
  }
}

/** Adds a tool result. The API requires that the results of one round of calls are in one message. */
function addResult(messages: Conversation['messages'], message: JsonObject): void {
  const result = {
    type: 'tool_result',
    tool_use_id: message['tool_call_id'],
    content: contentOf(message['content']),
  };
  const last = messages.at(-1)?.content;
  if (Array.isArray(last) && asObject(last[0])?.['type'] === 'tool_result') last.push(result);
  else messages.push({ role: 'user', content: [result] });
}
