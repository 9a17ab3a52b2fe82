import type { Exchange } from '../client/client.ts';
import type { Message } from '../dataset/model/session.ts';

/**
 * Returns an answer as the assistant message that the next turn of its session repeats: its text, and its tool calls if it has
 * some. No result refers to their ids: before recorded results the recorded call is used.
 */
export function assistantMessage({ text = '', tool_calls }: Pick<Exchange, 'text' | 'tool_calls'>): Message {
  const calls = Array.isArray(tool_calls) ? (tool_calls as readonly Partial<Record<string, unknown>>[]) : [];
  if (calls.length === 0) return { role: 'assistant', content: text };
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    tool_calls: calls.map(({ name, arguments: written }, k) => ({
      id: `call_${k}`,
      type: 'function',
      function: { name, arguments: written },
    })),
  };
}
