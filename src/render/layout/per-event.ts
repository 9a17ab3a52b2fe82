import type { Report } from '../../analysis/report.ts';
import { metricNamed } from '../../metrics/registry.ts';
import { type PerEvent, perEventOf } from '../../verdict/token-unit.ts';

/** Returns ` per event`, which follows a token-based figure whose tokens are events; else empty. */
export const perEvent = ({ per }: PerEvent): string =>
  per === undefined ? '' : per === 'event' ? ' per event' : ' partly per event';

/** Returns the same for a metric of a run; empty if the metric is not token-based. */
export const perEventIn = (metric: string, report: Pick<Report, 'tokens'>): string =>
  metricNamed(metric)?.countsTokens === true ? perEvent(perEventOf([report])) : '';
