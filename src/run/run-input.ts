import type { RunOptions } from '../lifecycle/run-options.ts';

/** The input of a run over sockets. */
export interface RunInput extends RunOptions {
  /** Base URL of the requests: the scenario's, or that of the embedded endpoint. */
  url: string;
  /** Known facts about the endpoint, for `run.json`. */
  said?: Readonly<Record<string, unknown>>;
  /** Called just before the load starts, with the run folder and the run's origin on the host's monotonic clock. */
  began?(dir: string, origin_ns: bigint): void;
}
