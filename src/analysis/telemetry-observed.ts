import type { Window } from '../record/header.ts';
import type { Scrape } from '../record/telemetry.ts';
import type { Observed } from './stated-report.ts';
import { energyOver } from './telemetry-energy.ts';
import { runningMeanOver } from './telemetry-gauges.ts';

/** Returns what telemetry says about W; nothing for a run that never closed. */
export const observedIn = (scrapes: readonly Scrape[], window: Window | null): Observed =>
  window === null
    ? { running: null, energy: null }
    : { running: runningMeanOver(scrapes, window), energy: energyOver(scrapes, window) };
