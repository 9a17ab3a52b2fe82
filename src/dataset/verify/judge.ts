import { createHash } from 'node:crypto';
import type { Result } from '../../errors.ts';
import { type Agreement, agreementOf } from '../../statistics/kappa.ts';
import { meanOf } from '../../statistics/moments.ts';
import type { Session } from '../model/session.ts';
import { conversationText, judgeQuestion, PASSES, type Rating, ratingIn } from './rubric.ts';
import type { ScoreFile } from './score-file.ts';

/** An answer of the model that judges. */
interface JudgeAnswer {
  text: string;
  input_tokens: number | null;
  output_tokens: number | null;
}

export interface JudgeOptions {
  /** The model that answers. */
  model: string;
  rubric: string;
  scores: ScoreFile;
  /** Asks it; a problem is about this question only. */
  ask(question: { text: string; maxTokens: number }): Promise<Result<JudgeAnswer>>;
}

/** The scores of a judge in two passes over the records. */
export interface Judgement {
  model: string;
  /** The file of the scores. */
  scores: string;
  /** Records with both scores, and those with a score missing. */
  records: number;
  unscored: number;
  /** Mean of all scores, 1 to 5. */
  mean: number | null;
  /** Scores by value. */
  distribution: Record<'1' | '2' | '3' | '4' | '5', number>;
  /** Agreement of the two passes; `null` without records. */
  agreement: Agreement | null;
  /** Questions of this call, and their tokens as the server counted them; other scores were in the file. */
  asked: number;
  input_tokens: number;
  output_tokens: number;
  /** The records with the lowest scores, with a reason of the judge. */
  lowest: { record: number; score: number; reason: string }[];
  /** Why scores are missing, for the first records. */
  problems: string[];
}

/** Room for reasoning before the two lines of an answer. */
const MOST_TOKENS = 1024;
const MOST_LISTED = 3;

/** Has a model score records by a rubric, twice. */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #rated: { record: number; ratings: readonly Rating[] }[] = [];
  readonly #problems: { record: number; problem: string }[] = [];
  #asked = 0;
  #inputTokens = 0;
  #outputTokens = 0;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** Scores a record, unless it is given by length. A score is stored as soon as it is known. */
  async rate(record: number, session: Session): Promise<void> {
    const conversation = conversationText(session);
    if (conversation === null) return;
    const { model, rubric, scores } = this.#options;
    const key = digest(JSON.stringify([model, rubric, conversation]));
    const ratings: Rating[] = [];
    for (const pass of PASSES) {
      let rating = scores.rating(key, pass);
      if (rating === null) {
        rating = await this.#ask(record, judgeQuestion(conversation, rubric, `record-${key}`, pass));
        if (rating === null) return;
        scores.add({ record, key, pass, ...rating });
      }
      ratings.push(rating);
    }
    this.#rated.push({ record, ratings });
  }

  /** Asks for a rating; notes the problem if there is none. */
  async #ask(record: number, text: string): Promise<Rating | null> {
    this.#asked++;
    const answer = await this.#options.ask({ text, maxTokens: MOST_TOKENS });
    if (!answer.ok) {
      this.#problems.push({ record, problem: answer.problem });
      return null;
    }
    const { text: said, input_tokens, output_tokens } = answer.value;
    this.#inputTokens += input_tokens ?? 0;
    this.#outputTokens += output_tokens ?? 0;
    const rating = ratingIn(said);
    if (rating === null)
      this.#problems.push({ record, problem: `no score in the answer ${JSON.stringify(said.slice(0, 60))}` });
    return rating;
  }

  result(): Judgement {
    const rated = this.#rated.toSorted((a, b) => a.record - b.record);
    const all = rated.flatMap(({ ratings }) => ratings.map(({ score }) => score));
    const count = (value: number): number => all.filter((score) => score === value).length;
    const lowest = rated
      .map(({ record, ratings: [first, second] }) => ({
        record,
        score: (first!.score + second!.score) / 2,
        reason: (first!.score <= second!.score ? first! : second!).reason,
      }))
      .sort((a, b) => a.score - b.score || a.record - b.record);
    const problems = this.#problems.toSorted((a, b) => a.record - b.record);
    return {
      model: this.#options.model,
      scores: this.#options.scores.path,
      records: rated.length,
      unscored: problems.length,
      mean: all.length === 0 ? null : meanOf(all),
      distribution: { 1: count(1), 2: count(2), 3: count(3), 4: count(4), 5: count(5) },
      agreement: agreementOf(
        rated.map(({ ratings: [first, second] }) => [first!.score, second!.score] as const),
        5,
      ),
      asked: this.#asked,
      input_tokens: this.#inputTokens,
      output_tokens: this.#outputTokens,
      lowest: lowest.slice(0, MOST_LISTED),
      problems: problems.slice(0, MOST_LISTED).map(({ record, problem }) => `record ${record}: ${problem}`),
    };
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);
