import type { SteadyStateName } from '../../src/analysis/steady-figures.ts';
import { randomStream } from '../../src/random.ts';
import { type Instants, stateOfRequests } from './steady-cells.ts';

/** First-come queues with Poisson arrivals and exactly known load. */
export const QUEUES = [
  { name: 'M/M/1', slots: 1, isRandom: true },
  { name: 'M/D/1', slots: 1, isRandom: false },
  { name: 'M/M/16', slots: 16, isRandom: true },
  { name: 'M/D/16', slots: 16, isRandom: false },
] as const;

export const QUEUE_LOADS: readonly number[] = [0.75, 0.8, 0.85, 0.9, 0.95, 1.5];
export const QUEUE_LENGTHS: readonly number[] = [150, 500];
/** Number of runs per queue, load and length. */
export const QUEUE_RUNS = 200;
/** Requests before W. */
const WARMUP = 500;
const SEED = 20_261_202;

export interface QueueRow {
  queue: string;
  load: number;
  requests: number;
  states: Partial<Record<SteadyStateName, number>>;
}

export function queueRows(): QueueRow[] {
  return QUEUES.flatMap(({ name, slots, isRandom }) =>
    QUEUE_LOADS.flatMap((load) =>
      QUEUE_LENGTHS.map((requests) => {
        const states: QueueRow['states'] = {};
        for (let run = 0; run < QUEUE_RUNS; run++) {
          const state = stateOfQueue(load, slots, isRandom, requests, run);
          if (state !== null) states[state] = (states[state] ?? 0) + 1;
        }
        return { queue: name, load, requests, states };
      }),
    ),
  );
}

/** Requests arrive at 1 per second; a service takes `load · slots` on average, and its first token a fifth of that. */
function stateOfQueue(
  load: number,
  slots: number,
  isRandom: boolean,
  requests: number,
  run: number,
): SteadyStateName | null {
  const random = randomStream(SEED, 'queue of the study of states', run);
  const free = new Float64Array(slots);
  const all: Instants[] = [];
  let at = 0;
  let from = 0;
  for (let i = 0; i < WARMUP + requests; i++) {
    if (i === WARMUP) from = at;
    at += random.exponential();
    let slot = 0;
    for (let k = 1; k < slots; k++) if (free[k]! < free[slot]!) slot = k;
    const takes = (isRandom ? random.exponential() : 1) * load * slots;
    const begins = Math.max(at, free[slot]!);
    free[slot] = begins + takes;
    all.push({ planned_us: at * 1e6, first_us: (begins + takes / 5) * 1e6, ended_us: free[slot]! * 1e6 });
  }
  return stateOfRequests(all, { start_us: from * 1e6, end_us: at * 1e6 });
}
