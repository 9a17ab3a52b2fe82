import { LiveFigures } from '../lifecycle/live-figures.ts';
import type { PlannedReuse } from '../lifecycle/planned-reuse.ts';
import { SentRecords } from '../lifecycle/sent-records.ts';
import type { FailureAdvice } from '../preflight/failure-advice.ts';
import type { Sample } from '../sample.ts';
import { unpack } from './sample-batch.ts';
import type { Report } from './workers.ts';

/** The samples that load workers have sent, as counts: for the progress, the advice and the header of the run. */
export class ReceivedSamples {
  readonly live: LiveFigures;
  /** Records of a data set that were sent. */
  readonly records = new SentRecords();
  readonly httpVersions = new Set<string>();
  /** Number of requests of later turns. */
  later = 0;
  readonly #advice: FailureAdvice;

  readonly #hasRecords: boolean;

  constructor(workerCount: number, advice: FailureAdvice, { hasRecords }: { hasRecords: boolean }) {
    this.live = new LiveFigures(workerCount);
    this.#advice = advice;
    this.#hasRecords = hasRecords;
  }

  /**
   * Counts the samples of a report and returns them.
   * @param reuse adds the planned prefix reuse; `null` without `hash_ids`
   */
  add(worker: number, report: Report, reuse: PlannedReuse | null): Sample[] {
    const samples = unpack(report.samples);
    if (reuse !== null) for (const sample of samples) reuse.addTo(sample);
    this.live.add(worker, { ...report, samples }, performance.now());
    this.#advice.add(samples);
    if (this.#hasRecords) this.records.add(samples);
    for (const { turn = 0, headers_us, http = '1.1' } of samples) {
      if (turn > 0) this.later++;
      if (headers_us !== null) this.httpVersions.add(http);
    }
    return samples;
  }
}
