import type { GoodputError } from '../errors.ts';
import type { RunFolder } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import type { Rank, RankStart, RecordedData } from '../record/header.ts';
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
  /** Only of one of several ranks: `run.json` records it, and its load has the share. */
  rank?: Pick<Rank, 'index' | 'of' | 'planned'>;
  /**
   * Called when a rank is ready, and resolves to the origin that all ranks share; without it the run starts when it is ready.
   * @param header what is known of the run so far
   */
  meet?: (header: RunHeader) => Promise<Meeting>;
  io: {
    progress(state: LiveState): void;
    warn(text: string): void;
  };
}

/** The start that the ranks of a run have agreed on. */
export interface Meeting {
  /** On this host's monotonic clock. */
  origin_ns: bigint;
  start: RankStart;
}

export interface RunResult {
  /** Closed; the summary and the histograms are still to be written into it. */
  folder: RunFolder;
  status: 'complete' | 'interrupted' | 'failed';
  /** The failure, as the error to print. */
  error: GoodputError | null;
}
