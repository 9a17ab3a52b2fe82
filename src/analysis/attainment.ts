import { wilson } from '../statistics/wilson.ts';
import type { SloReport } from './report-figures.ts';

/** The attainment of a run whose judgements would mislead. */
export const WITHHELD: SloReport['attainment'] = { value: null, low: null, high: null, kind: 'independent' };

/** Returns attainment with Wilson's interval; if requests were lost, with the range that is possible. */
export function attainmentOf(good: number, judged: number, lost: number): SloReport['attainment'] {
  const value = judged === 0 ? null : good / judged;
  if (lost > 0) {
    const all = judged + lost;
    return { value, low: good / all, high: (good + lost) / all, kind: 'lost' };
  }
  const interval = wilson(good, judged);
  return { value, low: interval?.low ?? null, high: interval?.high ?? null, kind: 'independent' };
}
