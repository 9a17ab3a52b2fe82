import { REFERENCE } from './ignored-parameters.ts';
import { type Body, isObject, parameterError } from './parameters.ts';
import type { Api } from './api-paths.ts';

/**
 * Returns the words of a request's input, each of which is one token: texts, returned reasoning, names and arguments of tool calls, and
 * results of tools, in order. Ids, roles, and encrypted reasoning whose text is present do not count.
 * @throws {ApiError} with status 400 for the first invalid member
 */
export function inputWords(api: Api, body: Body): string[] {
  switch (api) {
    case 'chat':
      return messagesWords(body['messages'], 'messages');
    case 'completions':
      return promptWords(body['prompt']);
    case 'responses': {
      const { instructions, input } = body;
      const before = typeof instructions === 'string' ? splitWords(instructions) : [];
      return [...before, ...(typeof input === 'string' ? splitWords(input) : messagesWords(input, 'input'))];
    }
    default: {
      const before = contentWords(body['system'], 'system');
      return [...before, ...messagesWords(body['messages'], 'messages')];
    }
  }
}

function promptWords(prompt: unknown): string[] {
  const single: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof single === 'string') return splitWords(single);
  const ids: unknown = Array.isArray(prompt) && Array.isArray(single) ? single : prompt;
  if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => Number.isInteger(id))) return ids.map(String);
  throw parameterError('prompt', 'prompt must be a text or a list of token ids, one prompt a request');
}

function messagesWords(messages: unknown, param: string): string[] {
  if (!Array.isArray(messages) || messages.length === 0)
    throw parameterError(param, `${param} must be a list of messages`);
  return (messages as readonly unknown[]).flatMap((message, k) => {
    const at = `${param}[${k}]`;
    if (!isObject(message)) throw parameterError(at, `${at} must be an object`);
    const item = param === 'input' ? itemWords(message, at) : null;
    if (item !== null) return item;
    if (typeof message['role'] !== 'string') throw parameterError(at, `${at} has no role`);
    return messageWords(message, at);
  });
}

/** Keys under which servers stream reasoning and accept it back. */
const REASONING = ['reasoning_content', 'reasoning'];

function messageWords(message: Body, at: string): string[] {
  const calls: unknown = message['tool_calls'] ?? [];
  if (!Array.isArray(calls)) throw parameterError(`${at}.tool_calls`, `${at}.tool_calls must be a list`);
  const reasoning = REASONING.map((key) => message[key]).find((text) => typeof text === 'string');
  return [
    ...splitWords(reasoning ?? ''),
    ...contentWords(message['content'], `${at}.content`),
    ...(calls as readonly unknown[]).flatMap((call, k) => {
      const where = `${at}.tool_calls[${k}]`;
      const called = isObject(call) ? (call['function'] ?? call['custom']) : null;
      if (!isObject(called)) throw parameterError(where, `${where} has no function`);
      return callWords(called, 'arguments' in called ? 'arguments' : 'input', where);
    }),
  ];
}

/** Returns the words of an item of the responses API; `null` for a message. */
function itemWords(item: Body, at: string): string[] | null {
  switch (item['type']) {
    case undefined:
    case 'message':
      return null;
    case 'function_call':
      return callWords(item, 'arguments', at);
    case 'custom_tool_call':
      return callWords(item, 'input', at);
    case 'function_call_output':
    case 'custom_tool_call_output':
      return contentWords(item['output'], `${at}.output`);
    case 'reasoning': {
      const said = ['summary', 'content'].flatMap((key) => contentWords(item[key], `${at}.${key}`));
      const { encrypted_content: encrypted } = item;
      return said.length > 0 || typeof encrypted !== 'string' ? said : splitWords(encrypted);
    }
    case REFERENCE:
      if (typeof item['id'] !== 'string')
        throw parameterError(`${at}.id`, `${at}: a reference must have an id`);
      return [];
    default:
      throw parameterError(`${at}.type`, `${at}: items of type ${String(item['type'])} are not simulated`);
  }
}

function callWords(call: Body, key: string, at: string): string[] {
  const { name, [key]: given } = call;
  if (typeof name !== 'string') throw parameterError(`${at}.name`, `${at}: a tool call must have a name`);
  if (typeof given !== 'string') throw parameterError(`${at}.${key}`, `${at}: ${key} must be a text`);
  return [...splitWords(name), ...splitWords(given)];
}

function contentWords(content: unknown, param: string): string[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return splitWords(content);
  if (!Array.isArray(content)) throw parameterError(param, `${param} must be a text or a list of parts`);
  const words: string[] = [];
  // Text parts that follow each other are one text.
  let text = '';
  for (const [k, part] of (content as readonly unknown[]).entries()) {
    const at = `${param}[${k}]`;
    if (isObject(part) && TEXT_PARTS.has(String(part['type']))) {
      text += partText(part, at);
      continue;
    }
    words.push(...splitWords(text), ...partWords(part, at));
    text = '';
  }
  return [...words, ...splitWords(text)];
}

/** The key of the text in each kind of part; any other kind has `text`. */
const TEXT_OF = new Map([
  ['thinking', 'thinking'],
  ['redacted_thinking', 'data'],
  ['refusal', 'refusal'],
]);

/** The types of parts that are text and nothing else. */
const TEXT_PARTS: ReadonlySet<string> = new Set(['text', 'input_text', 'output_text']);

function partWords(part: unknown, at: string): string[] {
  if (!isObject(part)) throw parameterError(at, `${at} must be an object`);
  const { type } = part;
  if (type === 'tool_use') {
    if (!isObject(part['input'])) throw parameterError(`${at}.input`, `${at}: input must be an object`);
    return callWords({ ...part, input: JSON.stringify(part['input']) }, 'input', at);
  }
  if (type === 'tool_result') return contentWords(part['content'], `${at}.content`);
  return splitWords(partText(part, at));
}

function partText(part: Body, at: string): string {
  const text = part[TEXT_OF.get(String(part['type'])) ?? 'text'];
  if (typeof text !== 'string')
    throw parameterError(at, `${at}: only text parts, tool calls, their results and reasoning are simulated`);
  return text;
}

/** Splits a text into words; one word is one token. */
const splitWords = (text: string): string[] => text.match(/\S+/g) ?? [];
