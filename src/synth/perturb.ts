import type { Random } from '../random.ts';
import { WORDS } from '../workload/words.ts';
import { mapTexts } from '../dataset/model/map-texts.ts';
import { contentText, type Session } from '../dataset/model/session.ts';
import { countWords, eachWord } from '../dataset/text/words.ts';
import { childOf, withMessages } from './made-session.ts';

/** Shares such as 0.145 are not exact in binary: ⌊0.145 · 100 + ½⌋ is 15. */
const ROUNDING = 1e-9;

/** Returns the number of tokens that are replaced, ⌊share · tokens + ½⌋. */
export const replacedTokens = (tokens: number, share: number): number =>
  Math.floor(share * tokens + 0.5 + ROUNDING);

/**
 * Returns a session in whose messages a share of the words is replaced by other words, each place with the same probability. References stay
 * as they are.
 * @returns `null` if a turn is given by length
 */
export function perturbed(session: Session, id: string, share: number, random: Random): Session | null {
  if (session.turns.some(({ messages }) => messages === null)) return null;
  let left = 0;
  for (const { messages } of session.turns)
    for (const { content } of messages!) left += countWords(contentText(content));
  let needed = replacedTokens(left, share);
  /** Decides about one word (Knuth 1969, algorithm S). */
  const isChosen = (): boolean => {
    const chosen = random.below(left--) < needed;
    if (chosen) needed--;
    return chosen;
  };
  const replaced = (text: string): string => {
    const parts: string[] = [];
    let done = 0;
    eachWord(text, (from, end) => {
      if (!isChosen()) return;
      parts.push(text.slice(done, from), otherWord(text.slice(from, end), random));
      done = end;
    });
    return parts.join('') + text.slice(done);
  };
  const turns = session.turns.map((turn) =>
    withMessages(
      turn,
      turn.messages!.map((message) => mapTexts(message, replaced)),
    ),
  );
  return childOf(session, id, turns, null);
}

function otherWord(word: string, random: Random): string {
  for (;;) {
    const other = WORDS[random.below(WORDS.length)]!;
    if (other !== word) return other;
  }
}
