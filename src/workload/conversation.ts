import type { Message } from '../dataset/model/session.ts';
import type { Following } from '../scenario/keys/scenario.ts';
import type { PlannedTurn } from './planned-turn.ts';
import { type Prompt, promptOf } from './prompt.ts';

/** The messages of a session so far, which later turns repeat. */
export class Conversation {
  readonly #mode: Following['history'];
  #messages: readonly Message[] = [];

  constructor(mode: Following['history']) {
    this.#mode = mode;
  }

  /** Returns the prompt of a turn. */
  promptOf(own: Prompt, { isWhole }: Pick<PlannedTurn, 'isWhole'>): Prompt {
    if (isWhole || this.#messages.length === 0) return own;
    return promptOf([...this.#messages, ...messagesOf(own)]);
  }

  /** Returns true if the server's answer to a turn is part of the next turn's prompt. */
  needsAnswer({ isWhole, hasResults }: Pick<PlannedTurn, 'isWhole' | 'hasResults'>): boolean {
    return this.#mode === 'actual' && !isWhole && !hasResults;
  }

  /**
   * Adds a turn that has ended, for the next one. Before a turn that begins with tool results the recorded call is used, because their ids
   * must match. Before any other turn each tool call of the answer gets an empty result, because APIs refuse a call without one. A turn
   * that failed leaves nothing but its system prompt.
   * @param answer the server's answer; `null` if the turn failed
   */
  add(
    own: Prompt,
    { reference }: Pick<PlannedTurn, 'reference'>,
    answer: Message | null,
    { hasResults }: Pick<PlannedTurn, 'hasResults'>,
  ): void {
    const recorded = typeof reference === 'string' ? { role: 'assistant', content: reference } : reference;
    if (this.#mode === 'none') {
      this.#messages = hasResults && recorded !== null ? [recorded] : [];
      return;
    }
    const said = hasResults || this.#mode === 'recorded' ? recorded : answer;
    const asked = messagesOf(own);
    this.#messages =
      said === null && this.#mode === 'actual'
        ? [...this.#messages, ...asked.filter(isSystem)]
        : [
            ...this.#messages,
            ...asked,
            ...(said === null ? [] : [said, ...(hasResults ? [] : emptyResults(said))]),
          ];
  }
}

const messagesOf = (prompt: Prompt): readonly Message[] =>
  prompt.kind === 'text' ? [{ role: 'user', content: prompt.text }] : prompt.messages;

/** Returns a result without text for each tool call of a message. */
function emptyResults({ tool_calls: calls }: Message): Message[] {
  return (Array.isArray(calls) ? (calls as readonly Partial<Record<string, unknown>>[]) : []).map(
    ({ id }) => ({
      role: 'tool',
      tool_call_id: id,
      content: '',
    }),
  );
}

const isSystem = ({ role }: Message): boolean => role === 'system' || role === 'developer';
