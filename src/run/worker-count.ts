import type { Scenario } from '../scenario/keys/scenario.ts';
import { meanLength } from '../lengths.ts';

/**
 * The load of one worker at which its timestamps are still exact. A short request takes about 85 µs of CPU and a paced event 12 to 17 µs
 * (differences between two rates in one process), so each limit is a sixth to a third of a core. The rest is for bursts, because an
 * event that arrives while the thread is busy is timestamped late.
 */
const REQUESTS_PER_WORKER = 2000;
const EVENTS_PER_WORKER = 20_000;
/** Events per second of a stream in a closed loop, which has no planned rate: TPOT of a fast server, 20 ms. */
const EVENTS_PER_STREAM = 50;
const MAX_WORKERS = 256;

/** Returns the highest planned rate of an open loop in requests per second, with ranks that of the rank; `null` in a closed loop. */
export function highestRate({ rate, stages, share }: Scenario['load']): number | null {
  const highest = stages === null ? rate : Math.max(...stages.flatMap(({ from, to }) => [from, to]));
  return highest === null ? null : highest / (share?.of ?? 1);
}

/**
 * Returns the number of load workers of a run. `auto`: as many as its highest planned rate, or its streams in flight, need; one core
 * is reserved for the main thread. More workers are slower: a second one increases the CPU time per event by 28% (measured).
 */
export function workerCount({ run, load, workload }: Scenario, cores: number): number {
  if (run.workers !== 'auto') return run.workers;
  const rate = highestRate(load) ?? 0;
  const events = rate * meanLength(workload.output) + (load.concurrency ?? 0) * EVENTS_PER_STREAM;
  const wanted = Math.ceil(Math.max(rate / REQUESTS_PER_WORKER, events / EVENTS_PER_WORKER));
  return Math.max(1, Math.min(wanted, cores - 1, MAX_WORKERS));
}
