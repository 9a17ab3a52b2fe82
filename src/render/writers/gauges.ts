import { exposition, type Family, type Labels } from '../../exposition.ts';
import { clean } from '../layout/clean.ts';

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

/** Returns the families that have series in Prometheus' text format, without control characters. */
export const prometheusText = (families: readonly Family[]): string =>
  exposition(families.filter(({ series }) => series.length > 0).map(cleaned));

const cleaned = (family: Family): Family => ({
  ...family,
  help: clean(family.help),
  series: family.series.map((each) => ({
    ...each,
    labels: Object.fromEntries(Object.entries(each.labels).map(([name, value]) => [name, clean(value)])),
  })),
});
