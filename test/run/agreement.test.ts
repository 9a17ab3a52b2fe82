/**
 * @module-tag timed
 * @module-tag study
 */
import { expect, it } from 'vitest';
import { arrivals } from '../../src/plan/arrivals.ts';
import { randomStream } from '../../src/random.ts';
import { eventInstants, type Sample } from '../../src/sample.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import type { CostModel } from '../../src/simulator/engine/cost.ts';
import { engineOf } from '../../src/simulate/engine-settings.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { simulate } from '../../src/simulator/engine/simulation.ts';
import { openWorkload } from '../../src/workload/workload.ts';
import { BUSY } from '../busy.ts';
import { mean } from '../statistics.ts';
import { embedded } from './embedded.ts';

/**
 * `goodput simulate` and the HTTP face at one scenario. Over sockets a request enters the engine some hundred microseconds
 * after its instant, and may so miss a step; an event is read as much after it was computed. What that can do to a figure is
 * found out by the engine itself: with latenesses drawn from those that were measured, again and again. By twice the most
 * that they ever did the two may differ. That everything else is the same, test/run/truth.test.ts shows to the microsecond.
 */
const FLAGS: Flags = {
  preset: 'llama-3.1-8b-a100-80',
  rate: '20/s',
  warmup: '0s',
  duration: '10s',
  drain: '20s',
  'input-tokens': 'uniform:50-1500',
  'output-tokens': 'uniform:8-40',
  'no-probe': true,
};
const DRAWS = 40;
const ATTEMPTS = 3;

interface Request {
  planned_us: number;
  instants: ArrayLike<number>;
}

/** Values of all requests, in ms. */
function figures(requests: readonly Request[]): Record<string, number> {
  const of = (pick: (request: Request) => number): number[] =>
    requests.map((request) => pick(request) / 1000).toSorted((a, b) => a - b);
  const last = ({ instants }: Request): number => instants[instants.length - 1]!;
  const distributions = {
    ttft: of(({ planned_us, instants }) => instants[0]! - planned_us),
    tpot: of((request) => (last(request) - request.instants[0]!) / (request.instants.length - 1)),
    e2e: of((request) => last(request) - request.planned_us),
  };
  return Object.fromEntries(
    Object.entries(distributions).flatMap(([name, sorted]) => [
      [`${name} mean`, mean(sorted)],
      [`${name} p50`, sorted[Math.ceil(sorted.length * 0.5) - 1]!],
      [`${name} p90`, sorted[Math.ceil(sorted.length * 0.9) - 1]!],
    ]),
  );
}

const ofSamples = (samples: readonly Sample[]): Record<string, number> =>
  figures(samples.map((sample) => ({ planned_us: sample.planned_us, instants: eventInstants(sample) })));

/** The plan with every arrival that much later, and every event seen that much after its token. */
function late(scenario: Scenario, cost: CostModel, arrival: () => number, event: () => number) {
  const workload = openWorkload(scenario);
  const planned = [...arrivals(scenario)].map(({ i, planned_us }) => ({
    planned_us,
    size: workload.session(i).turns[0]!,
  }));
  const { tokens_us } = simulate({
    engine: engineOf(scenario.simulator).engine,
    cost,
    requests: planned.map(({ planned_us, size }) => ({
      arrival_us: planned_us + arrival(),
      prompt: size.input!,
      output: size.output,
    })),
  });
  return figures(
    planned.map(({ planned_us }, k) => ({
      planned_us,
      instants: tokens_us[k]!.map((token_us) => token_us + event()),
    })),
  );
}

it(
  'the distributions agree within what the lateness of sockets explains',
  { timeout: 240_000 },
  async ({ skip }) => {
    for (let attempt = 1; ; attempt++) {
      const { scenario, samples, log } = await embedded(FLAGS);
      const virtual = simulateRun(scenario).samples;
      // The same requests, token for token.
      const sizes = (all: readonly Sample[]) =>
        new Map(all.map(({ i, input_tokens, output_tokens }) => [i, [input_tokens, output_tokens]]));
      expect(sizes(samples)).toEqual(sizes(virtual));
      expect(samples.every(({ outcome }) => outcome === 'ok')).toBe(true);

      const simulated = ofSamples(virtual);
      const measured = ofSamples(samples);
      const arrivalLate: number[] = [];
      const eventLate: number[] = [];
      for (const sample of samples) {
        const truth = log.requests.get(sample.headers['x-request-id']!)!;
        arrivalLate.push(truth.entered_us! - sample.planned_us);
        eventInstants(sample).forEach((at, k) => eventLate.push(at - truth.computed_us[k]!));
      }
      const random = randomStream(attempt, 'agreement');
      const drawn = (from: readonly number[]) => () => from[random.below(from.length)]!;
      const { cost } = engineOf(scenario.simulator);
      const draws = Array.from({ length: DRAWS }, () =>
        late(scenario, cost, drawn(arrivalLate), drawn(eventLate)),
      );
      const tolerance = (name: string): number =>
        2 * Math.max(...draws.map((draw) => Math.abs(draw[name]! - simulated[name]!)));
      const apart = Object.keys(measured).filter(
        (name) => Math.abs(measured[name]! - simulated[name]!) > tolerance(name),
      );
      // It would have shown if the endpoint were a twentieth slower than the engine that is simulated.
      const none = (): number => 0;
      const slower = late(scenario, { ...cost, mfu: 0.57, mbu: 0.665 } as CostModel, none, none);
      const shows = ['tpot mean', 'e2e mean'].every(
        (name) => Math.abs(slower[name]! - measured[name]!) > tolerance(name),
      );
      if (apart.length === 0 && shows) return;
      if (attempt < ATTEMPTS) continue;
      // Latenesses that come in long stalls are more than draws one by one tell of.
      expect(apart).toEqual([]);
      skip(BUSY);
    }
  },
);
