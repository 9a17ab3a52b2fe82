import { telemetryOverTime } from '../analysis/telemetry-over-time.ts';
import type { Reading } from '../analysis/telemetry-target.ts';
import type { Scrape } from '../record/telemetry.ts';
import type { Bins } from './bins.ts';
import { compact } from './compact.ts';
import type { Column, TelemetrySeries } from './series-document.ts';

/** Returns what the telemetry targets reported in the bins of a run; `null` if they reported nothing that is drawn. */
export function telemetrySeries(scrapes: readonly Scrape[], bins: Bins): TelemetrySeries | null {
  const { preemptions, ...levels } = telemetryOverTime(scrapes);
  const series: TelemetrySeries = {
    running: held(levels.running, bins),
    waiting: held(levels.waiting, bins),
    kv_use: held(levels.kvUse, bins),
    hit_share: held(levels.hitShare, bins),
    preemptions: summed(preemptions, bins),
    busy: held(levels.busy, bins),
    power_watt: held(levels.power, bins),
  };
  const hasValues = Object.values({ ...series }).some((column) => column.some((value) => value !== null));
  return hasValues ? series : null;
}

/** Returns the last reading up to the end of each bin; `null` before the first reading, and in bins after the last. */
function held(readings: readonly Reading[], bins: Bins): Column {
  const last_us = readings.at(-1)?.at_us ?? -Infinity;
  let next = 0;
  return Array.from({ length: bins.count }, (_, bin) => {
    while (next < readings.length && readings[next]!.at_us <= bins.edge(bin + 1)) next++;
    const reading = readings[next - 1];
    return reading === undefined || bins.edge(bin) > last_us ? null : compact(reading.value);
  });
}

/** Returns the sum of the readings in each bin; `null` in all if there are none. */
function summed(readings: readonly Reading[], bins: Bins): Column {
  const sums: Column = Array.from({ length: bins.count }, () => (readings.length === 0 ? null : 0));
  for (const { at_us, value } of readings) {
    const bin = bins.ofEnd(at_us);
    if (bin in sums) sums[bin] = sums[bin]! + value;
  }
  return sums;
}
