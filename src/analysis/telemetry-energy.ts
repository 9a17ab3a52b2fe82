import type { Window } from '../record/header.ts';
import type { Scrape } from '../record/telemetry.ts';
import type { Microseconds } from '../units.ts';
import { increases } from './telemetry-counters.ts';
import { deviceMean, deviceReadings } from './telemetry-gauges.ts';
import { type Reading, type Target, targetsOf } from './telemetry-target.ts';

/** The measured energy of all devices in W. */
export interface MeasuredEnergy {
  /** An energy counter, or the mean of power samples. */
  from: 'counter' | 'power';
  joule: number;
  /** Mean power of all devices together. */
  meanWatt: number;
}

/** Returns the energy of all devices in W; `null` if no target reports energy or power then. */
export function energyOver(scrapes: readonly Scrape[], window: Window): MeasuredEnergy | null {
  const targets = targetsOf(scrapes);
  const seconds = (window.end_us - window.start_us) / 1e6;
  if (seconds <= 0) return null;
  const joule = countedEnergy(targets, window);
  if (joule !== null) return { from: 'counter', joule, meanWatt: joule / seconds };
  const watt = deviceMean(targets, 'power', window, 'sum');
  return watt === null ? null : { from: 'power', joule: watt * seconds, meanWatt: watt };
}

/** Returns the energy in W by the counters of the devices, in joules; `null` without counters, or if one was not scraped around W. */
export function countedEnergy(targets: readonly Target[], window: Window): number | null {
  const devices = deviceReadings(targets, 'energy').map((readings) => {
    const counted = increases(readings);
    const [from, to] = [at(counted, window.start_us), at(counted, window.end_us)];
    return from === null || to === null ? null : to - from;
  });
  return devices.length === 0 || devices.includes(null)
    ? null
    : devices.reduce<number>((sum, energy) => sum + energy!, 0);
}

/** Returns a counter at an instant, linear between the readings around it; `null` outside of them. */
function at(readings: readonly Reading[], instant_us: Microseconds): number | null {
  const next = readings.findIndex(({ at_us }) => at_us >= instant_us);
  if (next === -1) return null;
  const [before, after] = [readings[next - 1], readings[next]!];
  if (after.at_us === instant_us) return after.value;
  if (before === undefined) return null;
  const share = (instant_us - before.at_us) / (after.at_us - before.at_us);
  return before.value + share * (after.value - before.value);
}
