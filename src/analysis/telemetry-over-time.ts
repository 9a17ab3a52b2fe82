import type { Scrape } from '../record/telemetry.ts';
import { counterSteps } from './telemetry-counters.ts';
import { devicesOverTime, gaugeOverTime } from './telemetry-gauges.ts';
import { COUNTERS, GAUGES } from './telemetry-names.ts';
import { type Reading, targetsOf } from './telemetry-target.ts';

/** Figures of servers and devices over time; each is empty if no target has it. */
export interface TelemetryOverTime {
  running: Reading[];
  waiting: Reading[];
  /** Shares, 0 to 1. */
  kvUse: Reading[];
  /** Share of the prompt tokens since the scrape before that came from the prefix cache. */
  hitShare: Reading[];
  /** Preemptions since the scrape before. */
  preemptions: Reading[];
  busy: Reading[];
  /** Power of all devices together, in watts. */
  power: Reading[];
}

/** Returns what the targets reported over time. */
export function telemetryOverTime(scrapes: readonly Scrape[]): TelemetryOverTime {
  const targets = targetsOf(scrapes);
  const queries = new Map(
    counterSteps(targets, COUNTERS.cacheQueries).map(({ at_us, value }) => [at_us, value]),
  );
  const hits = counterSteps(targets, COUNTERS.cacheHits).flatMap(({ at_us, value }): Reading[] => {
    const asked = queries.get(at_us) ?? 0;
    return asked === 0 ? [] : [{ at_us, value: value / asked }];
  });
  return {
    running: gaugeOverTime(targets, GAUGES.running, 'sum'),
    waiting: gaugeOverTime(targets, GAUGES.waiting, 'sum'),
    kvUse: gaugeOverTime(targets, GAUGES.kvUse, 'mean'),
    hitShare: hits.length > 0 ? hits : gaugeOverTime(targets, GAUGES.hitShare, 'mean'),
    preemptions: counterSteps(targets, COUNTERS.preemptions),
    busy: devicesOverTime(targets, 'busy', 'mean'),
    power: devicesOverTime(targets, 'power', 'sum'),
  };
}
