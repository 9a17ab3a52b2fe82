/** Labels of a sample. */
export type Labels = Readonly<Record<string, string>>;

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

  lines(name: string, labels: Labels): string[] {
    let total = 0;
    const buckets = this.#counts.map((count, at) => {
      total += count;
      const le = at < this.bounds.length ? number(this.bounds[at]!) : '+Inf';
      return sample(`${name}_bucket`, { ...labels, le }, total);
    });
    return [...buckets, sample(`${name}_sum`, labels, this.#sum), sample(`${name}_count`, labels, total)];
  }
}

export interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  lines: readonly string[];
}

export const sample = (name: string, labels: Labels, value: number): string =>
  `${name}{${Object.entries(labels)
    .map(([label, text]) => `${label}="${escaped(text)}"`)
    .join(',')}} ${number(value)}`;

/** Returns a page in the text format 0.0.4. */
export function page(families: readonly Family[]): string {
  return families
    .map(
      ({ name, help, type, lines }) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`,
    )
    .join('');
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Formats numbers like Python's client: a whole number has a `.0`. */
const number = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

const escaped = (text: string): string =>
  text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
