import { HashIdReuse } from '../dataset/reuse/hash-id-reuse.ts';
import type { Sample } from '../sample.ts';
import { Numbers } from '../statistics/numbers.ts';
import type { WorkloadData } from '../workload/data.ts';
import type { WorkloadSource } from '../workload/workload.ts';

/** Computes the reusable tokens of the requests of a plan in its order, as far as they are asked for. */
export class PlannedReuse {
  readonly #session: WorkloadSource['session'];
  readonly #reuse: HashIdReuse;
  /** The reusable tokens of each request so far; NaN for one that is not given by length. */
  readonly #tokens = new Numbers();
  #sessions = 0;

  private constructor({ session }: Pick<WorkloadSource, 'session'>, blockTokens: number) {
    this.#session = session;
    this.#reuse = new HashIdReuse(blockTokens);
  }

  /** @returns `null` if the data has no `hash_ids` */
  static of(workload: Pick<WorkloadSource, 'session'>, data: WorkloadData | null): PlannedReuse | null {
    return data?.sessions.hasIds === true ? new PlannedReuse(workload, data.blockTokens) : null;
  }

  /** Sets `planned_reusable` of a sample whose prompt is given by length. */
  addTo(sample: Sample): void {
    while (this.#tokens.length <= sample.i)
      for (const { input, hash_ids } of this.#session(this.#sessions++).turns)
        this.#tokens.push(
          input === null ? NaN : this.#reuse.add({ input_tokens: input, hash_ids: hash_ids ?? [] }),
        );
    const tokens = this.#tokens.at(sample.i)!;
    if (!Number.isNaN(tokens)) sample.planned_reusable = tokens;
  }
}
