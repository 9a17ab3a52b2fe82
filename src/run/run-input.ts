import type { RunHeader } from '../record/header.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import type { LiveState } from './live.ts';
import type { Steer } from './steer.ts';

/** What a run is given. */
export interface RunInput {
  resolved: Resolved;
  /** Base URL to send to: the scenario's, or that of the embedded endpoint. */
  url: string;
  /** Requests of the prompt file, if the scenario names one. */
  prompts: readonly PromptEntry[] | null;
  version: string;
  /** What the search that this run is a part of has to say of it, for `run.json`. */
  search?: RunHeader['search'];
  steer?: Steer;
  /** What is known of the endpoint beforehand. */
  said?: Readonly<Record<string, unknown>>;
  /** Told when the load is about to start: the folder, and the run's origin on the host's monotonic clock. */
  began?(dir: string, origin_ns: bigint): void;
  io: {
    progress(state: LiveState): void;
    warn(text: string): void;
  };
}
