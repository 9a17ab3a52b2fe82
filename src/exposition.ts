export type Labels = Readonly<Record<string, string>>;

export interface Series {
  /** Follows the family's name: `_sum`, `_count`, `_bucket`. */
  suffix?: string;
  labels: Labels;
  value: number;
}

/** All series of one name in Prometheus' text format. */
export interface Family {
  name: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  help: string;
  series: Series[];
}

/** The media type of the text format. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Returns families in Prometheus' text format 0.0.4. Families with the same name are merged, because the format forbids to split them.
 * @param numberText formats a value
 */
export function exposition(
  families: readonly Family[],
  numberText: (value: number) => string = String,
): string {
  return [...Map.groupBy(families, ({ name }) => name)]
    .map(([name, [first, ...others]]) => {
      const { help, type, series } = first!;
      const lines = [...series, ...others.flatMap((other) => other.series)].map(
        ({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${numberText(value)}\n`,
      );
      return `# HELP ${name} ${escapeText(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

const escapeText = (text: string): string => (/[\\\n]/.test(text) ? escaped(text) : text);

const escaped = (text: string): string =>
  text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);

function labelText(labels: Labels): string {
  const texts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escapeText(value).replaceAll('"', String.raw`\"`)}"`,
  );
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
}
