import type { Microseconds } from '../../units.ts';
import { BatchingEngine } from './batching-engine.ts';
import { type BatchingRequest, type BatchingSettings, DEFAULT_BATCHING, refusalOf } from './batching.ts';
import type { ChainKey } from './blocks.ts';
import { checkSimulation } from './simulation-check.ts';
import { type CostModel, stepTimeOf } from './cost.ts';

/** A request in tokens. Two share the full blocks that lie wholly in their prefixes of one id; every other token is unique. */
export interface SimulatedRequest {
  arrival_us: Microseconds;
  prompt: number;
  output: number;
  prefix?: { id: string; length: number };
}

export interface SimulationInput {
  /** What is left out is as in `DEFAULT_BATCHING`. */
  engine: Partial<BatchingSettings>;
  cost: CostModel;
  /** In any order; ties in arrival are broken by place. */
  requests: readonly SimulatedRequest[];
}

/** Lists have one entry a request, in the order of `requests`. */
export interface Simulation {
  /** The instant of every token; none where the request was refused because it could never fit. */
  tokens_us: Microseconds[][];
  /** The first admission, and the tokens that it found in the cache. */
  admitted_us: (Microseconds | null)[];
  cached_tokens: number[];
  steps: number;
  preemptions: number;
  /** After scheduling; blocks in the free queue do not count, registered or not. */
  peak_running: number;
  peak_blocks: number;
  /** The end of the last step; 0 where there was none. */
  end_us: Microseconds;
}

/**
 * Runs requests through the batching engine as fast as it can: a pure function, the same output for the same input.
 * @throws {GoodputError} of kind `usage` that names every mistake of the input.
 */
export function simulate(input: SimulationInput): Simulation {
  checkSimulation({ ...input });
  const { cost, requests } = input;
  const settings = withDefaults(input.engine);
  const simulation: Simulation = {
    tokens_us: requests.map(() => []),
    admitted_us: requests.map(() => null),
    cached_tokens: requests.map(() => 0),
    steps: 0,
    preemptions: 0,
    peak_running: 0,
    peak_blocks: 0,
    end_us: 0,
  };
  const { tokens_us, admitted_us, cached_tokens } = simulation;
  /** The engine numbers what it is given; these are the places in `requests`. */
  const places: number[] = [];
  const engine = new BatchingEngine(settings, stepTimeOf(cost), {
    admitted(id, at_us, cached) {
      const place = places[id]!;
      if (admitted_us[place] !== null) return;
      admitted_us[place] = at_us;
      cached_tokens[place] = cached;
    },
    preempted() {
      simulation.preemptions++;
    },
    step({ end_us, running, blocks }) {
      simulation.steps++;
      simulation.peak_running = Math.max(simulation.peak_running, running);
      simulation.peak_blocks = Math.max(simulation.peak_blocks, blocks);
      simulation.end_us = end_us;
    },
  });
  const onToken = (id: number, _k: number, due_us: Microseconds): void => {
    tokens_us[places[id]!]!.push(due_us);
  };
  const chainOf = chains(settings.blockSize);
  for (const place of inOrderOfArrival(requests)) {
    const { arrival_us, prompt, output, prefix } = requests[place]!;
    const request: BatchingRequest = { prompt, output, ...(prefix ? { chain: chainOf(prefix) } : {}) };
    if (refusalOf(settings, request) !== null) continue;
    engine.advance(arrival_us, onToken);
    places[engine.submit(arrival_us, request)] = place;
  }
  engine.advance(Infinity, onToken);
  return simulation;
}

function withDefaults(given: Partial<BatchingSettings>): BatchingSettings {
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_BATCHING, ...Object.fromEntries(stated) };
}

function inOrderOfArrival(requests: readonly SimulatedRequest[]): number[] {
  // A stable sort: ties stay in the order of their places.
  return requests.map((_, place) => place).sort((a, b) => requests[a]!.arrival_us - requests[b]!.arrival_us);
}

/** Names the full blocks of a prefix. All before them lies in the prefix too, so id and number say the whole chain. */
function chains(blockSize: number): (prefix: { id: string; length: number }) => ChainKey[] {
  const named = new Map<string, string[]>();
  return ({ id, length }) => {
    let names = named.get(id);
    if (names === undefined) named.set(id, (names = []));
    const blocks = Math.floor(length / blockSize);
    while (names.length < blocks) names.push(`${names.length} ${id}`);
    return names.slice(0, blocks);
  };
}
