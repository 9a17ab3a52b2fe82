import type { Report } from '../../analysis/report.ts';
import { metricNamed } from '../../metrics/registry.ts';
import { type PerEvent, perEventOf } from '../../verdict/token-unit.ts';

/** ` per event`, to follow a figure by token whose tokens are events; empty where there is nothing to say. */
export const perEvent = ({ per }: PerEvent): string =>
  per === undefined ? '' : per === 'event' ? ' per event' : ' partly per event';

/** The same for any metric of a run: empty for one that counts no tokens. */
export const perEventIn = (metric: string, report: Pick<Report, 'tokens'>): string =>
  metricNamed(metric)?.countsTokens === true ? perEvent(perEventOf([report])) : '';
