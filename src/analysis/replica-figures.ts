import type { RunHeader } from '../record/header.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import type { Sample } from '../sample.ts';
import { ExactDistribution } from './distribution.ts';
import { percentileNamed } from '../statistics/percentile.ts';
import type { ReplicaReport } from './report.ts';

const P50 = percentileNamed('p50');
const P99 = percentileNamed('p99');

/** Counts the cohort by replica, because a slow or broken replica does not show in figures of all. */
export class ReplicaFigures {
  readonly #all: { url: string; requests: number; ok: number; failed: number; ttft: ExactDistribution }[];

  constructor({ endpoint }: Pick<RunHeader, 'endpoint'>) {
    this.#all = (endpoint.replicas ?? []).map((url) => ({
      url,
      requests: 0,
      ok: 0,
      failed: 0,
      ttft: new ExactDistribution('ms'),
    }));
  }

  add(sample: Sample, figures: RequestFigures, failed: boolean): void {
    const replica = this.#all[sample.replica ?? 0];
    if (replica === undefined) return;
    replica.requests++;
    if (sample.outcome === 'ok') replica.ok++;
    if (failed) replica.failed++;
    const ttft = figures.value('ttft');
    if (ttft !== null) replica.ttft.add(ttft);
  }

  /** Returns the figures of each replica; `null` for one endpoint. */
  report(): ReplicaReport[] | null {
    if (this.#all.length === 0) return null;
    return this.#all.map(({ ttft, ...counts }) => ({
      ...counts,
      ttft_p50_ms: ttft.at(P50),
      ttft_p99_ms: ttft.at(P99),
    }));
  }
}
