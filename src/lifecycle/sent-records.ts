import type { RunHeader } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import type { WorkloadSource } from '../workload/workload.ts';

/** Counts which records of a data set a run has sent. */
export class SentRecords {
  readonly #sent = new Set<number>();

  add(samples: Iterable<Sample>): void {
    for (const { i, session = i, sent_us } of samples) if (sent_us !== null) this.#sent.add(session);
  }

  /** Returns the number of distinct records, and how often the most repeated one was sent. */
  figures({
    record,
  }: Pick<WorkloadSource, 'record'>): Pick<NonNullable<RunHeader['data']>, 'distinct' | 'most_repeated'> {
    const times = new Map<number, number>();
    let most = 0;
    // In the order of the plan: a shuffled order is computed one pass at a time.
    for (const session of [...this.#sent].sort((a, b) => a - b)) {
      const of = record(session)!;
      const count = (times.get(of) ?? 0) + 1;
      times.set(of, count);
      most = Math.max(most, count);
    }
    return { distinct: times.size, most_repeated: most };
  }
}
