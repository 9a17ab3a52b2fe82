import type { Window } from '../record/header.ts';
import type { Scrape } from '../record/telemetry.ts';
import { meanOf } from '../statistics/moments.ts';
import { DEVICES, GAUGES, type SeriesName } from './telemetry-names.ts';
import { firstOf, type Reading, readingsOf, type Target, targetsOf } from './telemetry-target.ts';

/** How the series of a gauge are combined: requests add up, shares are averaged. */
export type Combining = 'sum' | 'mean';

const combine = (values: readonly number[], how: Combining): number =>
  how === 'mean' ? meanOf(values) : values.reduce((sum, value) => sum + value, 0);

const isIn = ({ start_us, end_us }: Window, { at_us }: Reading): boolean =>
  at_us >= start_us && at_us <= end_us;

/** Returns the readings of a gauge, by series, over all targets: of each target by the first name that it has. */
const gaugeReadings = (targets: readonly Target[], names: readonly SeriesName[]): Reading[][] =>
  targets.flatMap((target) => {
    const name = firstOf(target, names);
    return name === null ? [] : readingsOf(target, name);
  });

/** Returns the mean of a gauge over the scrapes in W; `null` without one. */
export function gaugeMean(
  targets: readonly Target[],
  names: readonly SeriesName[],
  window: Window,
  how: Combining,
): number | null {
  return meanIn(gaugeReadings(targets, names), window, how);
}

function meanIn(readings: readonly Reading[][], window: Window, how: Combining): number | null {
  const means = readings.flatMap((series) => {
    const within = series.filter((reading) => isIn(window, reading));
    return within.length === 0 ? [] : [meanOf(within.map(({ value }) => value))];
  });
  return means.length === 0 ? null : combine(means, how);
}

/** Returns a gauge over time, over all series: at the instant of each scrape, with the latest reading of each series. */
export function gaugeOverTime(
  targets: readonly Target[],
  names: readonly SeriesName[],
  how: Combining,
): Reading[] {
  return combined(gaugeReadings(targets, names), how);
}

/** Returns a figure of devices over time, like a gauge. */
export const devicesOverTime = (
  targets: readonly Target[],
  figure: keyof typeof DEVICES,
  how: Combining,
): Reading[] => combined(deviceReadings(targets, figure), how);

function combined(readings: readonly (readonly Reading[])[], how: Combining): Reading[] {
  const changes = readings
    .flatMap((series, k) => series.map((reading) => ({ ...reading, series: k })))
    .toSorted((a, b) => a.at_us - b.at_us);
  const latest = new Map<number, number>();
  const steps: Reading[] = [];
  for (const { at_us, value, series } of changes) {
    latest.set(series, value);
    if (steps.at(-1)?.at_us === at_us) steps.pop();
    steps.push({ at_us, value: combine([...latest.values()], how) });
  }
  return steps;
}

/** Returns the maximum of a gauge in W; `null` without a scrape. */
export function gaugeMax(
  targets: readonly Target[],
  names: readonly SeriesName[],
  window: Window,
  how: Combining,
): number | null {
  const within = gaugeOverTime(targets, names, how).filter((reading) => isIn(window, reading));
  return within.length === 0 ? null : Math.max(...within.map(({ value }) => value));
}

/** Returns the readings of a figure of devices, by device, from the first source that any target has. */
export function deviceReadings(targets: readonly Target[], figure: keyof typeof DEVICES): Reading[][] {
  for (const name of DEVICES[figure]) {
    const readings = targets.flatMap((target) => readingsOf(target, name));
    if (readings.length > 0) return readings;
  }
  return [];
}

/** Returns the mean of a figure of devices over W, over all devices; `null` without a scrape in W. */
export const deviceMean = (
  targets: readonly Target[],
  figure: keyof typeof DEVICES,
  window: Window,
  how: Combining = 'mean',
): number | null => meanIn(deviceReadings(targets, figure), window, how);

/** Returns the mean number of running requests over W by the servers' own gauges; `null` if no target has one. */
export const runningMeanOver = (scrapes: readonly Scrape[], window: Window): number | null =>
  gaugeMean(targetsOf(scrapes), GAUGES.running, window, 'sum');
