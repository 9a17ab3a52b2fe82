import { float64List, type NumberList } from '../../statistics/number-list.ts';
import { type Session, sessionText } from '../model/session.ts';
import { languageOf } from '../text/language.ts';
import type { TokenUnit } from '../text/tokens.ts';
import { inputLength, outputLength } from '../text/turn-lengths.ts';
import { type LengthFigures, lengthFigures } from './length-figures.ts';

/** The sessions with one value of a tag, and their lengths. */
export interface LengthGroup {
  /** The value; empty for sessions without it. */
  group: string;
  sessions: number;
  input: LengthFigures;
  output: LengthFigures;
}

/** Lengths by the value of a tag. `language` is the tag, else the language of the text. */
export class GroupLengths {
  readonly #by: string;
  readonly #unit: TokenUnit;
  readonly #groups = new Map<
    string,
    { sessions: number; input: NumberList<Float64Array>; output: NumberList<Float64Array> }
  >();

  constructor(by: string, unit: TokenUnit) {
    this.#by = by;
    this.#unit = unit;
  }

  add(session: Session): void {
    const name = this.#groupOf(session);
    const group = this.#groups.get(name) ?? { sessions: 0, input: float64List(), output: float64List() };
    this.#groups.set(name, group);
    group.sessions++;
    for (const turn of session.turns) {
      const [input, output] = [inputLength(turn, this.#unit), outputLength(turn, this.#unit)];
      if (input !== null) group.input.push(input);
      if (output !== null) group.output.push(output);
    }
  }

  #groupOf(session: Session): string {
    const tag = session.tags[this.#by] ?? session.turns[0]?.tags[this.#by];
    if (tag !== undefined || this.#by !== 'language') return tag ?? '';
    const text = sessionText(session);
    return text === null ? '' : languageOf(text);
  }

  /** Returns the groups, the largest first. */
  result(): LengthGroup[] {
    return [...this.#groups]
      .map(([group, { sessions, input, output }]) => ({
        group,
        sessions,
        input: lengthFigures(input.values()),
        output: lengthFigures(output.values()),
      }))
      .sort((a, b) => b.sessions - a.sessions || (a.group < b.group ? -1 : 1));
  }
}
