import { REFERENCE } from './ignored.ts';
import { type Body, isObject, wrong } from './parameters.ts';
import type { Api } from './generation-request.ts';

/**
 * Returns the words of a request's input, each of which is one token: texts, reasoning that comes back, names and arguments of tool calls and
 * the results of tools, in their order. Ids, roles and what is encrypted beside its text are not counted.
 * @throws {ApiError} with status 400 that names the first place that is wrong
 */
export function wordsOf(api: Api, body: Body): string[] {
  switch (api) {
    case 'chat':
      return wordsOfMessages(body['messages'], 'messages');
    case 'completions':
      return wordsOfPrompt(body['prompt']);
    case 'responses': {
      const { instructions, input } = body;
      const before = typeof instructions === 'string' ? wordsIn(instructions) : [];
      return [...before, ...(typeof input === 'string' ? wordsIn(input) : wordsOfMessages(input, 'input'))];
    }
    default: {
      const before = wordsOfContent(body['system'], 'system');
      return [...before, ...wordsOfMessages(body['messages'], 'messages')];
    }
  }
}

function wordsOfPrompt(prompt: unknown): string[] {
  const single: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof single === 'string') return wordsIn(single);
  const ids: unknown = Array.isArray(prompt) && Array.isArray(single) ? single : prompt;
  if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => Number.isInteger(id))) return ids.map(String);
  throw wrong('prompt', 'prompt must be a text or a list of token ids, one prompt a request');
}

function wordsOfMessages(messages: unknown, param: string): string[] {
  if (!Array.isArray(messages) || messages.length === 0)
    throw wrong(param, `${param} must be a list of messages`);
  return (messages as readonly unknown[]).flatMap((message, k) => {
    const at = `${param}[${k}]`;
    if (!isObject(message)) throw wrong(at, `${at} must be an object`);
    const item = param === 'input' ? wordsOfItem(message, at) : null;
    if (item !== null) return item;
    if (typeof message['role'] !== 'string') throw wrong(at, `${at} has no role`);
    return wordsOfMessage(message, at);
  });
}

/** The names under which servers stream reasoning, and take it back. */
const REASONING = ['reasoning_content', 'reasoning'];

function wordsOfMessage(message: Body, at: string): string[] {
  const calls: unknown = message['tool_calls'] ?? [];
  if (!Array.isArray(calls)) throw wrong(`${at}.tool_calls`, `${at}.tool_calls must be a list`);
  const reasoning = REASONING.map((key) => message[key]).find((text) => typeof text === 'string');
  return [
    ...wordsIn(reasoning ?? ''),
    ...wordsOfContent(message['content'], `${at}.content`),
    ...(calls as readonly unknown[]).flatMap((call, k) => {
      const where = `${at}.tool_calls[${k}]`;
      const called = isObject(call) ? (call['function'] ?? call['custom']) : null;
      if (!isObject(called)) throw wrong(where, `${where} has no function`);
      return wordsOfCall(called, 'arguments' in called ? 'arguments' : 'input', where);
    }),
  ];
}

/** Returns the words of an item of the responses API that is no message; `null` for a message. */
function wordsOfItem(item: Body, at: string): string[] | null {
  switch (item['type']) {
    case undefined:
    case 'message':
      return null;
    case 'function_call':
      return wordsOfCall(item, 'arguments', at);
    case 'custom_tool_call':
      return wordsOfCall(item, 'input', at);
    case 'function_call_output':
    case 'custom_tool_call_output':
      return wordsOfContent(item['output'], `${at}.output`);
    case 'reasoning': {
      const said = ['summary', 'content'].flatMap((key) => wordsOfContent(item[key], `${at}.${key}`));
      const { encrypted_content: encrypted } = item;
      return said.length > 0 || typeof encrypted !== 'string' ? said : wordsIn(encrypted);
    }
    case REFERENCE:
      if (typeof item['id'] !== 'string') throw wrong(`${at}.id`, `${at}: a reference must have an id`);
      return [];
    default:
      throw wrong(`${at}.type`, `${at}: items of type ${String(item['type'])} are not simulated`);
  }
}

function wordsOfCall(call: Body, key: string, at: string): string[] {
  const { name, [key]: given } = call;
  if (typeof name !== 'string') throw wrong(`${at}.name`, `${at}: a tool call must have a name`);
  if (typeof given !== 'string') throw wrong(`${at}.${key}`, `${at}: ${key} must be a text`);
  return [...wordsIn(name), ...wordsIn(given)];
}

function wordsOfContent(content: unknown, param: string): string[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return wordsIn(content);
  if (!Array.isArray(content)) throw wrong(param, `${param} must be a text or a list of parts`);
  return (content as readonly unknown[]).flatMap((part, k) => wordsOfPart(part, `${param}[${k}]`));
}

/** The key of each kind of part that holds its text; a part of any other kind has `text`. */
const TEXT_OF = new Map([
  ['thinking', 'thinking'],
  ['redacted_thinking', 'data'],
  ['refusal', 'refusal'],
]);

function wordsOfPart(part: unknown, at: string): string[] {
  if (!isObject(part)) throw wrong(at, `${at} must be an object`);
  const { type } = part;
  if (type === 'tool_use') {
    if (!isObject(part['input'])) throw wrong(`${at}.input`, `${at}: input must be an object`);
    return wordsOfCall({ ...part, input: JSON.stringify(part['input']) }, 'input', at);
  }
  if (type === 'tool_result') return wordsOfContent(part['content'], `${at}.content`);
  const text = part[TEXT_OF.get(String(type)) ?? 'text'];
  if (typeof text !== 'string')
    throw wrong(at, `${at}: only text parts, tool calls, their results and reasoning are simulated`);
  return wordsIn(text);
}

/** One word is one token. */
const wordsIn = (text: string): string[] => text.match(/\S+/g) ?? [];
