import { randomStream } from '../../random.ts';
import { float64List } from '../../statistics/number-list.ts';
import type { Session } from '../model/session.ts';
import { WORDS } from '../text/tokens.ts';
import { inputLength, outputLength } from '../text/turn-lengths.ts';

/** A quantile of the lengths in a part of a data set. */
export interface StabilityRow {
  /** The share of the sessions, drawn at random. */
  share: number;
  sessions: number;
  input: number | null;
  output: number | null;
}

const SHARES = [0.25, 0.5, 1];

/** Shows how a quantile of input and output lengths changes with the number of sessions. */
export class Stability {
  readonly #quantile: number;
  readonly #random = randomStream(1, 'data size');
  /** For each session a uniform number: a part is the sessions whose number is below its share. */
  readonly #draws = float64List();
  readonly #input = { values: float64List(), sessions: float64List() };
  readonly #output = { values: float64List(), sessions: float64List() };

  constructor(quantile: number) {
    this.#quantile = quantile;
  }

  add({ turns }: Session): void {
    const draw = this.#random.uniform();
    this.#draws.push(draw);
    for (const turn of turns) {
      for (const [value, list] of [
        [inputLength(turn, WORDS), this.#input],
        [outputLength(turn, WORDS), this.#output],
      ] as const) {
        if (value === null) continue;
        list.values.push(value);
        list.sessions.push(draw);
      }
    }
  }

  result(): StabilityRow[] {
    return SHARES.map((share) => ({
      share,
      sessions: this.#draws.values().filter((draw) => draw < share).length,
      input: this.#quantileOf(this.#input, share),
      output: this.#quantileOf(this.#output, share),
    }));
  }

  /** Returns the nearest rank among the turns of a part. */
  #quantileOf(
    {
      values,
      sessions,
    }: { values: ReturnType<typeof float64List>; sessions: ReturnType<typeof float64List> },
    share: number,
  ): number | null {
    const draws = sessions.values();
    const part = values
      .values()
      .filter((_, at) => draws[at]! < share)
      .sort();
    return part[Math.max(0, Math.ceil(this.#quantile * part.length - 1e-6) - 1)] ?? null;
  }
}
