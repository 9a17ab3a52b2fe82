import type { Scenario } from '../scenario/keys/scenario.ts';
import { meanLength } from '../lengths.ts';

/**
 * What one load worker takes while its stamps stay good. A short request costs some 85 µs of CPU and a paced event 12 to 17 µs
 * (differences between two rates in one process), so either limit is a sixth to a third of a core: the rest is for bursts,
 * as an event that arrives while the thread is busy is stamped late.
 */
const REQUESTS_PER_WORKER = 2000;
const EVENTS_PER_WORKER = 20_000;
/** Of a stream in closed loop, where no plan tells a rate: a fast server's TPOT of 20 ms. */
const EVENTS_PER_STREAM = 50;
const MOST = 256;

/** Requests per second at the busiest moment of an open loop; `null` in closed loop. */
export function highestRate({ rate, stages }: Scenario['load']): number | null {
  return stages === null ? rate : Math.max(...stages.flatMap(({ from, to }) => [from, to]));
}

/**
 * How many load workers a run has. `auto`: as many as its highest planned rate, or its streams in flight, ask for; one core
 * is left to the main thread. More than that buys nothing: a second worker makes every event dearer (× 1.28 measured).
 */
export function workerCount({ run, load, workload }: Scenario, cores: number): number {
  if (run.workers !== 'auto') return run.workers;
  const rate = highestRate(load) ?? 0;
  const events = rate * meanLength(workload.output) + (load.concurrency ?? 0) * EVENTS_PER_STREAM;
  const wanted = Math.ceil(Math.max(rate / REQUESTS_PER_WORKER, events / EVENTS_PER_WORKER));
  return Math.max(1, Math.min(wanted, cores - 1, MOST));
}
