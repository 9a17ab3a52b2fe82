import type { Exchange } from '../client/client.ts';
import type { Message } from '../dataset/model/session.ts';

/**
 * Returns an answer as the assistant message that later turns of its session repeat: its text, and its tool calls if it has some. The ids
 * of calls differ within a session, and have nine letters and digits, as Mistral's chat templates require.
 * @param turn the number of the turn that it answers, from 0
 */
export function assistantMessage(
  { text = '', tool_calls }: Pick<Exchange, 'text' | 'tool_calls'>,
  turn: number,
): Message {
  const calls = Array.isArray(tool_calls) ? (tool_calls as readonly Partial<Record<string, unknown>>[]) : [];
  if (calls.length === 0) return { role: 'assistant', content: text };
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    tool_calls: calls.map(({ name, arguments: written }, k) => ({
      id: `c${digits(turn)}${digits(k)}`,
      type: 'function',
      function: { name, arguments: jsonObject(typeof written === 'string' ? written : '') },
    })),
  };
}

const digits = (n: number): string => String(n).padStart(4, '0');

/** Returns the arguments of a call as servers parse them: a JSON object. Others, such as those cut at the limit, become a text in one. */
function jsonObject(written: string): string {
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return written;
  } catch {
    // Not JSON: as any other text.
  }
  return written.trim() === '' ? '{}' : JSON.stringify({ text: written });
}
