import { clean } from '../layout/clean.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Series {
  /** Follows the family's name: `_sum`, `_count`. */
  suffix?: string;
  labels: Labels;
  value: number;
}

/** All series of one name in Prometheus' text format. */
export interface Family {
  name: string;
  type: 'gauge' | 'summary';
  help: string;
  series: Series[];
}

export type Gauge = (name: string, help: string, series: readonly [Labels, number | null][]) => Family;

/** Returns a function that makes gauges with these labels added. A value that is `null` or not finite has no series. */
export const gaugesWith =
  (own: Labels): Gauge =>
  (name, help, series) => ({
    name: `goodput_${name}`,
    type: 'gauge',
    help,
    series: series.flatMap(([labels, value]) =>
      value === null || !Number.isFinite(value) ? [] : [{ labels: { ...own, ...labels }, value }],
    ),
  });

/** Returns the series of a state: 1 for the current one, 0 for the others. */
export const oneOf = (states: readonly string[], current: string): [Labels, number][] =>
  states.map((status) => [{ status }, status === current ? 1 : 0]);

/** Returns Prometheus' text format 0.0.4. Families with the same name are merged, because the format forbids to split them. */
export function exposition(families: readonly Family[]): string {
  const byName = new Map<string, Family>();
  for (const family of families) {
    const known = byName.get(family.name);
    if (known === undefined) byName.set(family.name, family);
    else known.series.push(...family.series);
  }
  return [...byName.values()]
    .filter(({ series }) => series.length > 0)
    .map(written)
    .join('');
}

function written({ name, type, help, series }: Family): string {
  const lines = series.map(
    ({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${value}\n`,
  );
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

const escaped = (text: string): string => clean(text).replaceAll('\\', String.raw`\\`);

function labelText(labels: Labels): string {
  const texts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(value).replaceAll('"', String.raw`\"`)}"`,
  );
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
}
