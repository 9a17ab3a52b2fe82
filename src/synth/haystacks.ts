import { GoodputError } from '../errors.ts';
import { type Session, sessionText } from '../dataset/model/session.ts';
import { type Haystack, haystackTokens, type LongContextOptions } from './long-context.ts';
import { parentId } from './made-session.ts';

/** Texts of a data set, one after another, from its beginning again after its end. */
export interface Haystacks {
  /**
   * Returns the next text that is long enough for a record: of one session, or of several, whose ids are the tag `parent`.
   * @throws {GoodputError} kind `usage` if all texts of the data set together are too short
   */
  next(record: number): Promise<Haystack>;
  close(): Promise<void>;
}

/** The ids that the tag `parent` has at most; of more it has the first. */
const MOST_PARENTS = 3;

/** @param read reads the data set from its beginning */
export function haystacks(read: () => AsyncGenerator<Session[]>, options: LongContextOptions): Haystacks {
  const texts = endlessTexts(read);
  return {
    async next(record) {
      const needed = haystackTokens(record, options);
      const parts: string[] = [];
      const parents: string[] = [];
      let source: string | undefined;
      const firstRound: { at: number | null } = { at: null };
      for (let tokens = 0; tokens < needed;) {
        const { value } = await texts.next();
        const { session, number, round, text } = value as Text;
        firstRound.at ??= number;
        if (parts.length > 0 && round > 0 && number === firstRound.at)
          throw new GoodputError(
            'usage',
            `all texts together have ${tokens} ${options.unit.name}, and a prompt of ${options.tokens} needs ${needed}`,
            { hint: 'Give more files, or omit them for a synthetic text.' },
          );
        parts.push(text);
        parents.push(parentId(session, number));
        source ??= session.tags['source'];
        tokens += options.unit.count(text);
      }
      const parent = parents.slice(0, MOST_PARENTS).join(', ');
      return { text: parts.join('\n\n'), tags: { ...(source === undefined ? {} : { source }), parent } };
    },
    async close() {
      await texts.return(undefined);
    },
  };
}

interface Text {
  session: Session;
  /** Its number in the data set. */
  number: number;
  /** How many times the data set was read before. */
  round: number;
  text: string;
}

/** Yields the texts of a data set again and again. */
async function* endlessTexts(read: () => AsyncGenerator<Session[]>): AsyncGenerator<Text, void> {
  for (let round = 0; ; round++) {
    let number = 0;
    let hasText = false;
    for await (const batch of read())
      for (const session of batch) {
        const text = sessionText(session);
        if (text !== null && text.trim() !== '') {
          hasText = true;
          yield { session, number, round, text };
        }
        number++;
      }
    if (!hasText) throw new GoodputError('usage', 'no record has a text');
  }
}
