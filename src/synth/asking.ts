import type { QuestionClient } from '../ask/question-client.ts';
import { type Session, sessionText } from '../dataset/model/session.ts';
import type { JournalEntry } from './journal-json.ts';
import { type AskAbout, type Rewriting, Unusable } from './rewrite.ts';

/** The cost of questions. */
export type AskedCost = Pick<JournalEntry, 'questions' | 'input_tokens' | 'output_tokens'>;

export const NO_COST: AskedCost = { questions: 0, input_tokens: 0, output_tokens: 0 };

const add = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

export const sumOf = (a: AskedCost, b: AskedCost): AskedCost => ({
  questions: a.questions + b.questions,
  input_tokens: add(a.input_tokens, b.input_tokens),
  output_tokens: add(a.output_tokens, b.output_tokens),
});

/** Tokens that an answer may have besides its text, such as reasoning. */
const ALLOWANCE = 1024;
/** Bytes of UTF-8 per token of the limit: few in any language. */
const BYTES_PER_TOKEN = 2;

/** Makes sessions by asking an endpoint, and counts what the questions cost. */
export class AskingAbout {
  readonly #client: Pick<QuestionClient, 'ask'>;
  readonly #acceptsCut: boolean;
  cost = NO_COST;

  /** @param acceptsCut true for an endpoint whose answers have no end of their own */
  constructor(client: Pick<QuestionClient, 'ask'>, { acceptsCut }: { acceptsCut: boolean }) {
    this.#client = client;
    this.#acceptsCut = acceptsCut;
  }

  /**
   * Makes the new sessions of a parent.
   * @throws {GoodputError} kind `endpoint` if the endpoint fails
   */
  async about(
    parent: Session,
    id: string,
    rewriting: Rewriting,
  ): Promise<Omit<JournalEntry, 'record' | 'digest'>> {
    const text = parent.turns.some(({ messages }) => messages === null) ? null : sessionText(parent);
    if (text === null || text.trim() === '') return { sessions: [], problem: 'it has no text', ...NO_COST };
    let cost = NO_COST;
    const ask: AskAbout = async (instruction, text) => {
      const { answer, ...spent } = await this.#ask(instruction, text);
      const one = { ...spent, questions: 1 };
      cost = sumOf(cost, one);
      this.cost = sumOf(this.cost, one);
      return answer();
    };
    try {
      return { sessions: await rewriting.make(parent, id, ask), problem: null, ...cost };
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      return { sessions: [], problem: error.message, ...cost };
    }
  }

  async #ask(
    instruction: string,
    text: string,
  ): Promise<Omit<AskedCost, 'questions'> & { answer: () => string }> {
    const maxTokens = ALLOWANCE + Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
    const asked = await this.#client.ask({
      text: `${instruction}\n\n<text>\n${text}\n</text>`,
      maxTokens,
    });
    if (!asked.ok) {
      const { problem } = asked;
      return { input_tokens: 0, output_tokens: 0, answer: () => unusable(problem) };
    }
    const { text: answered, finish, input_tokens, output_tokens } = asked.value;
    const answer = (): string => {
      if (finish === 'length' && !this.#acceptsCut)
        return unusable(`an answer was cut at ${maxTokens} tokens`);
      const found = withoutReasoning(answered);
      return found === '' ? unusable('an answer is empty') : found;
    };
    return { input_tokens, output_tokens, answer };
  }
}

function unusable(problem: string): never {
  throw new Unusable(problem);
}

/** Removes the reasoning that some servers leave in the text, and spaces at the ends. */
const withoutReasoning = (text: string): string => text.replace(/^\s*<think>[^]*?<\/think>/, '').trim();
