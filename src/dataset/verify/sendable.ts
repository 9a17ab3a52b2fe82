import { isEmptyTurn, type Session, type Turn } from '../model/session.ts';

const ROLES: readonly string[] = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];

/** Returns why a session cannot be sent as requests; `null` if it can. */
export function problemOf({ turns }: Session): string | null {
  for (const [at, turn] of turns.entries()) {
    const problem = problemOfTurn(turn);
    if (problem !== null) return `turn ${at}: ${problem}`;
  }
  return null;
}

function problemOfTurn(turn: Turn): string | null {
  const { messages, input_tokens, output_tokens, tags } = turn;
  // Recorded as failed: a run skips it.
  if (tags['failed'] === 'true') return null;
  if (output_tokens === 0) return '0 output tokens';
  if (messages === null) return (input_tokens ?? 0) > 0 ? null : 'neither messages nor input tokens';
  const unknown = messages.find(({ role }) => !ROLES.includes(role));
  if (unknown !== undefined) return `unknown role ${JSON.stringify(unknown.role)}`;
  return isEmptyTurn(turn) ? 'no text' : null;
}
