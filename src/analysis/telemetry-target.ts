import type { Scrape } from '../record/telemetry.ts';
import type { Microseconds } from '../units.ts';
import { fits, kindOf, nameOf, type SeriesName, type TargetKind } from './telemetry-names.ts';

/** The value of a series at the instant at which a scrape was received. */
export interface Reading {
  at_us: Microseconds;
  value: number;
}

/** A telemetry target and its scrapes in the order of time. */
export interface Target {
  url: string;
  kind: TargetKind;
  /** Scrapes with values. */
  scrapes: (Scrape & { values: Readonly<Record<string, number>> })[];
  failed: number;
  /** Every series that a scrape has, by the name of its metric. */
  series: ReadonlyMap<string, readonly string[]>;
}

/** Returns the targets in the order of their first scrapes. */
export function targetsOf(scrapes: readonly Scrape[]): Target[] {
  return [...Map.groupBy(scrapes, ({ target }) => target)].map(([url, all]) => {
    const read = all.flatMap(({ values, ...rest }) => (values === null ? [] : [{ ...rest, values }]));
    const keys = new Set(read.flatMap(({ values }) => Object.keys(values)));
    const series = Map.groupBy(keys, nameOf);
    return {
      url,
      kind: kindOf(series.keys()),
      scrapes: read.toSorted((a, b) => a.receivedUs - b.receivedUs),
      failed: all.length - read.length,
      series,
    };
  });
}

/** Returns the series of a target by a name. */
export const seriesNamed = ({ series }: Target, name: SeriesName): string[] =>
  series.get(name.name)?.filter((key) => fits(name, key)) ?? [];

/** Returns the first of the names that the target has a series of; `null` for none. */
export const firstOf = (target: Target, names: readonly SeriesName[]): SeriesName | null =>
  names.find((name) => seriesNamed(target, name).length > 0) ?? null;

/** Returns the readings of each series of a target by a name, in the unit of the figure. */
export const readingsOf = (target: Target, name: SeriesName): Reading[][] =>
  seriesNamed(target, name).map((key) =>
    target.scrapes.flatMap(({ receivedUs, values }) => {
      const value = values[key];
      return value === undefined ? [] : [{ at_us: receivedUs, value: value * name.factor }];
    }),
  );
