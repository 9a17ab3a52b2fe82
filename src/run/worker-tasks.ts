import { SharedCounters } from '../load/shared.ts';
import type { WorkerTask } from './worker-messages.ts';

/** Returns the tasks of the load workers of a run, which share their counters. */
export function workerTasks(
  count: number,
  shared: Omit<WorkerTask, 'worker' | 'workers' | 'counters'>,
): WorkerTask[] {
  const bytes = SharedCounters.bytes(shared.scenario.load.maxConcurrency);
  const counters = new SharedArrayBuffer(bytes);
  return Array.from({ length: count }, (_, worker) => ({ ...shared, worker, workers: count, counters }));
}
