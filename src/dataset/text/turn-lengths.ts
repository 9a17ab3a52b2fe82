import { contentText, referenceText, type Turn } from '../model/session.ts';
import type { TokenUnit } from './tokens.ts';

/** Returns the length of a turn's own messages, or its `input_tokens`. */
export function inputLength({ messages, input_tokens }: Turn, unit: TokenUnit): number | null {
  if (messages === null) return input_tokens;
  let tokens = 0;
  for (const { content } of messages) tokens += unit.count(contentText(content));
  return tokens;
}

/** Returns the length of a turn's reference, or its `output_tokens`; `null` if it has neither. */
export function outputLength(turn: Turn, unit: TokenUnit): number | null {
  const text = referenceText(turn);
  return text === null ? turn.output_tokens : unit.count(text);
}
