import parseExposition from 'parse-prometheus-text-format';

/** Values of series by their text, such as `name{label="x"}`. */
export type SeriesValues = Record<string, number>;

/** The most characters of an answer that an error quotes. */
const QUOTED = 60;

/** The most series of a target that are remembered. */
const MOST_SERIES = 200_000;

/**
 * Reads the pages of one target, in Prometheus' text format or in OpenMetrics. Timestamps and exemplars are dropped, and so are values that
 * are not finite: JSON has none, and no figure could use them.
 *
 * The library gets one line at a time: it merges the buckets of a histogram over all other labels, and the samples of one instance with
 * those of the next. A series whose line it read before without a timestamp is known by its text, which takes a tenth of the CPU time.
 */
export class PageReader {
  /** Text of a line before its value → series. */
  readonly #known = new Map<string, string>();

  /**
   * Returns the series of a page.
   * @throws {Error} if a line is not a sample
   */
  read(text: string): SeriesValues {
    const values: SeriesValues = {};
    for (const line of text.split('\n')) {
      const sample = line.trim();
      if (sample === '' || sample.startsWith('#')) continue;
      const space = sample.lastIndexOf(' ');
      const head = sample.slice(0, space);
      const known = space === -1 ? undefined : this.#known.get(head);
      const last = known === undefined ? NaN : Number(sample.slice(space));
      if (known !== undefined && Number.isFinite(last)) {
        values[known] = last;
        continue;
      }
      const { key, value, isPlain } = parseSample(sample);
      if (isPlain && this.#known.size < MOST_SERIES) this.#known.set(head, key);
      if (Number.isFinite(value)) values[key] = value;
    }
    return values;
  }
}

/** A metric's name, with or without labels, and a value. */
const SAMPLE = /^[a-zA-Z_:][\w:]*\s*(\{|\s)/;
const NUMBER = /^[+-]?(\d|\.\d|inf|nan)/i;

/** @returns `isPlain`: the line ends with the value, after a space */
function parseSample(line: string): { key: string; value: number; isPlain: boolean } {
  const [family] = SAMPLE.test(line) ? parsed(line) : [];
  const [metric] = family?.metrics ?? [];
  const written = metric !== undefined && 'value' in metric ? metric.value : undefined;
  if (family === undefined || written === undefined || !NUMBER.test(written))
    throw new Error(`not a line of Prometheus' text format: ${line.slice(0, QUOTED)}`);
  return {
    key: family.name + labelText(metric?.labels ?? {}),
    value: numberOf(written),
    isPlain: metric?.timestamp_ms === undefined && line.endsWith(` ${written}`),
  };
}

function parsed(line: string) {
  try {
    return parseExposition(`${line}\n`);
  } catch {
    return [];
  }
}

const labelText = (labels: Readonly<Record<string, string>>): string => {
  const texts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
};

const escaped = (value: string): string =>
  value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);

const numberOf = (text: string): number =>
  /^[+-]?inf/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
