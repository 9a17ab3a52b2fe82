import { randomStream } from '../../src/random.ts';
import { PRESETS } from '../../src/simulator/presets.ts';
import { simulate, type SimulatedRequest } from '../../src/simulator/simulate.ts';

export const KNEE_PRESET = 'llama-3.1-8b-h100';
export const KNEE_SLO = { ttftMs: 200, tpotMs: 50 };
export const KNEE_LENGTHS = { prompt: 512, output: 128 };
export const KNEE_SECONDS = 60;

/** What the users see at one rate; latencies in ms. */
export interface AtRate {
  rate: number;
  /** Output tokens a second until the last arrival. */
  throughput: number;
  ttft: { p50: number; p99: number };
  tpot: { p50: number; p99: number };
  /** The share of requests that meet both SLOs, and how many do a second. */
  attainment: number;
  goodput: number;
  peakRunning: number;
}

/** Poisson arrivals for a minute, uniform lengths of the means above; every request that arrived is followed to its end. */
export function atRate(rate: number): AtRate {
  const { engine, cost } = PRESETS.find(({ name }) => name === KNEE_PRESET)!;
  const random = randomStream(1, 'knee');
  const requests: SimulatedRequest[] = [];
  for (let at = random.exponential(); at < KNEE_SECONDS * rate; at += random.exponential()) {
    requests.push({
      arrival_us: Math.round((at * 1e6) / rate),
      prompt: 1 + random.below(2 * KNEE_LENGTHS.prompt - 1),
      // From 2 on, so that each has a TPOT.
      output: 2 + random.below(2 * KNEE_LENGTHS.output - 3),
    });
  }
  const { tokens_us, peak_running } = simulate({ engine, cost, requests });
  const seen = tokens_us.map((tokens, k) => {
    const [first, last] = [tokens[0]!, tokens.at(-1)!];
    return {
      ttft: (first - requests[k]!.arrival_us) / 1000,
      tpot: (last - first) / 1000 / (tokens.length - 1),
    };
  });
  const good = seen.filter(({ ttft, tpot }) => ttft <= KNEE_SLO.ttftMs && tpot <= KNEE_SLO.tpotMs).length;
  const inTime = tokens_us.reduce(
    (sum, tokens) => sum + tokens.filter((at) => at <= KNEE_SECONDS * 1e6).length,
    0,
  );
  return {
    rate,
    throughput: inTime / KNEE_SECONDS,
    ttft: percentiles(seen.map(({ ttft }) => ttft)),
    tpot: percentiles(seen.map(({ tpot }) => tpot)),
    attainment: good / seen.length,
    goodput: good / KNEE_SECONDS,
    peakRunning: peak_running,
  };
}

/** Nearest rank. */
function percentiles(values: readonly number[]): { p50: number; p99: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent: number): number => sorted[Math.ceil((percent * sorted.length) / 100) - 1]!;
  return { p50: at(50), p99: at(99) };
}
