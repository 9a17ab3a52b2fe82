/**
 * Values with their counts. Its figures are those of numpy, which other tools use: percentiles interpolate linearly between ranks
 * (Hyndman and Fan, type 7), and the standard deviation is that of the population. All are exact; `null` without a value.
 */
export class ValueCounts {
  readonly #unit: number;
  readonly #counts = new Map<number, number>();
  #total = 0;
  #sorted: number[] | null = null;

  /** @param unit what the figures are divided by: 1000 for microseconds that are shown in ms. Whole numbers are counted fastest. */
  constructor(unit = 1) {
    this.#unit = unit;
  }

  add(value: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    this.#total++;
    this.#sorted = null;
  }

  get count(): number {
    return this.#total;
  }

  get sum(): number {
    let sum = 0;
    for (const [value, count] of this.#counts) sum += value * count;
    return sum / this.#unit;
  }

  get mean(): number | null {
    return this.#total === 0 ? null : this.sum / this.#total;
  }

  get stddev(): number | null {
    const { mean } = this;
    if (mean === null) return null;
    let squares = 0;
    for (const [value, count] of this.#counts) squares += (value / this.#unit - mean) ** 2 * count;
    return Math.sqrt(squares / this.#total);
  }

  get min(): number | null {
    return this.#total === 0 ? null : this.#ordered()[0]! / this.#unit;
  }

  get max(): number | null {
    return this.#total === 0 ? null : this.#ordered().at(-1)! / this.#unit;
  }

  /** The highest count of a value. */
  get mostFrequent(): number {
    let most = 0;
    for (const count of this.#counts.values()) most = Math.max(most, count);
    return most;
  }

  /** @param percent from 0 to 100 */
  percentile(percent: number): number | null {
    if (this.#total === 0) return null;
    const position = (percent / 100) * (this.#total - 1);
    const rank = Math.floor(position);
    const [low, high] = this.#atRanks(rank, Math.min(rank + 1, this.#total - 1));
    return (low + (high - low) * (position - rank)) / this.#unit;
  }

  /** Returns the values at two ranks from 0, the second not before the first. */
  #atRanks(first: number, second: number): [number, number] {
    let seen = 0;
    let low: number | null = null;
    for (const value of this.#ordered()) {
      seen += this.#counts.get(value)!;
      if (low === null && seen > first) low = value;
      if (low !== null && seen > second) return [low, value];
    }
    throw new RangeError(`rank ${second} of ${this.#total}`);
  }

  #ordered(): number[] {
    return (this.#sorted ??= [...this.#counts.keys()].sort((a, b) => a - b));
  }
}
