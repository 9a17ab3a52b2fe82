import type { RunState } from './live-judging.ts';
import { StopRequests } from './stop-requests.ts';

/** Callbacks of a caller that measures, and its means to stop. */
export interface RunHooks {
  /** Called several times a second while a run goes on. */
  onProgress(state: RunState): void;
  /** Called for each warning. */
  onWarning(text: string): void;
  /** Called when a run of several begins, and for its outcome. */
  onStep(text: string): void;
  stop: StopRequests;
}

const ignore = (): void => {};

/** Returns complete hooks; omitted callbacks do nothing, and without `stop` nothing stops the run. */
export const hooksFrom = (given: {
  [K in keyof RunHooks]?: RunHooks[K] | undefined;
}): RunHooks => ({
  onProgress: given.onProgress ?? ignore,
  onWarning: given.onWarning ?? ignore,
  onStep: given.onStep ?? ignore,
  stop: given.stop ?? new StopRequests(),
});
