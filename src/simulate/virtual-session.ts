import type { Message } from '../dataset/model/session.ts';
import { afterTurn, type TurnEnd } from '../load/session-rule.ts';
import type { PlannedSession } from '../plan/plan.ts';
import type { Following } from '../scenario/keys/scenario.ts';
import { answerWord } from '../simulator/api/answer.ts';
import type { Microseconds } from '../units.ts';
import { Conversation } from '../workload/conversation.ts';
import type { Prompt } from '../workload/prompt.ts';
import type { RequestTokens, TokenCounter } from './request-tokens.ts';

/** A turn that is due in virtual time. */
export interface VirtualTurn {
  of: VirtualSession;
  k: number;
  /** `null` for the first turn of a closed loop. */
  due_us: Microseconds | null;
  isLast: boolean;
}

/** A session in virtual time: what the engine receives in each turn, and what follows it. */
export class VirtualSession {
  readonly planned: PlannedSession;
  readonly #following: Following;
  readonly #tokens: TokenCounter;
  readonly #conversation: Conversation;
  #own: Prompt | null = null;
  /** Tokens of turns that failed, which later turns do not repeat. */
  #dropped = 0;

  constructor(planned: PlannedSession, following: Following, tokens: TokenCounter) {
    this.planned = planned;
    this.#following = following;
    this.#tokens = tokens;
    this.#conversation = new Conversation(following.history);
  }

  /** Returns turn k. */
  turn(k: number, due_us: Microseconds | null): VirtualTurn {
    return { of: this, k, due_us, isLast: k === this.planned.turns.length - 1 };
  }

  /** Returns the tokens of turn k, which is sent now. */
  tokensOf(k: number): RequestTokens {
    const { session, turns } = this.planned;
    const turn = turns[k]!;
    if (turn.input === null) {
      this.#own = this.planned.prompt(k);
      return this.#tokens.ofText(this.#conversation.promptOf(this.#own, turn), turn.output);
    }
    if (turn.hash_ids !== null) return this.#tokens.ofBlocks(turn.hash_ids, turn.input);
    if (turn.isWhole) return this.#tokens.ofLength(session, turn.input);
    const isAlone = this.#following.history === 'none' && k > 0;
    return this.#tokens.ofConversation(session, turn.input - this.#dropped, turn.output, {
      isAlone,
      version: this.#dropped,
    });
  }

  /** Returns the turn after turn k, which has ended; `null` if the session has ended. */
  after(k: number, end: TurnEnd): VirtualTurn | null {
    const { turns } = this.planned;
    const follows = afterTurn(turns, k, end, this.#following.onError);
    if (follows.kind === 'end') return null;
    const { input, output, reference } = turns[k]!;
    if (this.#own !== null)
      this.#conversation.add(this.#own, { reference }, end.ok ? answerOf(output) : null, turns[k + 1]!);
    else if (!end.ok && input !== null) {
      const next = turns[k + 1]!;
      const before = k === 0 ? 0 : turns[k - 1]!.input! + turns[k - 1]!.output;
      if (!next.isWhole && this.#following.history !== 'none') this.#dropped += input + output - before;
    }
    return this.turn(k + 1, follows.due_us);
  }
}

const answerOf = (output: number): Message => ({
  role: 'assistant',
  content: Array.from({ length: output }, (_, k) => answerWord(k)).join(' '),
});
