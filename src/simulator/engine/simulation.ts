import type { Microseconds } from '../../units.ts';
import { BatchingEngine } from './batching-engine.ts';
import { type BatchingRequest, type BatchingSettings, DEFAULT_BATCHING, refusalOf } from './batching.ts';
import type { ChainKey } from './blocks.ts';
import { checkSimulation } from './simulation-check.ts';
import { type CostModel, stepTimeOf } from './cost.ts';

/** A request in tokens. Requests with the same prefix id share the full blocks within their prefixes; all other tokens are unique. */
export interface SimulatedRequest {
  arrival_us: Microseconds;
  prompt: number;
  output: number;
  prefix?: { id: string; length: number };
}

export interface SimulationInput {
  /** Omitted settings have the values of `DEFAULT_BATCHING`. */
  engine: Partial<BatchingSettings>;
  cost: CostModel;
  /** In any order; requests that arrive together are processed in the order of the list. */
  requests: readonly SimulatedRequest[];
}

/** Result of a simulation. Lists have one entry per request, in the order of `requests`. */
export interface Simulation {
  /** Instants of all tokens; empty for a request that was refused because it can never fit. */
  tokens_us: Microseconds[][];
  /** Instant of the first admission, and the tokens found in the cache then. */
  admitted_us: (Microseconds | null)[];
  cached_tokens: number[];
  steps: number;
  preemptions: number;
  /** Maxima after scheduling; blocks in the free queue do not count, registered or not. */
  peak_running: number;
  peak_blocks: number;
  /** End of the last step; 0 without steps. */
  end_us: Microseconds;
}

/**
 * Runs requests through the batching engine in virtual time. It is a pure function.
 * @throws {GoodputError} of kind `usage` with all mistakes of the input
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
  /** Maps the engine's ids to positions in `requests`. */
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
  // The sort is stable, so ties stay in order.
  return requests.map((_, place) => place).sort((a, b) => requests[a]!.arrival_us - requests[b]!.arrival_us);
}

/**
 * Returns a function that names the full blocks of a prefix. All earlier blocks belong to the prefix too, so its id and the block's
 * number identify the chain.
 */
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
