import { EMPTY_TURN, type Tags, type Turn } from '../model/session.ts';

/** Returns the tag of a turn that failed where it was recorded: a trace has 0 output tokens for it. */
export const failedTag = ({
  input_tokens,
  output_tokens,
}: Pick<Turn, 'input_tokens' | 'output_tokens'>): Tags =>
  input_tokens !== null && output_tokens === 0 ? { failed: 'true' } : {};

/** Returns a turn given by length. */
export function lengthTurn(turn: Partial<Turn> & Pick<Turn, 'input_tokens'>): Turn {
  const whole = { ...EMPTY_TURN, ...turn };
  if (whole.output_tokens === 0) whole.tags = { ...whole.tags, ...failedTag(whole) };
  return whole;
}
