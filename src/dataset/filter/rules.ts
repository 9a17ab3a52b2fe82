import {
  contentText,
  hasNullContent,
  isEmptyTurn,
  referenceText,
  type Session,
  sessionText,
} from '../model/session.ts';
import { languageOf } from '../text/language.ts';
import { normalForm } from '../text/normal-form.ts';
import { hasPersonalData } from '../text/pii.ts';
import { specialTokens } from '../text/special-tokens.ts';
import type { TokenUnit } from '../text/tokens.ts';
import { inputLength, outputLength } from '../text/turn-lengths.ts';
import { type OutlierBounds, outlierSide } from '../inspect/length-figures.ts';
import { hasHtml } from './clean.ts';

/** A reason to remove sessions, as the manifest names it. */
export interface Rule {
  name: string;
  matches(session: Session): boolean;
}

export const DEFECTS = [
  'broken-unicode',
  'html',
  'special-tokens',
  'repetitive',
  'copies-input',
  'empty',
  'pii',
] as const;
export type Defect = (typeof DEFECTS)[number];

/** Returns the texts of a session: its messages and its references. */
function textsOf({ turns }: Session): string[] {
  return turns.flatMap((turn) => [
    ...(turn.messages?.map(({ content }) => contentText(content)) ?? []),
    ...(turn.reference === null ? [] : [referenceText(turn) ?? '']),
  ]);
}

const anyText =
  (isDefect: (text: string) => boolean) =>
  (session: Session): boolean =>
    textsOf(session).some(isDefect);

/** A replacement character, half of a surrogate pair, or UTF-8 that was read as Latin-1 (`Ã©`). */
const isBroken = (text: string): boolean =>
  !text.isWellFormed() || /\ufffd|[\u00c3\u00c2][\u0080-\u00bf]|\u00e2\u20ac/.test(text);

const FEWEST_SHINGLES = 20;

/** True if more than half of the sequences of four words are repeats. */
function isRepetitive(text: string): boolean {
  const words = normalForm(text).split(' ');
  const total = words.length - 3;
  if (total < FEWEST_SHINGLES) return false;
  const distinct = new Set<string>();
  for (let at = 0; at < total; at++) distinct.add(words.slice(at, at + 4).join(' '));
  return distinct.size < total / 2;
}

const FEWEST_COPIED = 20;

/** True if an answer of at least 20 characters is a part of what was asked. */
const copiesInput = ({ turns }: Session): boolean =>
  turns.some((turn) => {
    const answer = normalForm(referenceText(turn) ?? '');
    if (answer.length < FEWEST_COPIED || turn.messages === null) return false;
    return normalForm(turn.messages.map(({ content }) => contentText(content)).join(' ')).includes(answer);
  });

const DEFECT_RULES: ReadonlyMap<Defect, (session: Session) => boolean> = new Map([
  ['broken-unicode', anyText(isBroken)],
  ['html', anyText(hasHtml)],
  ['special-tokens', anyText((text) => specialTokens(text).size > 0)],
  ['repetitive', anyText(isRepetitive)],
  ['copies-input', copiesInput],
  [
    'empty',
    ({ turns }) => turns.some((turn) => isEmptyTurn(turn) || turn.messages?.some(hasNullContent) === true),
  ],
  ['pii', anyText(hasPersonalData)],
]);

export const defectRule = (defect: Defect): Rule => ({ name: defect, matches: DEFECT_RULES.get(defect)! });

/** Input and output of a session: the text of all turns together, or for turns given by length those of the longest. */
function lengthOf(session: Session, unit: TokenUnit): { input: number; output: number } {
  let [input, output] = [0, 0];
  for (const turn of session.turns) {
    const [own, answer] = [inputLength(turn, unit) ?? 0, outputLength(turn, unit) ?? 0];
    if (turn.messages === null && own + answer > input + output) [input, output] = [own, answer];
    else if (turn.messages !== null) [input, output] = [input + own, output + answer];
  }
  return { input, output };
}

export const LENGTH_RULES = ['min-tokens', 'max-tokens', 'max-context'] as const;

/** Rules about the length in tokens: of the input, or of input and output together. */
export const lengthRule = (name: (typeof LENGTH_RULES)[number], limit: number, unit: TokenUnit): Rule => ({
  name: `${name} ${limit}`,
  matches(session) {
    const { input, output } = lengthOf(session, unit);
    if (name === 'min-tokens') return input < limit;
    return (name === 'max-tokens' ? input : input + output) > limit;
  },
});

/** Removes sessions with a turn whose input is unusually short or long. */
export const outlierRule = (bounds: OutlierBounds, unit: TokenUnit): Rule => ({
  name: 'outliers',
  matches: ({ turns }) =>
    turns.some((turn) => {
      const length = inputLength(turn, unit);
      return length !== null && outlierSide(length, bounds) !== 0;
    }),
});

/** Removes sessions in other languages: of the tag `language`, else as found in the text. */
export const languageRule = (languages: readonly string[]): Rule => ({
  name: `language ${languages.join(',')}`,
  matches(session) {
    const tag = session.tags['language'] ?? session.turns[0]?.tags['language'];
    const text = tag === undefined ? sessionText(session) : null;
    const language = tag ?? (text === null ? null : languageOf(text));
    return language === null || !languages.includes(language);
  },
});

/** Removes sessions in which no text matches the pattern, or with `isWanted` false those in which one does. */
export const patternRule = (pattern: RegExp, isWanted: boolean): Rule => ({
  name: `${isWanted ? 'match' : 'no-match'} ${pattern.source}`,
  matches: (session) => textsOf(session).some((text) => pattern.test(text)) !== isWanted,
});

/** Removes sessions without this value of a tag, in the session or a turn. */
export const tagRule = (key: string, value: string): Rule => ({
  name: `where ${key}=${value}`,
  matches: ({ tags, turns }) => tags[key] !== value && !turns.some((turn) => turn.tags[key] === value),
});
