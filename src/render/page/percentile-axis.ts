import type { Axis } from './browser/chart.ts';

/** Returns the place of a percentile on the axis: the requests among which one is above it. */
export const percentilePlace = (percent: number): number => 100 / (100 - percent);

const TICKS = [50, 75, 90, 95, 99, 99.5, 99.9, 99.99].map((percent) => ({
  at: percentilePlace(percent),
  text: `${percent}%`,
}));

/** Returns the axis of percentiles from the median up to `highest`. */
export const percentileAxis = (highest: number): Axis => ({
  label: 'percentile (log scale of 1 − p)',
  unit: 'requests',
  isLog: true,
  min: percentilePlace(50),
  max: percentilePlace(highest),
  ticks: TICKS,
});
