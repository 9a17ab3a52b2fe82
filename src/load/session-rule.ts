import type { Following } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';

/** The end of a turn. */
export interface TurnEnd {
  ended_us: Microseconds;
  /** True if it was answered. */
  ok: boolean;
}

/** The event after a turn: another turn at an instant, or the end of the session, which a failed turn cuts. */
export type Follows = { kind: 'turn'; due_us: Microseconds } | { kind: 'end'; isCut: boolean };

/**
 * Returns what follows turn `k` of a session: the next turn, due after its delay from the end of the answer. A failed turn ends the
 * session unless it continues on errors; its later turns are then never due.
 */
export function afterTurn(
  turns: readonly { delay_us: Microseconds }[],
  k: number,
  { ended_us, ok }: TurnEnd,
  onError: Following['onError'],
): Follows {
  if (!ok && onError === 'end') return { kind: 'end', isCut: true };
  const next = turns[k + 1];
  return next === undefined
    ? { kind: 'end', isCut: false }
    : { kind: 'turn', due_us: ended_us + next.delay_us };
}
