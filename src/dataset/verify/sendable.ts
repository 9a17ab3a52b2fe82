import { contentText, type Message, type Session, type Turn } from '../model/session.ts';

const ROLES: readonly string[] = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];

/** Returns why a session cannot be sent as requests; `null` if it can. */
export function problemOf({ turns }: Session): string | null {
  for (const [at, turn] of turns.entries()) {
    const problem = problemOfTurn(turn);
    if (problem !== null) return `turn ${at}: ${problem}`;
  }
  return null;
}

function problemOfTurn({ messages, input_tokens, output_tokens, tags }: Turn): string | null {
  // Recorded as failed: a run skips it.
  if (tags['failed'] === 'true') return null;
  if (output_tokens === 0) return '0 output tokens';
  if (messages === null) return (input_tokens ?? 0) > 0 ? null : 'neither messages nor input tokens';
  const unknown = messages.find(({ role }) => !ROLES.includes(role));
  if (unknown !== undefined) return `unknown role ${JSON.stringify(unknown.role)}`;
  return messages.some(hasContent) ? null : 'no text';
}

/** Returns true if a message has text, other parts such as images, or tool calls. */
const hasContent = ({ content, tool_calls }: Message): boolean =>
  contentText(content).trim() !== '' ||
  (Array.isArray(content) && content.some((part) => typeof part === 'object' && !('text' in (part ?? {})))) ||
  Array.isArray(tool_calls);
