import type { Labels, Series } from '../../exposition.ts';

/** A Prometheus histogram: buckets are cumulative, `le` is inclusive, and the last bucket is +Inf. */
export class PrometheusHistogram {
  readonly bounds: readonly number[];
  /** Counts per bucket, not cumulative; one more than the bounds. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number, times = 1): void {
    let at = 0;
    while (at < this.bounds.length && value > this.bounds[at]!) at++;
    this.#counts[at]! += times;
    this.#sum += value * times;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  series(labels: Labels): Series[] {
    let total = 0;
    const buckets = this.#counts.map((count, at) => {
      total += count;
      const le = at < this.bounds.length ? decimalText(this.bounds[at]!) : '+Inf';
      return { suffix: '_bucket', labels: { ...labels, le }, value: total };
    });
    return [
      ...buckets,
      { suffix: '_sum', labels, value: this.#sum },
      { suffix: '_count', labels, value: total },
    ];
  }
}

/** Formats a number like Python's client: a whole number has a `.0`. */
export const decimalText = (value: number): string =>
  Number.isInteger(value) ? `${value}.0` : String(value);
