/** @module-tag timed */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrivals } from '../../src/plan/arrivals.ts';
import type { Sample } from '../../src/sample.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { startEndpoint, type StartedEndpoint } from '../../src/simulator/index.ts';
import {
  countsIn,
  fano,
  gammaCdf,
  gapsOf,
  ksBound,
  ksDistance,
  lag1,
  mean,
  variance,
  Z,
} from '../statistics.ts';
import { BUSY } from '../busy.ts';
import { linear } from '../simulator/linear.ts';
import { prepare, recorded } from './support.ts';
import { watchMachine } from './witness.ts';

let endpoint: StartedEndpoint;
beforeAll(async () => {
  endpoint = await startEndpoint({ cost: linear({ base: 1000 }) });
});
afterAll(() => endpoint.close());

/**
 * 240 requests: a Fano factor that is off by 1.8, a CV that is off by 0.21 and a distribution that is off by 0.13 are found. Four workers
 * that follow the same random numbers would make the Fano factor 4.
 */
const RATE = 30;
const SECONDS = 8;
const WARMUP_US = 500_000;
/** One worker sends the plan as it is, which the tests of the plan judge (test/plan); several must not change it. */
const WORKERS = 2;
const FLAT: Flags = { rate: `${RATE}/s`, duration: `${SECONDS}s` };
const FLAGS: Flags = {
  warmup: `${WARMUP_US / 1000}ms`,
  'input-tokens': '8',
  'output-tokens': '1',
  'no-probe': true,
  workers: String(WORKERS),
};

/**
 * A request that was sent so much after its instant met a machine that was busy with something else: on a quiet one p99 is
 * below 2 ms, beside two processes at full load p95 is 4 to 8 ms. It counts at its planned instant, since leaving it out
 * would choose among the gaps; how many there may be is bounded, so that what is judged are sends.
 */
const LATE_US = 3000;
const PUNCTUAL_SHARE = 0.5;
const ATTEMPTS = 2;

interface Paced {
  samples: Sample[];
  /** Instants in the window, in seconds from its start: as sent, and as planned for requests that were late. */
  instants: number[];
  /** By how much the gaps between them differ from the plan's. */
  shifts: number[];
}

const lateness = ({ planned_us, sent_us }: Sample): number => sent_us! - planned_us;
const isPunctual = (sample: Sample): boolean => lateness(sample) <= LATE_US;

/** `null` where other work kept every attempt from being punctual, and a timer of our own saw that too. */
async function paced(flags: Flags, text: string | null = null): Promise<Paced | null> {
  const all = { ...FLAGS, ...(text === null ? FLAT : {}), ...flags };
  const file = text === null ? null : { path: 'scenario.yaml', text };
  for (let attempt = 1; ; attempt++) {
    const machine = watchMachine(LATE_US / 1000);
    const { samples } = await recorded(await prepare(endpoint.url, all, file).run.carryOut());
    const stalls = machine.end();
    const measured = samples.filter(({ phase }) => phase === 'measure');
    if (measured.filter(isPunctual).length < PUNCTUAL_SHARE * measured.length) {
      if (attempt < ATTEMPTS) continue;
      if (stalls > 0) return null;
    }
    const lags = measured.map((sample) => (isPunctual(sample) ? lateness(sample) / 1e6 : 0));
    return {
      samples,
      // Two workers may send in the other order what is due within the lag of one.
      instants: measured
        .map(({ planned_us }, k) => (planned_us - WARMUP_US) / 1e6 + lags[k]!)
        .toSorted((a, b) => a - b),
      shifts: gapsOf(lags),
    };
  }
}

const perSecond = (instants: readonly number[]): number[] =>
  countsIn(instants, { from: 0, span: 1, spans: SECONDS });

const cv = (values: readonly number[]): number => Math.sqrt(variance(values)) / mean(values);

it('the bounds distinguish one process from ten shares of it with the same random numbers', () => {
  const load = {
    arrivals: 'poisson' as const,
    burstiness: null,
    rate: RATE / 10,
    stages: null,
    warmup: 0,
    duration: SECONDS * 1000,
    requests: null,
    sessions: null,
  };
  const share = [...arrivals({ seed: 42, load })].map(({ planned_us }) => planned_us / 1e6);
  const divided = Array.from({ length: 10 }, () => share)
    .flat()
    .toSorted((a, b) => a - b);
  expect(fano(perSecond(divided)) - 1).toBeGreaterThan(Z * Math.sqrt(2 / (SECONDS - 1)));
  const gaps = gapsOf(divided);
  expect(cv(gaps) - 1).toBeGreaterThan(Z / Math.sqrt(gaps.length));
  expect(ksDistance(gaps, (x) => -Math.expm1(-RATE * x))).toBeGreaterThan(2 * ksBound(gaps.length));
});

describe.concurrent('the requests that are sent over sockets', () => {
  it('at Poisson arrivals is Poisson', { timeout: 120_000 }, async ({ skip }) => {
    const workers = 4;
    const run = (await paced({ arrivals: 'poisson', workers: String(workers) })) ?? skip(BUSY);
    const { samples, instants, shifts } = run;
    const gaps = gapsOf(instants);
    for (const { i, worker, outcome } of samples) expect([worker, outcome]).toEqual([i % workers, 'ok']);
    for (const sample of samples) expect(lateness(sample)).toBeGreaterThanOrEqual(0);

    // Independent counts: dividing one rate over N workers that follow the same random numbers would make it N.
    expect(Math.abs(fano(perSecond(instants)) - 1)).toBeLessThan(Z * Math.sqrt(2 / (SECONDS - 1)));
    // The CV of n exponentials has standard error 1/√n: [(μ₄/σ⁴ − 1)/4 − μ₃/(σ²μ) + σ²/μ²]/n = (2 − 2 + 1)/n.
    const n = gaps.length;
    expect(Math.abs(cv(gaps) - 1)).toBeLessThan(Z / Math.sqrt(n));
    expect(Math.abs(lag1(gaps))).toBeLessThan(Z / Math.sqrt(n));
    // A gap that is longer or shorter by δ shifts a distribution of density at most λ by at most λ·δ.
    const distance = ksDistance(gaps, (x) => -Math.expm1(-RATE * x));
    expect(distance).toBeLessThan(ksBound(n) + RATE * mean(shifts.map(Math.abs)));
  });

  it.for([4, 0.25])(
    'at gamma arrivals of burstiness %d is such a process',
    { timeout: 120_000, tags: ['study'] },
    async (k, { skip }) => {
      const run = (await paced({ arrivals: 'gamma', burstiness: String(k) })) ?? skip(BUSY);
      const { samples, instants, shifts } = run;
      const gaps = gapsOf(instants);
      const n = gaps.length;
      for (const { i, worker, outcome } of samples) expect([worker, outcome]).toEqual([i % WORKERS, 'ok']);
      // For a gamma the formula above gives (1/2 + 1/(2k))/n of the CV squared; of exponentials (k = 1) it is 1/n again.
      expect(Math.abs(cv(gaps) * Math.sqrt(k) - 1)).toBeLessThan(Z * Math.sqrt((0.5 + 0.5 / k) / n));
      expect(Math.abs(lag1(gaps))).toBeLessThan(Z / Math.sqrt(n));
      // Cox 1962, 4.5, as in the tests of the plan.
      const wanted = 1 / k + (1 - 1 / k ** 2) / 6 / RATE;
      expect(Math.abs(fano(perSecond(instants)) / wanted - 1)).toBeLessThan(Z * Math.sqrt(2 / (SECONDS - 1)));
      // Its density is below λ for k = 4 (0.9·λ at its mode); that of k < 1 has no bound, and no such test is of use.
      if (k >= 1) {
        const distance = ksDistance(gaps, (x) => gammaCdf(k, k * RATE * x));
        expect(distance).toBeLessThan(ksBound(n) + RATE * mean(shifts.map(Math.abs)));
      }
    },
  );

  it(
    'in a ramp is Poisson once time is counted in expected requests',
    { timeout: 120_000, tags: ['study'] },
    async ({ skip }) => {
      const [low, high] = [12, 48];
      const slope = (high - low) / SECONDS;
      const file = `load:\n  stages: [{ from: ${low}/s, to: ${high}/s, for: ${SECONDS}s }]\n`;
      const { samples, instants, shifts } = (await paced({}, file)) ?? skip(BUSY);
      for (const { i, worker, outcome } of samples) expect([worker, outcome]).toEqual([i % WORKERS, 'ok']);
      const rescaled = instants.map((t) => low * t + (slope * t * t) / 2);
      const gaps = gapsOf(rescaled);
      const n = gaps.length;
      expect(Math.abs(cv(gaps) - 1)).toBeLessThan(Z / Math.sqrt(n));
      expect(Math.abs(lag1(gaps))).toBeLessThan(Z / Math.sqrt(n));
      const distance = ksDistance(gaps, (x) => -Math.expm1(-x));
      expect(distance).toBeLessThan(ksBound(n) + high * mean(shifts.map(Math.abs)));
      // As many expected requests a span as without a ramp.
      const counts = countsIn(rescaled, { from: 0, span: RATE, spans: SECONDS });
      expect(Math.abs(fano(counts) - 1)).toBeLessThan(Z * Math.sqrt(2 / (SECONDS - 1)));
      // A constant rate would not pass.
      const seconds = perSecond(instants);
      expect(mean(seconds.slice(-3))).toBeGreaterThan(1.5 * mean(seconds.slice(0, 3)));
    },
  );

  it('at constant arrivals is constant', { timeout: 120_000 }, async ({ skip }) => {
    const run = (await paced({ arrivals: 'constant' })) ?? skip(BUSY);
    const { samples, instants } = run;
    const gaps = gapsOf(instants);
    for (const { i, worker, outcome } of samples) expect([worker, outcome]).toEqual([i % WORKERS, 'ok']);
    expect(instants).toHaveLength(RATE * SECONDS);
    // Punctual to 3 ms, gaps of 33 ms differ by at most that: a process with CV 1 under this name would show.
    expect(cv(gaps)).toBeLessThan((LATE_US / 1e6) * RATE);
    expect(mean(gaps) * RATE).toBeCloseTo(1, 2);
    expect(fano(perSecond(instants))).toBeLessThan(0.02);
  });
});
