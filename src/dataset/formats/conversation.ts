import { contentText, EMPTY_TURN, type Message, type Turn } from '../model/session.ts';

/** The keys that every turn of a conversation has. */
export type TurnDefaults = Pick<Turn, 'tools' | 'body'>;

const hasToolCalls = ({ tool_calls, function_call }: Message): boolean =>
  (Array.isArray(tool_calls) && tool_calls.length > 0) || (function_call ?? null) !== null;

/** Returns what an assistant message answers: its text, or the whole message if it calls tools; `null` for an empty answer. */
export function answerOf(message: Message): string | Message | null {
  if (hasToolCalls(message)) return message;
  const text = contentText(message['content']);
  return text === '' ? null : text;
}

/**
 * Splits a conversation into turns: an assistant message closes a turn and is its reference. Of several in a row the last that is not empty counts;
 * one before any user or tool message is dropped.
 * @returns `null` if nobody asks: there is no user or tool message
 */
export function turnsOf(messages: readonly Message[], defaults: TurnDefaults): Turn[] | null {
  const turns: Turn[] = [];
  let pending: Message[] = [];
  let hasAsked = false;
  for (const message of messages) {
    if (message.role !== 'assistant') {
      pending.push(message);
      hasAsked ||= message.role === 'user' || message.role === 'tool' || message.role === 'function';
      continue;
    }
    if (!hasAsked) continue;
    const reference = answerOf(message);
    if (pending.length > 0) turns.push({ ...EMPTY_TURN, ...defaults, messages: pending, reference });
    else if (reference !== null) turns[turns.length - 1] = { ...turns.at(-1)!, reference };
    pending = [];
  }
  if (!hasAsked) return null;
  if (pending.length > 0) turns.push({ ...EMPTY_TURN, ...defaults, messages: pending });
  return turns;
}
