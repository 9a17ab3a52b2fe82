import type { MeasuredRun } from '../../series/series.ts';
import type { Judged } from './text.ts';

/** A recorded run with its figures, for formats that show single requests. */
export interface ScoredRun extends Judged, MeasuredRun {
  dir: string;
}
