import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const FIXTURES = join(import.meta.dirname, 'fixtures');

/** A request as the scripted server logged it, in milliseconds of its monotonic clock. */
export interface ServedRequest {
  arrived: number;
  /** When each chunk of four tokens was written. */
  writes: number[];
}

/** The tokens of every chunk of the scripted server, and the chunks of every response. */
const TOKENS_PER_CHUNK = 4;
const CHUNKS = 20;

/** Reads the log of the scripted server: the requests of the benchmark, which are the last `count`, in the order of their arrival. */
export function servedRequests(tool: string, count = 20): ServedRequest[] {
  const lines = readFileSync(join(FIXTURES, tool, 'server-truth.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const ms = (ns: string): number => Number(BigInt(ns) / 1000n) / 1000;
  const served = lines
    .map((line) => JSON.parse(line) as { arrived_ns?: string; writes_ns: string[] })
    .filter((each) => each.arrived_ns !== undefined)
    .map((each) => ({ arrived: ms(each.arrived_ns!), writes: each.writes_ns.map(ms) }))
    .toSorted((a, b) => a.arrived - b.arrived);
  return served.slice(-count);
}

/** Nearest rank (docs/metrics.md), by sorting. */
export function nearestRank(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1]!;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/** Returns each gap once per token of its chunk, divided by them. `tokensOf`: the tokens of chunk k. */
export const tokenGaps = (served: readonly ServedRequest[], tokensOf: (k: number) => number): number[] =>
  served.flatMap(({ writes }) =>
    writes.slice(1).flatMap((at, k) => {
      const tokens = tokensOf(k + 1);
      return Array.from({ length: tokens }, () => (at - writes[k]!) / tokens);
    }),
  );

/** The tokens of chunk k if only the count of all 80 is known: one in the first, the others spread evenly (docs/metrics.md). */
export const spread = (k: number): number => {
  const upTo = (j: number): number => Math.floor((j * (CHUNKS * TOKENS_PER_CHUNK - 1)) / (CHUNKS - 1));
  return k === 0 ? 1 : upTo(k) - upTo(k - 1);
};

/** Rates of a closed loop over the window from the first arrival to the first slot that stays idle, by the definitions of docs/metrics.md. */
export function closedLoopRates(served: readonly ServedRequest[], concurrency: number) {
  const from = served[0]!.arrived;
  const ends = served.map(({ writes }) => writes.at(-1)!).toSorted((a, b) => a - b);
  const to = ends[served.length - concurrency]!;
  const seconds = (to - from) / 1000;
  let completed = 0;
  let inFlight = 0;
  let tokens = 0;
  for (const { arrived, writes } of served) {
    const inside = Math.min(writes.at(-1)!, to) - Math.max(arrived, from);
    completed += inside / (writes.at(-1)! - arrived);
    inFlight += inside;
    tokens += writes.filter((at) => at <= to).length * TOKENS_PER_CHUNK;
  }
  return {
    rps: completed / seconds,
    output_tps: tokens / seconds,
    concurrency: inFlight / (to - from),
    window_s: seconds,
  };
}
