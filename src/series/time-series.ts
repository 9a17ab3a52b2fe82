import { isCut, isFailure } from '../analysis/judging.ts';
import { ExactDistribution, PooledDistribution } from '../analysis/distribution.ts';
import { summarise } from '../analysis/distribution-summary.ts';
import type { DistributionSummary, Rates } from '../analysis/report.ts';
import { completionIn } from '../analysis/completion-share.ts';
import { type Metric, metricNamed } from '../metrics/registry.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import { type Outcome, OUTCOMES, type Sample } from '../sample.ts';
import { type Bins, SpanSums } from './bins.ts';
import { compact, millis } from './compact.ts';
import type { Column, TimeSeries } from './series-document.ts';

const TTFT = metricNamed('ttft')!;
const ITL = metricNamed('itl')!;
const MAX_GAP = metricNamed('max_gap')!;

/** Returns true if a metric of the run is shown. */
export type IsShown = (metric: Metric) => boolean;

/** Counts what happens in each bin, over all requests of a run. An array of numbers ignores what happens outside of all bins. */
export class TimeCollector {
  readonly #bins: Bins;
  readonly #loop: 'open' | 'closed';
  readonly #sent: Float64Array;
  readonly #completed: Float64Array;
  readonly #inFlight: SpanSums;
  readonly #waiting: SpanSums;
  readonly #output: Float64Array;
  readonly #input: Float64Array;
  #knowsInput = false;
  readonly #ttft: { values: ExactDistribution; judged: number; withoutValue: number }[];
  readonly #itl: PooledDistribution[];
  readonly #longest: Float64Array;
  readonly #failures = new Map<Outcome, number[]>();

  constructor(bins: Bins, loop: 'open' | 'closed') {
    const { count } = bins;
    this.#bins = bins;
    this.#loop = loop;
    this.#sent = new Float64Array(count);
    this.#completed = new Float64Array(count);
    this.#output = new Float64Array(count);
    this.#input = new Float64Array(count);
    this.#longest = new Float64Array(count).fill(-1);
    this.#inFlight = new SpanSums(bins);
    this.#waiting = new SpanSums(bins);
    this.#ttft = Array.from({ length: count }, () => ({
      values: new ExactDistribution('ms'),
      judged: 0,
      withoutValue: 0,
    }));
    this.#itl = Array.from({ length: count }, () => new PooledDistribution());
  }

  add(sample: Sample, figures: RequestFigures): void {
    const bins = this.#bins;
    const { sent_us, planned_us, ended_us, outcome } = sample;
    if (sent_us === null) this.#waiting.add(planned_us, ended_us);
    else {
      this.#sent[bins.ofStart(sent_us)]!++;
      this.#waiting.add(planned_us, sent_us);
      this.#inFlight.add(sent_us, ended_us);
    }
    this.#addCompletion(sample);
    if (isFailure(outcome)) this.#addFailure(outcome, bins.ofEnd(ended_us));
    this.#addTtft(sample, figures);
    if (figures.tokens.events === 0) return;
    if (sample.input_tokens !== null) {
      this.#knowsInput = true;
      this.#input[bins.ofEnd(figures.first_us)]! += sample.input_tokens;
    }
    figures.arrivals((at_us, tokens) => {
      this.#output[bins.ofEnd(at_us)]! += tokens;
    });
    if (!figures.isMisleading(ITL))
      figures.tokenGaps((gap_us, tokens, at_us) => this.#itl[bins.ofEnd(at_us)]?.add(gap_us, tokens));
    if (!figures.isMisleading(MAX_GAP))
      figures.chunkGaps((gap_us, _, at_us) => {
        const bin = bins.ofEnd(at_us);
        if (gap_us > this.#longest[bin]!) this.#longest[bin] = gap_us;
      });
  }

  /** @param rates the rates of the run: what has no value there has none here */
  series(isShown: IsShown, rates: Rates): TimeSeries {
    const bins = this.#bins;
    const unless = (rate: number | null, column: () => Column): Column =>
      rate === null ? nothing(bins) : column();
    const perSecond = (counts: Float64Array): number[] =>
      Array.from(counts, (count) => compact(count / (bins.width_us / 1e6)));
    const ttft = this.#ttft.map(({ values, judged, withoutValue }) =>
      summarise({ metric: TTFT, distribution: values, judged, withoutValue, withheld: null }),
    );
    const itl = this.#itl.map((distribution) =>
      summarise({ metric: ITL, distribution, judged: 0, withoutValue: 0, withheld: null }),
    );
    const column = (
      metric: Metric,
      summaries: readonly DistributionSummary[],
      key: 'p50' | 'p99' | 'max',
    ): Column => summaries.map((summary) => (isShown(metric) ? millis(summary[key]) : null));
    return {
      bin_s: bins.width_us / 1e6,
      start_s: bins.from_us / 1e6,
      sent_rps: unless(rates.sent_rps, () => perSecond(this.#sent)),
      completed_rps: unless(rates.rps, () => perSecond(this.#completed)),
      in_flight: unless(rates.concurrency, () => this.#inFlight.means().map(compact)),
      waiting: this.#waiting.means().map(compact),
      output_tps: unless(rates.output_tps, () => perSecond(this.#output)),
      input_tps: this.#knowsInput ? unless(rates.input_tps, () => perSecond(this.#input)) : nothing(bins),
      ttft_p50_ms: column(TTFT, ttft, 'p50'),
      ttft_p99_ms: column(TTFT, ttft, 'p99'),
      ttft_max_ms: column(TTFT, ttft, 'max'),
      itl_p50_ms: column(ITL, itl, 'p50'),
      itl_p99_ms: column(ITL, itl, 'p99'),
      max_gap_ms: Array.from(this.#longest, (gap) => (gap < 0 || !isShown(MAX_GAP) ? null : gap / 1000)),
      failures: Object.fromEntries(
        OUTCOMES.flatMap((outcome) => {
          const counts = this.#failures.get(outcome);
          return counts === undefined ? [] : [[outcome, counts]];
        }),
      ),
    };
  }

  /** In closed loop a completion is distributed over the bins of its residence, as in the rates of the run. */
  #addCompletion(sample: Sample): void {
    if (sample.outcome !== 'ok') return;
    const bins = this.#bins;
    const last = bins.ofEnd(sample.ended_us);
    const first = this.#loop === 'open' ? last : bins.ofStart(sample.sent_us ?? sample.ended_us);
    if (first >= last) {
      this.#completed[last]!++;
      return;
    }
    for (let bin = Math.max(0, first); bin <= Math.min(bins.count - 1, last); bin++)
      this.#completed[bin]! += completionIn(sample, this.#loop, bins.edge(bin), bins.edge(bin + 1));
  }

  #addFailure(outcome: Outcome, bin: number): void {
    let counts = this.#failures.get(outcome);
    if (counts === undefined) {
      counts = Array.from({ length: this.#bins.count }, () => 0);
      this.#failures.set(outcome, counts);
    }
    if (bin in counts) counts[bin]!++;
  }

  #addTtft({ outcome }: Sample, figures: RequestFigures): void {
    const cell = this.#ttft[this.#bins.ofStart(figures.start_us)];
    if (cell === undefined) return;
    const value = figures.isMisleading(TTFT) ? null : figures.value('ttft');
    if (!isCut(outcome) || value !== null) cell.judged++;
    if (value !== null) cell.values.add(value);
    else if (isFailure(outcome)) cell.withoutValue++;
  }
}

const nothing = ({ count }: Bins): Column => Array.from({ length: count }, () => null);
