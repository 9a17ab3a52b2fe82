import type { Sample } from '../sample.ts';
import { tokenRange } from '../slo/request-group.ts';

/**
 * Returns the group of a request by a key: its turn, its model, a range of its tokens, or the value of a tag; `null` if it has none.
 * @param model of the run, which requests without a model of their own have
 */
export function valueOf(sample: Sample, key: string, model: string | null): string | null {
  switch (key) {
    case 'turn':
      return String(sample.turn ?? 0);
    case 'model':
      return tagOf(sample, key) ?? model;
    case 'input_tokens':
      return rangeOf(sample.input_tokens ?? sample.planned_input);
    case 'output_tokens':
      return rangeOf(sample.output_tokens ?? sample.planned_output);
    default:
      return tagOf(sample, key);
  }
}

const tagOf = ({ tags }: Sample, name: string): string | null =>
  tags !== undefined && Object.hasOwn(tags, name) ? tags[name]! : null;

const rangeOf = (tokens: number | null): string | null => (tokens === null ? null : tokenRange(tokens));

/** The most groups that a report shows without being asked. */
const MOST_SHOWN = 10;

/** Detects whether requests differ in their turns and their models. */
export class VariedKeys {
  readonly #model: string | null;
  readonly #turns = new Set<number>();
  readonly #models = new Set<string | null>();

  constructor(model: string | null) {
    this.#model = model;
  }

  add(sample: Sample): void {
    if (this.#turns.size <= MOST_SHOWN) this.#turns.add(sample.turn ?? 0);
    if (this.#models.size <= MOST_SHOWN) this.#models.add(valueOf(sample, 'model', this.#model));
  }

  /** The keys with 2 to 10 groups. */
  get keys(): string[] {
    const isShown = ({ size }: ReadonlySet<unknown>): boolean => size > 1 && size <= MOST_SHOWN;
    return [...(isShown(this.#turns) ? ['turn'] : []), ...(isShown(this.#models) ? ['model'] : [])];
  }
}
