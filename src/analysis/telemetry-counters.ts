import type { DurationNames, SeriesName } from './telemetry-names.ts';
import { firstOf, type Reading, readingsOf, seriesNamed, type Target } from './telemetry-target.ts';

/**
 * Returns a counter over time as the increase since its first reading. A decrease is a restart: the counter counts from 0 again, so the
 * whole reading after it is an increase.
 */
export function increases(readings: readonly Reading[]): Reading[] {
  let sum = 0;
  return readings.map(({ at_us, value }, k) => {
    const before = readings[k - 1]?.value;
    if (before !== undefined) sum += value < before ? value : value - before;
    return { at_us, value: sum };
  });
}

/** Returns the readings of a counter; a series that appears after the first scrape of its target was 0 until then. */
function counterReadings(target: Target, name: SeriesName): Reading[][] {
  const zero = { at_us: target.scrapes[0]?.receivedUs ?? 0, value: 0 };
  return readingsOf(target, name).map((readings) =>
    readings[0] === undefined || readings[0].at_us === zero.at_us ? readings : [zero].concat(readings),
  );
}

/** Returns the increase of a counter from the first to the last scrape of the run, over the series of a target by a name. */
const increaseOf = (target: Target, name: SeriesName): number =>
  counterReadings(target, name).reduce((sum, readings) => sum + (increases(readings).at(-1)?.value ?? 0), 0);

/** Returns the increase of a counter over the run, over all targets that have it; `null` if none does. */
export function counterIncrease(targets: readonly Target[], names: readonly SeriesName[]): number | null {
  const found = targets.flatMap((target) => {
    const name = firstOf(target, names);
    return name === null ? [] : [increaseOf(target, name)];
  });
  return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0);
}

/** Returns the increase of a counter since the scrape before, over all targets, at each scrape after the first. */
export function counterSteps(targets: readonly Target[], names: readonly SeriesName[]): Reading[] {
  const steps = new Map<number, number>();
  for (const target of targets) {
    const name = firstOf(target, names);
    if (name === null) continue;
    for (const readings of counterReadings(target, name)) {
      let before = 0;
      for (const { at_us, value } of increases(readings).slice(1)) {
        steps.set(at_us, (steps.get(at_us) ?? 0) + value - before);
        before = value;
      }
    }
  }
  return [...steps].map(([at_us, value]) => ({ at_us, value })).toSorted((a, b) => a.at_us - b.at_us);
}

/** A mean per request over the run, and the requests that it is a mean of. */
interface MeanDuration {
  /** In milliseconds. */
  mean: number;
  count: number;
}

/** Returns Δsum ÷ Δcount of a duration over all targets that have it; `null` if none does, or if no request was counted. */
export function meanDuration(
  targets: readonly Target[],
  names: readonly DurationNames[],
): MeanDuration | null {
  let sum = 0;
  let count = 0;
  for (const target of targets) {
    const name = names.find((each) => firstOf(target, [each.sum]) !== null);
    if (name === undefined) continue;
    sum += increaseOf(target, name.sum);
    count += increaseOf(target, name.count);
  }
  return count === 0 ? null : { mean: sum / count, count };
}

/** Returns the instant of the first scrape at which a counter of the target had decreased; `null` if none did. */
export function restartOf(target: Target, names: readonly SeriesName[]): number | null {
  const instants = names.flatMap((name) =>
    seriesNamed(target, name).length === 0
      ? []
      : readingsOf(target, name).flatMap((readings) =>
          readings
            .filter(({ value }, k) => k > 0 && value < readings[k - 1]!.value)
            .map(({ at_us }) => at_us),
        ),
  );
  return instants.length === 0 ? null : Math.min(...instants);
}
