import { HashSet } from '../duplicates/hash-set.ts';
import { referenceText, contentText, type Session, type Turn } from '../model/session.ts';
import { BlockChain, CHAIN } from '../reuse/block-chain.ts';
import { HashIdReuse } from '../reuse/hash-id-reuse.ts';
import type { TokenUnit } from '../text/tokens.ts';
import type { FrequentTokens } from './frequent-tokens.ts';

/** The tokens that a prefix cache without limits could reuse, in the order of the file. */
export interface ReusablePrefix {
  tokens: number;
  /** The share of all prompt tokens. */
  share: number;
}

/** The block size of texts. */
const TEXT_BLOCK = 16;

/** Counts the tokens of prompts that begin like an earlier prompt: by `hash_ids`, else by whole blocks of 16 tokens of the text. */
export class PrefixReuse {
  readonly #unit: TokenUnit;
  readonly #frequent: FrequentTokens | null;
  readonly #ids: HashIdReuse;
  readonly #known = new HashSet();
  #hasBlocks = false;
  #reused = 0;
  #total = 0;

  /**
   * @param blockTokens the block size of `hash_ids`
   * @param frequent counts the tokens of messages on the way, which are read once for both
   */
  constructor(unit: TokenUnit, blockTokens: number, frequent: FrequentTokens | null = null) {
    this.#unit = unit;
    this.#frequent = frequent;
    this.#ids = new HashIdReuse(blockTokens, this.#known);
  }

  /** Returns the reusable tokens of each turn's prompt. */
  add({ turns }: Pick<Session, 'turns'>): number[] {
    const text = new TextPrompt(this.#unit, this.#known, this.#frequent);
    return turns.map((turn) => {
      const { tokens, reused } = this.#promptOf(turn, text);
      this.#total += tokens;
      this.#reused += reused;
      return reused;
    });
  }

  #promptOf(turn: Turn, text: TextPrompt): { tokens: number; reused: number } {
    if (turn.messages !== null) {
      this.#hasBlocks = true;
      return text.next(turn);
    }
    const tokens = turn.input_tokens ?? 0;
    if (turn.hash_ids === null) return { tokens, reused: 0 };
    this.#hasBlocks = true;
    return { tokens, reused: this.#ids.add({ input_tokens: tokens, hash_ids: turn.hash_ids }) };
  }

  /** @returns `null` if no turn has text or hash ids */
  result(): ReusablePrefix | null {
    if (!this.#hasBlocks) return null;
    return { tokens: this.#reused, share: this.#total === 0 ? 0 : this.#reused / this.#total };
  }
}

/** The prompt of a conversation as it grows: each turn's prompt begins with all messages and answers before. */
class TextPrompt {
  readonly #unit: TokenUnit;
  readonly #known: HashSet;
  readonly #frequent: FrequentTokens | null;
  readonly #chain = new BlockChain(CHAIN.text);
  #tokens = 0;
  /** Whole blocks with which an earlier prompt began. */
  #shared = 0;
  #isShared = true;
  /** The answer to the turn before, which is a part of the next prompt only. */
  #answer = '';

  constructor(unit: TokenUnit, known: HashSet, frequent: FrequentTokens | null) {
    this.#unit = unit;
    this.#known = known;
    this.#frequent = frequent;
  }

  /** Returns the tokens of a turn's prompt, and those that an earlier prompt began with. */
  next(turn: Turn): { tokens: number; reused: number } {
    // The prompt of the turn before is an earlier prompt.
    this.#shared = Math.floor(this.#tokens / TEXT_BLOCK);
    this.#isShared = true;
    this.#append(this.#answer, null);
    for (const { content } of turn.messages!) this.#append(contentText(content), this.#frequent);
    this.#answer = referenceText(turn) ?? '';
    return { tokens: this.#tokens, reused: this.#shared * TEXT_BLOCK };
  }

  #append(text: string, frequent: FrequentTokens | null): void {
    this.#unit.each(text, (high, low, from, end) => {
      frequent?.add(text, high, low, from, end);
      this.#chain.append(high, low);
      this.#tokens++;
      if (this.#tokens % TEXT_BLOCK !== 0) return;
      this.#isShared = this.#chain.addTo(this.#known) && this.#isShared;
      if (this.#isShared) this.#shared++;
    });
  }
}
