import type { GoodputError } from '../errors.ts';
import type { RunFolder } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import type { RecordedData } from '../record/header.ts';
import type { WorkloadData } from '../workload/data.ts';
import type { LiveState } from './live-figures.ts';
import type { Steer } from './steering.ts';

/** Data sets, read, and what `run.json` records of their files. */
export type ReadData = WorkloadData &
  Pick<RecordedData, 'files' | 'format' | 'licence' | 'steps'> & {
    /** Fields in the `body` of records that the run sets itself. */
    ignored: readonly string[];
  };

/** The options of a recorded run, real or simulated. */
export interface RunOptions {
  resolved: Resolved;
  /** The data sets that the scenario names, read; `null` if it names none. */
  data: ReadData | null;
  version: string;
  /** For `run.json`: the place of this run in a capacity search. */
  search?: RunHeader['search'];
  steer?: Steer;
  io: {
    progress(state: LiveState): void;
    warn(text: string): void;
  };
}

export interface RunResult {
  /** Closed; the summary and the histograms are still to be written into it. */
  folder: RunFolder;
  status: 'complete' | 'interrupted' | 'failed';
  /** The failure, as the error to print. */
  error: GoodputError | null;
}
