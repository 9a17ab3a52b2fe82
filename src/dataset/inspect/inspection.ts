import type { FileDigest } from '../containers/bytes.ts';
import { float64List, uint32List } from '../../statistics/number-list.ts';
import type { Pause } from '../duplicates/pause.ts';
import { NearDuplicates } from '../duplicates/near-duplicates.ts';
import {
  contentText,
  isEmptyTurn,
  referenceText,
  type Session,
  sessionText,
  type Turn,
} from '../model/session.ts';
import type { DataSet } from '../read.ts';
import { hashPart } from '../text/hash.ts';
import { languageOf } from '../text/language.ts';
import { normalForm } from '../text/normal-form.ts';
import { specialTokens } from '../text/special-tokens.ts';
import type { TokenUnit } from '../text/tokens.ts';
import { verbNounOf } from '../text/verb-noun.ts';
import { inputLength, outputLength } from '../text/turn-lengths.ts';
import { type Arrivals, arrivalsOf } from './arrivals.ts';
import { type FrequentToken, FrequentTokens } from './frequent-tokens.ts';
import { type Correlation, correlationOf } from './correlation.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import { GroupLengths, type LengthGroup } from './group-lengths.ts';
import { type LengthFigures, lengthFigures, type Outliers, outliersOf } from './length-figures.ts';
import { arrivalCounts, type InspectionPlots, lengthPairs, lengthShares } from './plots.ts';
import { type Quality, qualityOf } from './quality.ts';
import { PrefixReuse, type ReusablePrefix } from './reusable-prefix.ts';

/** Near duplicates have at least this Jaccard index. */
const NEAR = 0.8;
const MOST_PAIRS = 20;

/** The document that `goodput data inspect --json` prints (docs/data.md). */
export interface InspectionDocument {
  format: string;
  files: readonly FileDigest[];
  records: number;
  skipped: number;
  sessions: number;
  turns: { mean: number | null; max: number | null };
  unit: 'tokens' | 'words';
  input: LengthFigures;
  output: LengthFigures;
  correlation: Correlation;
  languages: Readonly<Record<string, number>>;
  special_tokens: Readonly<Record<string, number>>;
  /** The most frequent tokens of messages. */
  frequent_tokens: readonly FrequentToken[];
  /** The first verb of English instructions with its object: the sessions with the most frequent pairs. */
  verb_noun_pairs: Readonly<Record<string, number>>;
  outliers: Outliers | null;
  duplicates: { exact: number; near: number } | null;
  reusable_prefix: ReusablePrefix | null;
  arrivals: Arrivals | null;
  coverage: Coverage;
  quality: Quality;
  /** With `--by`: lengths by the value of a tag. */
  groups?: LengthGroup[];
}

/** Collects the figures of a data set, session by session. */
export class Inspection {
  readonly #unit: TokenUnit;
  readonly #input = float64List();
  readonly #output = float64List();
  /** The turns that have both. */
  readonly #paired = { input: float64List(), output: float64List() };
  readonly #timestamps = float64List();
  readonly #languages = new Map<string, number>();
  readonly #specialTokens = new Map<string, number>();
  readonly #frequent: FrequentTokens;
  readonly #pairs = new Map<string, number>();
  readonly #cells = new Map<string, number>();
  readonly #duplicates = new NearDuplicates(NEAR);
  readonly #answers = uint32List();
  #reuse: PrefixReuse | null = null;
  readonly #groups: GroupLengths | null;
  #sessions = 0;
  #turns = 0;
  #mostTurns = 0;
  #emptyTurns = 0;
  #hasText = false;
  /** True if a text was counted, rather than a length read. */
  #hasCounted = false;
  /** Exact duplicates of a record with another answer. */
  #conflicting = 0;

  /** @param by the tag by whose values lengths are grouped; `null`: none */
  constructor(unit: TokenUnit, by: string | null = null) {
    this.#unit = unit;
    this.#frequent = new FrequentTokens(unit);
    this.#groups = by === null ? null : new GroupLengths(by, unit);
  }

  /** @param blockTokens the block size of `hash_ids`, which the reader knows after the first record */
  add(session: Session, blockTokens: number): void {
    const { turns, timestamp_ms } = session;
    this.#sessions++;
    this.#turns += turns.length;
    this.#mostTurns = Math.max(this.#mostTurns, turns.length);
    this.#emptyTurns += turns.filter(isEmptyTurn).length;
    if (timestamp_ms !== null) this.#timestamps.push(timestamp_ms);
    const inputs = turns.map((turn) => this.#addLengths(turn));
    this.#reuse ??= new PrefixReuse(this.#unit, blockTokens, this.#frequent);
    this.#reuse.add(session);
    this.#groups?.add(session);
    const text = sessionText(session);
    const language = this.#addText(session, text);
    const bin = Math.floor(Math.log2(Math.max(1, inputs[0] ?? 0)));
    count(this.#cells, JSON.stringify([session.tags['source'] ?? null, language, bin]));
  }

  /** Returns the input length. */
  #addLengths(turn: Turn): number | null {
    const input = inputLength(turn, this.#unit);
    const output = outputLength(turn, this.#unit);
    if (turn.messages !== null || referenceText(turn) !== null) this.#hasCounted = true;
    if (input !== null) this.#input.push(input);
    if (output !== null) this.#output.push(output);
    if (input !== null && output !== null) {
      this.#paired.input.push(input);
      this.#paired.output.push(output);
    }
    return input;
  }

  /** Returns the language; `null` if the session has no text. */
  #addText(session: Session, text: string | null): string | null {
    const equal = this.#duplicates.add(text === null ? null : normalForm(text));
    const answers = session.turns.map((turn) => referenceText(turn)).join('\n');
    const answer = hashPart(answers, 0, answers.length);
    this.#answers.push(answer);
    if (equal !== null && this.#answers.values()[equal] !== answer) this.#conflicting++;
    if (text === null) return null;
    this.#hasText = true;
    for (const token of specialTokens(`${text}\n${answers}`)) count(this.#specialTokens, token);
    const tag = session.tags['language'] ?? session.turns[0]!.tags['language'];
    const language = tag ?? languageOf(text);
    count(this.#languages, language);
    const pair = language === 'en' ? verbNounOf(instructionOf(session)) : null;
    if (pair !== null) count(this.#pairs, pair);
    return language;
  }

  /**
   * Returns the document, after all sessions of the data set.
   * @param pause is called now and then
   */
  async document({ format, files, records, skipped }: DataSet, pause?: Pause): Promise<InspectionDocument> {
    const duplicates = this.#hasText
      ? {
          exact: this.#duplicates.exact,
          near: (await this.#duplicates.finish(pause)).removed - this.#duplicates.exact,
        }
      : null;
    const reusable = this.#reuse?.result() ?? null;
    // The index of prefixes is the largest structure, and the figures below need memory.
    this.#reuse = null;
    return {
      format: format ?? '',
      files,
      records,
      skipped,
      sessions: this.#sessions,
      turns: {
        mean: this.#sessions === 0 ? null : this.#turns / this.#sessions,
        max: this.#sessions === 0 ? null : this.#mostTurns,
      },
      unit: this.#hasCounted ? this.#unit.name : 'tokens',
      input: lengthFigures(this.#input.values()),
      output: lengthFigures(this.#output.values()),
      correlation: correlationOf(this.#paired.input.values(), this.#paired.output.values()),
      languages: sorted(this.#languages),
      special_tokens: sorted(this.#specialTokens),
      frequent_tokens: this.#frequent.result(),
      verb_noun_pairs: sorted(this.#pairs, MOST_PAIRS),
      outliers: outliersOf(this.#input.values()),
      duplicates,
      reusable_prefix: reusable,
      arrivals: arrivalsOf(this.#timestamps.values()),
      coverage: coverageOf(this.#cells.values()),
      quality: qualityOf({
        records,
        skipped,
        sessions: this.#sessions,
        turns: this.#turns,
        empty: this.#emptyTurns,
        duplicates,
        conflicting: this.#conflicting,
      }),
      ...(this.#groups === null ? {} : { groups: this.#groups.result() }),
    };
  }

  /** Returns what the page draws, after the document. */
  plots(): InspectionPlots {
    return {
      unit: this.#hasCounted ? this.#unit.name : 'tokens',
      lengths: lengthShares(this.#input.values().sort(), this.#output.values().sort()),
      pairs: lengthPairs(this.#paired.input.values(), this.#paired.output.values()),
      arrivals: arrivalCounts(this.#timestamps.values().sort()),
    };
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Returns the first text of the user. */
const instructionOf = ({ turns }: Session): string =>
  contentText(turns[0]!.messages?.find(({ role }) => role === 'user')?.['content'] ?? '');

/** Returns counts by key, the largest first. */
const sorted = (counts: ReadonlyMap<string, number>, most = Infinity): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, most));
