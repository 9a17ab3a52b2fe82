import type { RunHeader } from '../../record/header.ts';
import type { RequestSlo } from '../../slo/grammar.ts';
import type { Sample } from '../../sample.ts';
import type { Judged } from './text.ts';

/** A recorded run with its figures, for formats that show single requests. */
export interface ScoredRun extends Judged {
  dir: string;
  header: RunHeader;
  /** The SLOs that the run was judged by. */
  slos: readonly RequestSlo[];
  /** Reads the samples, in the order of the file; it may be called several times. */
  samples(): AsyncIterable<Sample>;
}
