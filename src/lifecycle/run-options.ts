import type { GoodputError } from '../errors.ts';
import type { RunFolder } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import type { LiveState } from './live-figures.ts';
import type { Steer } from './steering.ts';

/** The options of a recorded run, real or simulated. */
export interface RunOptions {
  resolved: Resolved;
  /** Requests of the prompt file, if the scenario names one. */
  prompts: readonly PromptEntry[] | null;
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
